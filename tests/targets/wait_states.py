"""Gets into a state of waiting that is told by name, says READY and stays there.

    wait_states.py NAME       each function whose name is a state's; see tests/live/test_wait_states.py
"""

import asyncio
import collections
import concurrent.futures
import contextlib
import queue
import signal
import socket
import sys
import threading
import time


def ready(after=0.4):
    """From another thread, which then ends: nothing of it is left to be waited for. Until then it
    could do anything, and says which one it is."""

    def say():
        time.sleep(after)
        print("READY", threading.get_native_id(), flush=True)

    threading.Thread(target=say, daemon=True).start()


def pending():
    return asyncio.get_event_loop().create_future()


# ---- healthy ---------------------------------------------------------------------------------


async def idle_streams():
    """Connections on which nobody says anything: the readers are known by weak references."""

    async def serve(reader, writer):
        while await reader.readline():
            pass

    async def client(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello\n")
        await reader.readline()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.gather(*(client(port) for _ in range(10)))


async def main_awaits_a_future():
    async def serve(reader, writer):
        await reader.read()

    async with await asyncio.start_server(serve, "127.0.0.1", 0):
        await pending()


async def callbacks_of_threads():
    """Added as threads must; one of them keeps the GIL from the others."""
    loop = asyncio.get_running_loop()

    def add():
        while True:
            loop.call_soon_threadsafe(int)
            time.sleep(0.0005)

    for target in (add, add, compute):
        threading.Thread(target=target, daemon=True).start()
    await pending()


async def main_awaits_an_event():
    async def tick():
        while True:
            await asyncio.sleep(0.05)

    ticker = asyncio.ensure_future(tick())
    await asyncio.Event().wait()
    return ticker


async def limited_requests():
    pool = Pool(2)

    async def request():
        while True:
            async with pool.connection():
                await asyncio.sleep(0.01)

    await asyncio.gather(*(request() for _ in range(5)))


async def idle_consumers():
    """Workers that wait for work, and somebody who brings some now and then."""
    queue = asyncio.Queue()

    async def consume():
        while True:
            await queue.get()

    async def produce():
        while True:
            await asyncio.sleep(3600)
            queue.put_nowait(1)

    await asyncio.gather(produce(), *(consume() for _ in range(5)))


async def locks_with_a_deadline():
    """A cycle that a time-out is going to break."""
    a, b = asyncio.Lock(), asyncio.Lock()

    async def take(first, second):
        async with first:
            await asyncio.sleep(0.05)
            await asyncio.wait_for(second.acquire(), 600)

    await asyncio.gather(take(a, b), take(b, a))


def two_orders():
    a, b = asyncio.Lock(), asyncio.Lock()

    async def take(first, second):
        async with first:
            await asyncio.sleep(0.05)
            async with second:
                pass

    return take(a, b), take(b, a)


async def gathered_with_a_deadline():
    """Who awaits the cycle will be cancelled, and so will it."""
    await asyncio.wait_for(asyncio.gather(*two_orders()), 600)


async def group_with_a_deadline():
    if not hasattr(asyncio, "TaskGroup"):  # before 3.11
        return await gathered_with_a_deadline()
    async with asyncio.timeout(600), asyncio.TaskGroup() as group:
        for coroutine in two_orders():
            group.create_task(coroutine)


async def call_in_an_executor():
    await asyncio.get_event_loop().run_in_executor(None, time.sleep, 3600)


async def work_of_another_loop():
    other = asyncio.new_event_loop()
    threading.Thread(target=other.run_forever, daemon=True, name="Other").start()
    await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asyncio.sleep(3600), other))


async def waits_for_a_signal():
    stop = asyncio.Event()
    loop = asyncio.get_event_loop()
    signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(stop.set))
    await asyncio.gather(stop.wait())


async def answers_are_expected():
    """Requests by number; who reads the answers completes them."""
    here, there = socket.socketpair()
    requests = {number: pending() for number in range(3)}

    async def read_answers():
        loop = asyncio.get_event_loop()
        here.setblocking(False)
        requests.pop(await loop.sock_recv(here, 1)).set_result(there)

    await asyncio.gather(read_answers(), *requests.values())


def workers_without_a_loop():
    """A pool whose workers are idle, and a thread that waits for an item."""
    import queue

    pool = concurrent.futures.ThreadPoolExecutor(2)
    for call in [pool.submit(time.sleep, 0.05) for _ in range(2)]:
        call.result()
    items = queue.Queue()
    threading.Thread(target=items.get, daemon=True).start()
    time.sleep(3600)


# ---- sick ------------------------------------------------------------------------------------


async def lone_future():
    await pending()


async def event_that_nobody_sets():
    event = asyncio.Event()

    async def wait_in_vain():
        await event.wait()

    await asyncio.gather(*(wait_in_vain() for _ in range(3)))


async def queue_without_producers():
    queue = asyncio.Queue()

    async def consume():
        await queue.get()

    await asyncio.gather(*(consume() for _ in range(3)))


