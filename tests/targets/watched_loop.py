"""An event loop to be watched, in one of several states; `READY` once it is in it.

    watched_loop.py slow      80 ms of every 200 ms in slow_lookup(), quick callbacks beside it,
                              and a pool with one call that does not end
    watched_loop.py growing   gets twice the callbacks that it can run
    watched_loop.py idle      waits
    watched_loop.py selector  waits, in a selector of the program's own
    watched_loop.py own       waits, in a loop that turns in code of the program's own
    watched_loop.py uvloop    as slow, on uvloop
"""
import asyncio
import concurrent.futures
import selectors
import sys
import threading
import time

SLEEP, PERIOD = 0.08, 0.2


def slow_lookup():
    time.sleep(SLEEP)


def quick():
    sum(range(50))


async def tick_slowly():
    due = time.monotonic()
    while True:
        due += PERIOD
        slow_lookup()
        await asyncio.sleep(max(0, due - time.monotonic()))


async def tick_quickly():
    while True:
        quick()
        await asyncio.sleep(0.005)


def long_call(event):
    event.wait()


async def slow():
    loop = asyncio.get_running_loop()
    pool = concurrent.futures.ThreadPoolExecutor(2)
    ticks = [tick_slowly(), *(tick_quickly() for _ in range(3))]
    tasks = [asyncio.ensure_future(one) for one in ticks]
    tasks.append(loop.run_in_executor(pool, long_call, threading.Event()))
    print("READY", flush=True)
    while tasks:
        await loop.run_in_executor(pool, time.sleep, 0.01)
        await asyncio.sleep(0.03)


def handle_order():
    time.sleep(0.002)


def feed(loop):
    while True:
        for _ in range(10):
            loop.call_soon_threadsafe(handle_order)
        time.sleep(0.01)


async def growing():
    threading.Thread(target=feed, args=[asyncio.get_running_loop()], daemon=True).start()
    print("READY", flush=True)
    await asyncio.sleep(3600)


async def idle():
    print("READY", flush=True)
    await asyncio.sleep(3600)


class TimedSelector(selectors.EpollSelector):
    def select(self, timeout=None):
        begin = time.monotonic()
        ready = super().select(timeout)
        self.waited = time.monotonic() - begin
        return ready


class OwnLoop(asyncio.SelectorEventLoop):
    def _run_once(self):
        self._process_events(self._selector.select(0 if self._ready else 1))
        for _ in range(len(self._ready)):
            handle = self._ready.popleft()
            if not handle.cancelled():
                handle._run()


if sys.argv[1] == "own":
    OwnLoop().run_until_complete(idle())
if sys.argv[1] == "selector":
    asyncio.SelectorEventLoop(TimedSelector()).run_until_complete(idle())
if sys.argv[1] == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run({"growing": growing, "idle": idle}.get(sys.argv[1], slow)())
