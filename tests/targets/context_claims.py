"""Contexts of contextvars with few, many and colliding variables, and what they hold.

Prints READY and a list of [request, expected answer] for tests/unit/read_asyncio.c.
"""
import contextvars
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
    print("READY", json.dumps(claims), flush=True)
    while True:
        time.sleep(3600)


try:
    main()
except BaseException:
    traceback.print_exc()
    os._exit(1)
