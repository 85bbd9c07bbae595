"""A program with a few objects of every kind that steth has a view of."""
import _queue
import _thread
import asyncio
import concurrent.futures
import functools
import gc
import mmap
import socket
import sys
import threading
import time
import weakref
from collections import deque

kept = []


class Zombie:
    def __init__(self, *belongings):
        self.belongings = belongings

    def __del__(self):
        kept.append(self)


class Slots:
    __slots__ = ("left", "right", "__weakref__")


class Many(dict):
    kind = "many"


def wrapped(function):
    @functools.wraps(function)
    def call(*arguments):
        return function(*arguments)

    return call


class Decorated(Zombie):
    __del__ = wrapped(Zombie.__del__)


def generate(first):
    second = [first]
    yield second


@functools.lru_cache(maxsize=4)
def cached(number):
    return [number]


async def wait():
    return [1]


async def hold(first, second):
    async with first:
        await asyncio.sleep(0)
        async with second:
            pass


async def start_tasks(lock):
    """Tasks in most kinds of wait, on a loop that then stands still."""
    loop = asyncio.get_running_loop()
    one, two, queue = asyncio.Lock(), asyncio.Lock(), asyncio.Queue()
    pool = concurrent.futures.ThreadPoolExecutor(1)
    future = loop.create_future()
    calls = [loop.run_in_executor(pool, lock.acquire) for _ in range(2)]
    waits = [hold(one, two), hold(two, one), queue.get(), asyncio.sleep(3600), asyncio.shield(future)]
    tasks = [loop.create_task(asyncio.wait_for(one, 3600)) for one in waits]
    tasks.append(asyncio.gather(*calls, *tasks))
    asyncio.run_coroutine_threadsafe(wait(), loop)
    for _ in range(5):
        await asyncio.sleep(0.01)
    return tasks


def fill():
    lock = _thread.allocate_lock()
    lock.acquire()
    ends = socket.socketpair()
    Zombie(open(__file__), lock, mmap.mmap(-1, 4096), *ends)
    Decorated({1: "one", (2, 3): [2, 3], "three": {3}})
    cycle = Zombie()
    cycle.me = {"cycle": cycle}
    del cycle
    gc.collect()
    slots = Slots()
    slots.left, slots.right = frozenset((1, 2)), -(1 << 40)
    started = generate(slots)
    next(started)
    many = Many(one=1)
    many.extra = deque(range(100), 70)
    cached(1)
    queue = _queue.SimpleQueue()
    queue.put([1])
    loop = asyncio.new_event_loop()
    return {
        "tasks": loop.run_until_complete(start_tasks(lock)),
        "loop": loop,
        "frame": sys._getframe(),
        "deque": many.extra,
        "cached": cached,
        "slots": slots,
        "weak": weakref.ref(slots, print),
        "generators": [generate(1), started],
        "coroutine": wait(),
        "many": many,
        "method": many.update,
        "bound": kept[0].__init__,
        "partial": functools.partial(fill, 1),
        "text": ["a", "\xe9" * 40, "\u20ac", "\U0001f40d", ""],
        "bytes": b"abc",
        "queue": queue,
        "thread": threading.current_thread(),
    }


def stay(things):
    seen = set(things)
    print("READY", flush=True)
    with threading.Condition():
        while seen:
            time.sleep(1000)


things = fill()
stay(things)