async def tasks_await_each_other():
    tasks = []

    async def await_the_other(number):
        await asyncio.sleep(0.05)
        await tasks[1 - number]

    tasks += [asyncio.ensure_future(await_the_other(number)) for number in range(2)]
    await asyncio.gather(*tasks)


async def bounded_semaphores():
    a, b = asyncio.BoundedSemaphore(1), asyncio.BoundedSemaphore(1)

    async def take(first, second):
        async with first:
            await asyncio.sleep(0.05)
            async with second:
                pass

    await asyncio.gather(take(a, b), take(b, a))


class Pool:
    """Connections, given back by no with statement; only those who wait refer to it."""

    def __init__(self, size):
        self.free = asyncio.Semaphore(size)

    @contextlib.asynccontextmanager
    async def connection(self):
        await self.free.acquire()
        try:
            yield object()
        finally:
            self.free.release()


async def two_connections_each():
    """All of them have one, and none is left for the second."""
    pool = Pool(2)

    async def request():
        async with pool.connection():
            await asyncio.sleep(0.05)
            async with pool.connection():
                pass

    await asyncio.gather(request(), request())


async def holds_the_lock_of_a_gathered_child():
    """The other child gets on."""
    lock = asyncio.Lock()

    async def child():
        async with lock:
            pass

    async def parent():
        async with lock:
            await asyncio.gather(asyncio.sleep(3600), child())

    await asyncio.ensure_future(parent())


async def shielded_from_a_deadline():
    await asyncio.wait_for(asyncio.shield(asyncio.gather(*two_orders())), 600)


class Order:
    """Events in the order in which they came, and what is set when all children have ended."""

    def __init__(self):
        self.events = collections.OrderedDict()
        self.ended = pending()

    def start(self, coroutine):
        child = asyncio.ensure_future(coroutine)
        child.add_done_callback(lambda _: self.ended.set_result(None))


async def waits_for_a_stuck_child():
    """Of the two the child is the one to look at."""
    order = Order()

    async def wait_in_vain():
        event = asyncio.Event()
        order.events[event] = 1
        await event.wait()

    async def parent():
        order.start(wait_in_vain())
        await order.ended

    await asyncio.gather(parent(), asyncio.sleep(3600))


async def joins_a_queue_of_dead_workers():
    """With a timer that goes on: the program looks busy."""
    items = asyncio.Queue()
    items.put_nowait(1)

    async def work():
        await items.get()
        raise ValueError

    async def tick():
        while True:
            await asyncio.sleep(0.05)

    _tasks = [asyncio.ensure_future(work()), asyncio.ensure_future(tick())]
    await items.join()


@contextlib.asynccontextmanager
async def inside_of_async(lock):
    async with lock:
        yield


async def locks_of_asynchronous_generators():
    a, b = asyncio.Lock(), asyncio.Lock()

    async def take(first, second):
        async with inside_of_async(first):
            await asyncio.sleep(0.05)
            async with inside_of_async(second):
                pass

    await asyncio.gather(take(a, b), take(b, a))


async def locks_in_asynchronous_stacks():
    a, b = asyncio.Lock(), asyncio.Lock()

    async def take(first, second):
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(first)
            await asyncio.sleep(0.05)
            await stack.enter_async_context(inside_of_async(second))

    await asyncio.gather(take(a, b), take(b, a))


async def lock_of_a_generator_across_an_await():
    lock = threading.Lock()

    async def suspended():
        with inside_of(lock):
            await asyncio.sleep(3600)

    await asyncio.gather(suspended(), asyncio.sleep(3600))


async def loop_inside_of_a_callback():
    """Up to 3.13: the inner loop waits for the one that it interrupts."""
    outer = asyncio.get_running_loop()

    async def ask():
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(answer(), outer))

    asyncio._set_running_loop(None)
    asyncio.new_event_loop().run_until_complete(ask())


async def condition_around_a_lock():
    """The lock is held through a condition that was made of it."""
    lock = asyncio.Lock()
    condition, other = asyncio.Condition(lock), asyncio.Lock()

    async def through_the_condition():
        async with condition:
            await asyncio.sleep(0.05)
            async with other:
                pass

    async def through_the_lock():
        async with other:
            await asyncio.sleep(0.05)
            async with lock:
                pass

    await asyncio.gather(through_the_condition(), through_the_lock())


async def completed_by_a_thread():
    """Not with call_soon_threadsafe(): nothing wakes the loop."""
    future = pending()

    async def receive():
        await future

    def complete():
        time.sleep(0.2)
        future.set_result(None)

    threading.Thread(target=complete, daemon=True).start()
    await asyncio.gather(receive())


async def added_in_a_signal_handler():
    loop = asyncio.get_running_loop()

    def note():
        pass

    signal.signal(signal.SIGALRM, lambda *_: loop.call_soon(note))
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    await asyncio.sleep(1000)


