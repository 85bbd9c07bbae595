"""Gets into a state of waiting in which who moves it is not stated by any object, says READY and
stays there.

    indirect_waits.py NAME    each function whose name is a state's; see tests/live/test_indirect_waits.py
"""

import asyncio
import concurrent.futures
import multiprocessing.pool
import queue
import sys
import threading
import time


def ready(after=0.4):
    """From another thread, which then ends: nothing of it is left to be waited for."""

    def say():
        time.sleep(after)
        print("READY", flush=True)

    threading.Thread(target=say, daemon=True).start()


def run_all(*functions):
    threads = [threading.Thread(target=one, daemon=True) for one in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ---- locks inside of objects of the program's own ------------------------------------------------


class Guard:
    def __init__(self):
        self._lock = threading.Lock()

    def acquire(self):
        self._lock.acquire()

    def release(self):
        self._lock.release()

    def __enter__(self):
        self.acquire()
        return self

    def __exit__(self, *exception):
        self.release()


class Reentered(Guard):
    def __enter__(self):
        return super().__enter__()


class Session:
    """Its lock is that of another object, and it has no dict."""

    __slots__ = ("owner",)

    def __init__(self, owner):
        self.owner = owner

    def __enter__(self):
        self.owner._lock.acquire()

    def __exit__(self, *exception):
        self.owner._lock.release()


class AsyncGuard:
    def __init__(self):
        self._lock = asyncio.Lock()

    async def __aenter__(self):
        await self._lock.acquire()

    async def __aexit__(self, *exception):
        self._lock.release()


class Counter:
    """Its lock guards its state; inside of the block it is not held."""

    def __init__(self):
        self._lock = threading.Lock()
        self.users = 0

    def __enter__(self):
        self._lock.acquire()
        try:
            self.users += 1
        finally:
            self._lock.release()

    def __exit__(self, *exception):
        with self._lock:
            self.users -= 1


def in_two_orders(first, second):
    both = threading.Barrier(2)

    def take(outer, inner):
        with outer():
            both.wait()
            with inner():
                pass

    run_all(lambda: take(first, second), lambda: take(second, first))


def guards():
    a, b = Guard(), Reentered()
    in_two_orders(lambda: a, lambda: b)


def sessions():
    a, b = Guard(), Guard()
    in_two_orders(lambda: Session(a), lambda: Session(b))


async def async_guards():
    a, b = AsyncGuard(), AsyncGuard()

    async def take(first, second):
        async with first:
            await asyncio.sleep(0.05)
            async with second:
                pass

    await asyncio.gather(take(a, b), take(b, a))


async def guard_across_an_await():
    guard = Guard()

    async def suspended():
        with guard:
            await asyncio.sleep(3600)

    await suspended()


def users_of_a_counter():
    """Somebody keeps its lock for long; the users that wait for it do not hold it."""
    counter = Counter()

    def use():
        with counter:
            time.sleep(0.1)
            with counter:
                pass

    def keep():
        time.sleep(0.05)
        counter._lock.acquire()
        time.sleep(3600)

    run_all(use, use, keep)


class Table:
    def __init__(self):
        self.lock = threading.Lock()
        self.rows = [1, 2, 3]

    def __iter__(self):
        with self.lock:
            yield from self.rows

    def add(self, row):
        with self.lock:
            self.rows.append(row)


def adds_while_it_iterates():
    table = Table()
    for row in table:
        table.add(row)


def generator_that_goes_on():
    """It holds the lock; another thread is going to take its other rows."""
    table = Table()
    rows = iter(table)
    next(rows)

    def finish():
        time.sleep(3600)
        list(rows)

    threading.Thread(target=finish, daemon=True).start()
    table.add(4)


# ---- queues between threads ----------------------------------------------------------------------


class Stage:
    def __init__(self):
        self.inbox = queue.Queue(2)
        self.peer = None

    def send(self, item):
        self.peer.inbox.put(item)

    def receive(self):
        return self.inbox.get()

    def work(self):
        while True:
            for item in range(5):
                self.send(item)
            for _ in range(5):
                self.receive()


def stages():
    a, b = Stage(), Stage()
    a.peer, b.peer = b, a
    run_all(a.work, b.work)


def queues_given_to_threads():
    a, b = queue.Queue(1), queue.Queue(1)

    def pump(source, sink):
        while True:
            sink.put(1)
            sink.put(2)
            source.get()

    threads = [threading.Thread(target=pump, args=one, daemon=True) for one in ((a, b), (b, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def gets_with_a_lock():
    items, lock = queue.Queue(), threading.Lock()
    taken = threading.Event()

    def take():
        with lock:
            taken.set()
            items.get()

    def give():
        taken.wait()
        with lock:
            items.put(1)

    run_all(take, give)


def forgotten_task_done():
    work = queue.Queue()

    def take():
        while True:
            if work.get() != 3:
                work.task_done()

    for item in range(6):
        work.put(item)
    threading.Thread(target=take, daemon=True).start()
    work.join()


def idle_ring():
    """Both wait for somebody to bring the first item."""
    a, b = queue.Queue(1), queue.Queue(1)

    def pump(source, sink):
        while True:
            sink.put(source.get())

    run_all(lambda: pump(a, b), lambda: pump(b, a))


def slow_end():
    """All queues are full, and the last one will be emptied."""
    a, b = queue.Queue(1), queue.Queue(1)

    def produce():
        while True:
            a.put(1)

    def pump():
        while True:
            b.put(a.get())

    def consume():
        time.sleep(3600)
        while True:
            b.get()

    run_all(produce, pump, consume)


# ---- pools ---------------------------------------------------------------------------------------


def wait_for_several(workers):
    pool = concurrent.futures.ThreadPoolExecutor(workers)

    def outer():
        concurrent.futures.wait([pool.submit(time.sleep, 3600), pool.submit(time.sleep, 3600)])

    pool.submit(outer).result()


def waits_for_several_behind_itself():
    wait_for_several(1)


def waits_for_several_that_run():
    wait_for_several(3)


def threads_in_a_pool_in_itself():
    pool = multiprocessing.pool.ThreadPool(2)
    both = threading.Barrier(2)

    def outer(_number):
        both.wait()
        return pool.map(abs, range(10))

    pool.map(outer, range(2))


def pool_with_room():
    pool = multiprocessing.pool.ThreadPool(2)
    pool.apply(lambda: pool.apply(time.sleep, (3600,)))


# ---- loops inside of themselves, scopes with a deadline ------------------------------------------


async def inner_run_waits_for_the_outer():
    import nest_asyncio

    nest_asyncio.apply()
    loop = asyncio.get_event_loop()
    future = loop.create_future()

    async def inner():
        await future

    loop.run_until_complete(inner())
    future.set_result(None)


async def inner_run_takes_the_lock_of_the_outer():
    import nest_asyncio

    nest_asyncio.apply()
    lock = asyncio.Lock()

    async def inner():
        async with lock:
            pass

    async with lock:
        asyncio.get_event_loop().run_until_complete(inner())


class CancelScope:
    """As that of anyio: its timer reaches the tasks of scopes inside of it."""

    __module__ = "anyio._backends._asyncio"
    __slots__ = ("_tasks", "_child_scopes", "_shield", "_timeout_handle")

    def __init__(self, tasks=(), scopes=(), shield=False):
        self._tasks = set(tasks)
        self._child_scopes = set(scopes)
        self._shield = shield
        self._timeout_handle = asyncio.get_event_loop().call_later(3600, self._timeout)

    def _timeout(self):
        for task in self._tasks:
            task.cancel()


async def two_takers():
    a, b = asyncio.Lock(), asyncio.Lock()

    async def take(first, second):
        async with first:
            await asyncio.sleep(0.05)
            async with second:
                pass

    return [asyncio.ensure_future(take(a, b)), asyncio.ensure_future(take(b, a))]


async def cancelled_by_a_scope():
    tasks = await two_takers()
    inner = CancelScope(tasks)
    inner._timeout_handle.cancel()
    scope = CancelScope(scopes=[inner])
    await asyncio.wait(tasks)
    return scope


async def shielded_from_a_scope():
    tasks = await two_takers()
    inner = CancelScope(tasks, shield=True)
    inner._timeout_handle.cancel()
    scope = CancelScope(scopes=[inner])
    await asyncio.wait(tasks)
    return scope


def main():
    state = globals()[sys.argv[1]]
    ready()
    if asyncio.iscoroutinefunction(state):
        asyncio.run(state())
    else:
        state()


if __name__ == "__main__":
    main()
