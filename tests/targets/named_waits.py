"""Gets into a state of waiting in which only code tells who would end it, says READY and stays there.

    named_waits.py NAME       each function whose name is a state's; see tests/live/test_named_waits.py
"""

import asyncio
import concurrent.futures
import pathlib
import queue
import sys
import tempfile
import threading
import time


def ready(after=0.4):
    """From another thread, which then ends: nothing of it is left to be waited for. Until then it
    could do anything, and says which one it is."""

    def say():
        time.sleep(after)
        print("READY", threading.get_native_id(), flush=True)

    threading.Thread(target=say, daemon=True).start()


def run_all(*functions):
    threads = [threading.Thread(target=one, daemon=True) for one in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ---- locks that are given back in a finally block -------------------------------------------------


class Account:
    def __init__(self, make=threading.Lock):
        self.lock = make()


def in_two_orders(take):
    a, b, both = Account(), Account(), threading.Barrier(2)
    run_all(lambda: take(a, b, both), lambda: take(b, a, both))


def attributes_in_finally():
    def take(first, second, both):
        first.lock.acquire()
        try:
            both.wait()
            second.lock.acquire()
            second.lock.release()
        finally:
            first.lock.release()

    in_two_orders(take)


def variables_in_finally():
    def take(first, second, both):
        outer, inner = first.lock, second.lock
        outer.acquire()
        try:
            both.wait()
            inner.acquire()
            try:
                pass
            finally:
                inner.release()
        finally:
            outer.release()

    in_two_orders(take)


global_lock = threading.Lock()


def variable_in_a_cell_and_a_global():
    local_lock, both = threading.Lock(), threading.Barrier(2)

    def one():
        local_lock.acquire()
        try:
            both.wait()
            with global_lock:
                pass
        finally:
            local_lock.release()

    def two():
        global_lock.acquire()
        try:
            both.wait()
            with local_lock:
                pass
        finally:
            global_lock.release()

    run_all(one, two)


async def finally_across_an_await():
    lock = threading.Lock()

    async def hold():
        lock.acquire()
        try:
            await asyncio.sleep(0.1)
        finally:
            lock.release()

    async def take():
        await asyncio.sleep(0.05)
        lock.acquire()

    await asyncio.gather(hold(), take())


async def tasks_with_finally():
    a, b = Account(asyncio.Lock), Account(asyncio.Lock)

    async def take(first, second):
        await first.lock.acquire()
        try:
            await asyncio.sleep(0.05)
            await second.lock.acquire()
        finally:
            first.lock.release()

    await asyncio.gather(take(a, b), take(b, a))


async def task_twice_with_finally():
    account = Account(asyncio.Lock)

    async def inner():
        await account.lock.acquire()
        try:
            pass
        finally:
            account.lock.release()

    async def outer():
        await account.lock.acquire()
        try:
            await inner()
        finally:
            account.lock.release()

    await asyncio.gather(outer())


def waits_inside_of_try():
    """None of those who will release the lock has it yet."""
    lock = threading.Lock()

    def take():
        try:
            lock.acquire()
        finally:
            lock.release()

    lock.acquire()
    run_all(take, take)


async def guarded_by_a_lock():
    """Nobody ever waits for it."""
    lock = threading.Lock()

    async def refresh():
        if lock.acquire(blocking=False):
            try:
                await asyncio.sleep(3600)
            finally:
                lock.release()

    await asyncio.gather(refresh(), refresh())


async def lock_taken_in_an_executor():
    lock = threading.Lock()

    async def use():
        await asyncio.get_event_loop().run_in_executor(None, lock.acquire)
        try:
            await asyncio.sleep(3600)
        finally:
            lock.release()

    await asyncio.gather(use(), use())


async def wait_without_it(lock):
    with lock:
        lock.release()
        try:
            await asyncio.sleep(3600)
        finally:
            lock.acquire()


async def lock_given_back_for_a_while():
    await asyncio.gather(wait_without_it(threading.Lock()))


async def lock_lent_to_a_thread():
    lock = threading.Lock()

    def keep():
        time.sleep(0.1)
        with lock:
            time.sleep(3600)

    for _ in range(2):
        threading.Thread(target=keep, daemon=True).start()
    await asyncio.gather(wait_without_it(lock))


# ---- events, conditions and barriers between threads ----------------------------------------------


def events_of_each_other():
    a, b = threading.Event(), threading.Event()

    def one():
        a.wait()
        b.set()

    def two():
        b.wait()
        a.set()

    run_all(one, two)


def notifies_with_the_lock_of_who_waits():
    lock, condition = threading.Lock(), threading.Condition()
    begun = threading.Event()

    def wait():
        with lock, condition:
            begun.set()
            condition.wait()

    def notify():
        begun.wait()
        with lock, condition:
            condition.notify()

    run_all(wait, notify)


async def event_of_a_thread():
    go, done = threading.Event(), threading.Event()

    def work():
        go.wait()
        done.set()

    threading.Thread(target=work, daemon=True).start()
    await asyncio.sleep(0.05)
    done.wait()
    go.set()


async def event_of_a_task():
    event = threading.Event()

    async def give():
        await asyncio.sleep(0.05)
        event.set()

    async def take():
        event.wait()

    await asyncio.gather(give(), take())


async def barrier_of_tasks():
    barrier = threading.Barrier(2)

    async def meet():
        await asyncio.sleep(0.05)
        barrier.wait()

    await asyncio.gather(meet(), meet())


async def simple_queue_of_a_task():
    items = queue.SimpleQueue()

    async def give():
        await asyncio.sleep(0.05)
        items.put(1)

    async def take():
        items.get()

    await asyncio.gather(give(), take())


def event_that_a_thread_sets_later():
    a, b = threading.Event(), threading.Event()

    def one():
        a.wait()
        b.set()

    def two():
        b.wait()
        a.set()

    def begin():
        time.sleep(3600)
        a.set()

    run_all(one, two, begin)


def asks_for_the_end_of_a_worker():
    """The ring is idle: somebody else is to bring the first item."""
    items, done = queue.Queue(), threading.Event()

    def work():
        while items.get():
            pass
        done.set()

    threading.Thread(target=work, daemon=True).start()
    items.put(1)
    done.wait()


# ---- work behind who waits for it -----------------------------------------------------------------


async def run_in(workers, *functions):
    pool = concurrent.futures.ThreadPoolExecutor(workers)
    loop = asyncio.get_event_loop()
    await asyncio.gather(*(loop.run_in_executor(pool, one) for one in functions))


async def event_of_work_behind():
    event = threading.Event()
    await run_in(1, event.wait, event.set)


async def event_of_a_function_behind():
    event = threading.Event()

    def give():
        event.set()

    def take():
        event.wait()

    await run_in(2, take, take, give)


async def barrier_of_work_behind():
    barrier = threading.Barrier(3)

    def meet():
        barrier.wait()

    await run_in(2, meet, meet, meet)


async def queue_of_work_behind():
    items = queue.Queue()

    def give():
        items.put(1)

    def take():
        items.get()

    await run_in(1, take, give)


async def event_of_a_timer():
    event = threading.Event()
    asyncio.get_event_loop().call_later(3600, event.set)
    await run_in(1, event.wait, event.set)


# ---- what tasks would do for one another ----------------------------------------------------------


async def tasks_set_events():
    a, b = asyncio.Event(), asyncio.Event()

    async def wait_and_set(first, second):
        await first.wait()
        second.set()

    await asyncio.gather(wait_and_set(a, b), wait_and_set(b, a))


async def tasks_fill_queues():
    a, b = asyncio.Queue(1), asyncio.Queue(1)

    async def pump(source, sink):
        while True:
            await sink.put(1)
            await sink.put(2)
            await source.get()

    await asyncio.gather(pump(a, b), pump(b, a))


async def tasks_complete_futures():
    loop = asyncio.get_event_loop()
    a, b = loop.create_future(), loop.create_future()

    async def wait_and_complete(first, second):
        await first
        second.set_result(1)

    await asyncio.gather(wait_and_complete(a, b), wait_and_complete(b, a))


async def parent_sets_the_event_of_its_child():
    event = asyncio.Event()

    async def child():
        await event.wait()

    async def parent():
        await asyncio.ensure_future(child())
        event.set()

    await asyncio.gather(parent())


async def locks_without_with():
    a, b = asyncio.Lock(), asyncio.Lock()

    async def take(first, second):
        await first.acquire()
        await asyncio.sleep(0.05)
        await second.acquire()
        second.release()
        first.release()

    await asyncio.gather(take(a, b), take(b, a))


async def timer_that_was_cancelled():
    """The code that names the future is behind what it has done."""
    loop = asyncio.get_event_loop()
    future = loop.create_future()

    async def wait():
        await future

    loop.call_later(3600, future.set_result, None).cancel()
    await asyncio.ensure_future(wait())


async def items_are_used_up():
    items = asyncio.Queue()

    async def consume():
        while True:
            await items.get()

    for number in range(3):
        items.put_nowait(number)
    await asyncio.gather(consume(), consume())


async def event_that_a_timer_sets():
    a, b = asyncio.Event(), asyncio.Event()

    async def wait_and_set(first, second):
        await first.wait()
        second.set()

    asyncio.get_event_loop().call_later(3600, a.set)
    await asyncio.gather(wait_and_set(a, b), wait_and_set(b, a))


async def result_in_a_comprehension():
    """Up to 3.11 that is a function of its own, which is nobody's name for it."""
    loop = asyncio.get_event_loop()
    futures = [asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop) for _ in range(2)]
    return [future.result() for future in futures]


# ---- imports, loops among threads -----------------------------------------------------------------


def import_of(text):
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "half_imported.py").write_text(text)
    sys.path.insert(0, str(folder))
    import half_imported  # noqa: F401


def import_joins_who_imports():
    import_of(
        "import threading\n"
        "def load():\n"
        "    import half_imported\n"
        "thread = threading.Thread(target=load, daemon=True)\n"
        "thread.start()\n"
        "thread.join()\n"
    )


def loop_inside_of_an_import():
    import_of(
        "import asyncio\n"
        "def load():\n"
        "    import half_imported\n"
        "async def main():\n"
        "    await asyncio.get_running_loop().run_in_executor(None, load)\n"
        "asyncio.run(main())\n"
    )


async def locks_of_a_loop_and_a_thread():
    a, b, both = threading.Lock(), threading.RLock(), threading.Barrier(2)

    def one():
        with b:
            both.wait()
            with a:
                pass

    threading.Thread(target=one, daemon=True).start()
    with a:
        both.wait()
        with b:
            pass


def main():
    state = globals()[sys.argv[1]]
    ready()
    if asyncio.iscoroutinefunction(state):
        asyncio.run(state())
    else:
        state()


if __name__ == "__main__":
    main()
