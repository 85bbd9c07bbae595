"""Contexts of contextvars with few, many and colliding variables, and broken ones.

Prints READY and a list of [request, expected answer] for tests/unit/read_asyncio.c.
"""
import contextvars
import ctypes
import gc
import json
import os
import threading
import time
import traceback

VARIABLES_AT_MOST = 400000
claims = []
kept = []


def claim(context):
    held = [[id(variable), id(value), variable.name] for variable, value in context.items()]
    claims.append([f"context {id(context)}", {"variables": held, "known": True}])
    kept.append((context, list(context.items())))


def with_variables(count):
    """A context in which `count` variables are set."""

    def fill():
        for number in range(count):
            variable = contextvars.ContextVar(f"variable {number}")
            kept.append(variable)
            variable.set(object())
        return contextvars.copy_context()

    return contextvars.Context().run(fill)


def folded(number):
    """The 32 bits of a hash that the tree uses (Python/hamt.c: hamt_hash)."""
    high, low = (hash(number) >> 32) & 0xFFFFFFFF, hash(number) & 0xFFFFFFFF
    return high ^ low


def colliding():
    """Variables of equal hashes in the tree, among many others."""
    seen, groups = {}, []
    for number in range(VARIABLES_AT_MOST):
        variable = contextvars.ContextVar(f"colliding {number}")
        other = seen.setdefault(folded(variable), variable)
        if other is not variable:
            groups.append((other, variable))
        if len(groups) == 3:
            return groups
    raise RuntimeError("no two hashes are equal")


def with_collisions():
    pairs = colliding()

    def fill(more):
        for pair in pairs:
            for variable in pair:
                variable.set(object())
        for number in range(more):
            contextvars.ContextVar(f"beside {number}").set(object())
        return contextvars.copy_context()

    return [contextvars.Context().run(fill, more) for more in (0, 100)]


def word(address):
    return ctypes.c_uint64.from_address(address)


def broken():
    """Contexts that no interpreter makes; places as in struct _pycontextobject and hamt.c."""
    gc.disable()  # it would walk them

    def parts(count=3):
        context = with_variables(count)
        kept.append(context)
        tree = word(id(context) + 24).value
        root = word(tree + 16).value
        flat = count > 32 or word(root + 16).value == 2 * count  # no two in a node below
        return (context, tree, root) if flat else parts(count)

    def break_one(part, place, value):
        of = dict(zip(("context", "tree", "root"), parts()))
        where = id(of["context"]) if part == "context" else of[part]
        word(where + place).value = of[value] if value in of else value
        claims.append([f"context {id(of['context'])}", {"known": False}])

    for tree in (0, 1, 8, id({}), 2**64 - 8):
        break_one("context", 24, tree)
    for count in (0, 2, 4, 2**40, 2**63):
        break_one("tree", 32, count)
    for root in (0, 12, 4096, id("str"), "tree", 2**63):
        break_one("tree", 16, root)
    for items in (0, 1, 3, 2**20, 2**60, 2**63):
        break_one("root", 16, items)
    for variable in (0, 3, id("str"), "root"):
        break_one("root", 32, variable)
    for value in (0, 5):
        break_one("root", 40, value)
    context, _, root = parts()
    word(root + 32).value, word(root + 40).value = 0, root  # inside of itself
    claims.append([f"context {id(context)}", {"known": False}])
    context, _, root = parts(100)
    for child in range(32):
        word(root + 16 + 8 * child).value = root
    claims.append([f"context {id(context)}", {"known": False}])


def in_thread(run):
    there = threading.Event()
    thread = threading.Thread(target=run, args=(there,), daemon=True)
    thread.start()
    there.wait()
    return thread


def thread_contexts():
    inside, plain = with_variables(3), with_variables(0)

    def wait(there):
        there.set()
        threading.Event().wait()

    expected = {}
    for context in (inside, plain):
        thread = in_thread(lambda there: context.run(wait, there))
        expected[str(thread.ident)] = id(context)
    thread = in_thread(wait)
    own = getattr(thread, "_context", None)  # 3.14+: every Thread runs in one
    expected[str(thread.ident)] = id(own) if own is not None else 0
    claims.append(["thread_contexts 0", dict(expected, known=True)])


def main():
    for count in (0, 1, 2, 16, 17, 31, 32, 33, 34, 100, 1000, 5000):
        claim(with_variables(count))
    for context in with_collisions():
        claim(context)
    contextvars.Context().run(thread_contexts)
    for other in (object(), {}, contextvars.ContextVar("alone"), contextvars.Context):
        kept.append(other)
        claims.append([f"context {id(other)}", {"known": False}])
    claims.append(["context 0", {"variables": [], "known": True}])
    broken()
    print("READY", json.dumps(claims), flush=True)
    while True:
        time.sleep(3600)


try:
    main()
except BaseException:
    traceback.print_exc()
    os._exit(1)
