"""Objects that are finalized and alive because the interpreter means it so."""
import asyncio
import collections
import ctypes
import functools
import gc
import subprocess
import sys

from truth import Expected, main, registry

SCENARIOS, scenario = registry()
kept = []


@scenario
def closing_async_generator():
    """An abandoned asynchronous generator lives while its loop closes it."""
    expected = Expected(exempt={"async_generator": 1})

    async def numbers():
        try:
            yield 1
        finally:
            await asyncio.sleep(3600)

    async def run():
        iterator = numbers()
        await iterator.__anext__()
        del iterator
        await asyncio.sleep(0.1)
        expected.confirm()
        expected.say()
        await asyncio.sleep(3600)

    asyncio.run(run())


@scenario
def generator():
    """A generator whose `finally` keeps it."""

    def make():
        def numbers():
            try:
                yield 1
            finally:
                kept.append(cell[0])

        iterator = numbers()
        cell = [iterator]
        next(iterator)

    make()
    gc.collect()
    return Expected(exempt={"generator": 1})


class Back:
    def __del__(self):
        kept.append(self)


class Harmless:
    def __del__(self):
        pass


def left_behind(furnish):
    """3.8 frees nothing of a collection in which something came back (bpo-38379): garbage whose
    finalizer has run stays until the next one. Later versions free it."""
    gc.collect()
    gc.disable()
    for make in (Back, Harmless, Harmless):
        one = make()
        one.me = one
        furnish(one)
    del one
    gc.collect()
    left = {"__main__.Harmless": 2} if sys.version_info < (3, 9) else {}
    return Expected({"__main__.Back": 1}, exempt=left)


@scenario
def garbage_beside_a_resurrection():
    return left_behind(lambda one: None)


@scenario
def garbage_in_a_free_list():
    """The same with dicts out of a free list, which still has their addresses."""
    spare = [{None: None} for _ in range(60)]
    spare.clear()
    expected = left_behind(lambda one: None)
    kept.append([{None: None} for _ in range(60)])
    return expected


@scenario
def garbage_of_many_kinds():
    """What attributes refer to is held by the dict of the instance, once."""

    def furnish(one):
        one.attributes = [
            frozenset([one]),
            collections.deque([one] * 70),
            functools.partial(print, one),
            functools.lru_cache(None)(lambda: one),
            property(lambda _: one),
            ctypes.py_object(one),
            ValueError(one),
        ]
        for number, value in enumerate(one.attributes):
            setattr(one, f"attribute_{number}", value)
        one.slice, one.method, one.own = slice(one, one), one.__del__, collections.UserList([one])

    return left_behind(furnish)


@scenario
def garbage_with_its_class():
    """The cache of attributes of types borrows what it keeps."""

    def furnish(one):
        one.made = type("Made", (), {"attribute": one})
        for _ in range(3):
            assert one.made.attribute is one.made().attribute is one

    return left_behind(furnish)


@scenario
def running_child():
    """subprocess keeps the Popen of a child that still runs."""
    program = "import sys; sys.stdin.read()"
    subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
    return Expected(exempt={"subprocess.Popen": 1})


if __name__ == "__main__":
    main(SCENARIOS)