async def computes():
    await asyncio.sleep(0.05)
    compute()


def compute():
    while True:
        sum(range(1000))


async def receives_on_the_loop():
    here, there = socket.socketpair()
    await asyncio.sleep(0.05)
    here.recv(1)
    there.close()


async def joins_a_thread():
    thread = threading.Thread(target=time.sleep, args=(3600,), daemon=True)
    thread.start()
    await asyncio.sleep(0.05)
    thread.join()


async def answer():
    return 1


async def condition_of_a_thread():
    """The thread that would notify waits for this loop."""
    loop, condition = asyncio.get_running_loop(), threading.Condition()

    def notify():
        asyncio.run_coroutine_threadsafe(answer(), loop).result()
        with condition:
            condition.notify()

    threading.Thread(target=notify, daemon=True).start()
    with condition:
        condition.wait()


async def queue_of_a_thread():
    """The thread that would make room waits for this loop."""
    loop, items = asyncio.get_running_loop(), queue.Queue(1)

    def consume():
        while items.get():
            asyncio.run_coroutine_threadsafe(answer(), loop).result()

    threading.Thread(target=consume, daemon=True).start()
    while True:
        items.put(1)


async def condition_that_a_thread_notifies():
    """The same, but the thread gets on."""
    condition = threading.Condition()

    def notify():
        while True:
            time.sleep(0.02)
            with condition:
                condition.notify()

    threading.Thread(target=notify, daemon=True).start()
    while True:
        with condition:
            condition.wait()
        await asyncio.sleep(0)


async def joins_a_loop_that_waits_back():
    """The other loop turns as it likes: its thread ends only with a task that needs this one."""
    here = asyncio.get_event_loop()

    async def answer():
        return 1

    async def ask():
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(answer(), here))

    await asyncio.sleep(0.05)
    thread = threading.Thread(target=asyncio.run, args=(ask(),), name="Other", daemon=True)
    thread.start()
    thread.join()


def owner_is_gone():
    lock = threading.RLock()
    thread = threading.Thread(target=lock.acquire, name="Gone")
    thread.start()
    thread.join()
    lock.acquire()


async def takes_its_lock_again():
    lock = threading.Lock()
    await asyncio.sleep(0.05)
    with lock:
        lock.acquire()


async def event_of_a_callback():
    event = threading.Event()
    asyncio.get_event_loop().call_soon(event.set)
    event.wait()


async def queue_of_a_task():
    items = queue.Queue()

    async def produce():
        items.put(1)

    _producer = asyncio.ensure_future(produce())
    items.get()


def takes_a_lock_twice():
    lock = threading.Lock()
    with lock:
        lock.acquire()


async def pool_waits_for_itself():
    pool = concurrent.futures.ThreadPoolExecutor(1)

    def outer():
        return pool.submit(int).result()

    await asyncio.get_event_loop().run_in_executor(pool, outer)


def locks_in_two_orders():
    a, b, both = threading.Lock(), threading.RLock(), threading.Barrier(2)

    def take(first, second):
        with first:
            both.wait()
            with second:
                pass

    threads = [
        threading.Thread(target=take, args=pair, name=name)
        for pair, name in (((a, b), "One"), ((b, a), "Two"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_two_orders(take):
    pairs = (("a", "b"), ("b", "a"))
    threads = [threading.Thread(target=take, args=pair, name=pair[0]) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextlib.contextmanager
def inside_of(lock):
    with lock:
        yield


def locks_of_generators():
    locks, both = {"a": threading.Lock(), "b": threading.RLock()}, threading.Barrier(2)

    def take(first, second):
        with inside_of(locks[first]):
            both.wait()
            with inside_of(locks[second]):
                pass

    in_two_orders(take)


def locks_in_stacks():
    locks = {"a": threading.Lock(), "b": threading.Condition(threading.Lock())}
    both = threading.Barrier(2)

    def take(first, second):
        with contextlib.ExitStack() as stack:
            stack.enter_context(inside_of(locks[first]))
            both.wait()
            stack.enter_context(locks[second])

    in_two_orders(take)


def all_slots_of_a_semaphore():
    """Each thread has one, and none is left for the second."""
    slots, both = threading.Semaphore(2), threading.Barrier(2)

    def take(_first, _second):
        with slots:
            both.wait()
            with slots:
                pass

    in_two_orders(take)


class InterruptedQueue(queue.Queue):
    def _put(self, item):
        super()._put(item)
        if item == "first":
            signal.raise_signal(signal.SIGUSR1)


def queue_in_a_signal_handler():
    """While the queue's own lock is taken."""
    items = InterruptedQueue()

    def note(*_):
        items.put("second")

    signal.signal(signal.SIGUSR1, note)
    items.put("first")


def main():
    state = globals()[sys.argv[1]]
    ready()
    if asyncio.iscoroutinefunction(state):
        asyncio.run(state())
    else:
        state()


if __name__ == "__main__":
    main()
