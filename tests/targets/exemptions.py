"""Objects that are finalized and alive because the interpreter means it so."""
import asyncio
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


@scenario
def garbage_beside_a_resurrection():
    """3.8 frees nothing of a collection in which something came back (bpo-38379): garbage whose
    finalizer has run stays until the next one. Later versions free it."""

    class Back:
        def __del__(self):
            kept.append(self)

    class Harmless:
        def __del__(self):
            pass

    for make in (Back, Harmless, Harmless):
        one = make()
        one.me = one
    del one
    gc.collect()
    name = f"__main__.{Back.__qualname__}"
    left = {f"__main__.{Harmless.__qualname__}": 2} if sys.version_info < (3, 9) else {}
    return Expected({name: 1}, exempt=left)


@scenario
def garbage_in_a_free_list():
    """The same with dicts out of a free list, which still has their addresses."""
    spare = [{None: None} for _ in range(60)]
    spare.clear()
    expected = garbage_beside_a_resurrection()
    kept.append([{None: None} for _ in range(60)])
    return expected


@scenario
def running_child():
    """subprocess keeps the Popen of a child that still runs."""
    program = "import sys; sys.stdin.read()"
    subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
    return Expected(exempt={"subprocess.Popen": 1})


if __name__ == "__main__":
    main(SCENARIOS)
