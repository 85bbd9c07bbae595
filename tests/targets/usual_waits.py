"""Gets into a state of waiting as programs usually have it, says READY and stays there.

    usual_waits.py NAME [uvloop]    each function is a state; see tests/live/test_usual_waits.py
"""

import asyncio
import contextlib
import contextvars
import inspect
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

HOUR = 3600
tasks = set()


def ready():
    print("READY", flush=True)


def soon():
    asyncio.get_running_loop().call_later(0.3, ready)


async def hour():
    await asyncio.sleep(HOUR)


async def for_ever():
    await asyncio.get_running_loop().create_future()


# ---- healthy: what ends the wait is not far ----------------------------------------------------


async def child_to_be_cancelled():
    child = asyncio.ensure_future(for_ever())
    soon()
    await hour()
    child.cancel()


async def grandchild_to_be_cancelled():
    async def parent():
        await asyncio.ensure_future(for_ever())

    child = asyncio.ensure_future(parent())
    soon()
    await hour()
    child.cancel()


async def waits_with_a_deadline():
    soon()
    await asyncio.wait_for(for_ever(), HOUR)


async def shielded():
    soon()
    await asyncio.wait_for(asyncio.shield(hour()), HOUR)


async def consumers_without_work():
    items = asyncio.Queue()

    async def consume():
        while True:
            await items.get()
            items.task_done()

    consumers = [asyncio.ensure_future(consume()) for _ in range(3)]
    await items.put(1)
    await items.join()
    soon()
    await hour()
    for consumer in consumers:
        consumer.cancel()


async def first_of_two():
    event = asyncio.Event()
    both = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(hour())]
    soon()
    _, rest = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for one in rest:
        one.cancel()


async def notified_later():
    condition = asyncio.Condition()

    async def wait():
        async with condition:
            await condition.wait()

    tasks.update(asyncio.ensure_future(wait()) for _ in range(3))
    soon()
    await hour()
    async with condition:
        condition.notify_all()


async def condition_taken_by_call():
    """A waiter that was notified is inside of its `async with`, but has not got the lock back."""
    condition = asyncio.Condition()

    async def wait():
        async with condition:
            await condition.wait()

    tasks.add(asyncio.ensure_future(wait()))
    await asyncio.sleep(0)
    await condition.acquire()
    condition.notify()
    soon()
    await hour()
    condition.release()


async def semaphore_taken():
    semaphore = asyncio.Semaphore(1)

    async def work():
        async with semaphore:
            await hour()

    soon()
    await asyncio.gather(work(), work(), work())


async def lock_taken_by_call():
    lock = asyncio.Lock()
    await lock.acquire()

    async def work():
        async with lock:
            pass

    tasks.add(asyncio.ensure_future(work()))
    soon()
    await hour()
    lock.release()


async def answered_by_a_thread():
    loop = asyncio.get_running_loop()
    orders = queue.Queue()

    def work():
        answer = orders.get()
        time.sleep(HOUR)
        loop.call_soon_threadsafe(answer.set_result, 1)

    threading.Thread(target=work, daemon=True).start()
    answer = loop.create_future()
    orders.put(answer)
    soon()
    await answer


async def answered_one_way_or_the_other():
    """What a callback would bring about, somebody else may bring about, too."""
    loop = asyncio.get_running_loop()
    answer = loop.create_future()
    child = asyncio.ensure_future(for_ever())
    child.add_done_callback(lambda _: answer.done() or answer.set_result(1))

    def work():
        time.sleep(HOUR)
        loop.call_soon_threadsafe(answer.set_result, 1)

    threading.Thread(target=work, daemon=True).start()
    soon()
    await answer
    child.cancel()


async def answers_in_a_weak_registry():
    answers = weakref.WeakValueDictionary()
    answers[1] = answer = asyncio.get_running_loop().create_future()

    async def reply():
        await hour()
        answers[1].set_result(1)

    tasks.add(asyncio.ensure_future(reply()))
    soon()
    await answer


async def answer_in_a_context():
    expected = contextvars.ContextVar("expected")
    answer = asyncio.get_running_loop().create_future()
    expected.set(answer)

    async def reply():
        await hour()
        expected.get().set_result(1)

    tasks.add(asyncio.ensure_future(reply()))
    soon()
    await answer


async def cancelled_by_a_stack():
    async with contextlib.AsyncExitStack() as stack:
        child = asyncio.ensure_future(for_ever())
        stack.callback(child.cancel)
        soon()
        await hour()


async def signal_of_the_terminal():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    soon()
    await stop.wait()


async def plain_signal_handler():
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(stop.set))
    soon()
    await stop.wait()


async def another_program():
    python = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import sys; sys.stdin.read()", stdin=subprocess.PIPE
    )
    soon()
    await python.wait()


def as_long_as_it_lives(process):
    with contextlib.suppress(ProcessLookupError):
        while True:
            os.kill(process, 0)
            time.sleep(0.2)
    os._exit(0)  # a worker would wait for more


async def another_process():
    with ProcessPoolExecutor(1) as pool:
        soon()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(pool, as_long_as_it_lives, os.getpid())


async def silent_connection():
    ours, _theirs = socket.socketpair()
    reader, _writer = await asyncio.open_connection(sock=ours)
    soon()
    await reader.read()


async def silent_socket():
    ours, _theirs = socket.socketpair()
    ours.setblocking(False)
    soon()
    await asyncio.get_running_loop().sock_recv(ours, 10)


async def loop_in_a_callback():
    """As notebooks do."""
    asyncio._set_running_loop(None)
    other = asyncio.new_event_loop()
    other.call_later(0.3, ready)
    other.run_until_complete(hour())


def loop_in_a_thread():
    loop = asyncio.new_event_loop()
    task = loop.create_task(for_ever())
    loop.call_later(0.3, ready)
    threading.Thread(target=loop.run_forever, daemon=True).start()
    time.sleep(HOUR)
    loop.call_soon_threadsafe(task.cancel)


def work_for_a_loop():
    loop = asyncio.new_event_loop()
    loop.call_later(0.3, ready)
    threading.Thread(target=loop.run_forever, daemon=True).start()
    asyncio.run_coroutine_threadsafe(hour(), loop).result()


def condition_taken_by_another_call():
    condition = threading.Condition(threading.Lock())

    def wait():
        with condition:
            condition.wait()

    threading.Thread(target=wait, daemon=True).start()
    time.sleep(0.2)
    condition.acquire()
    condition.notify()
    threading.Timer(0.3, ready).start()
    time.sleep(HOUR)
    condition.release()


def lock_that_another_thread_gives_back():
    """By ending the block of a generator, and of a stack, that this thread has entered."""
    locks = threading.Lock(), threading.Lock()

    @contextlib.contextmanager
    def inside_of(lock):
        with lock:
            yield

    stack, block = contextlib.ExitStack(), inside_of(locks[1])
    stack.enter_context(locks[0])
    block.__enter__()

    def give_back():
        time.sleep(HOUR)
        stack.close()
        block.__exit__(None, None, None)

    threading.Thread(target=give_back, daemon=True).start()
    threading.Thread(target=locks[1].acquire, daemon=True).start()
    threading.Timer(0.3, ready).start()
    locks[0].acquire()


def lock_of_a_generator_that_another_thread_runs():
    lock = threading.Lock()

    def items():
        with lock:
            yield 1
            yield 2

    def work(some):
        next(some)
        time.sleep(HOUR)
        next(some)

    threading.Thread(target=work, args=(items(),), daemon=True).start()
    threading.Timer(0.3, ready).start()
    time.sleep(0.1)
    lock.acquire()


async def joins_a_queue_that_is_worked_off():
    items = asyncio.Queue()
    items.put_nowait(1)

    async def work():
        await items.get()
        await hour()
        items.task_done()

    tasks.add(asyncio.ensure_future(work()))
    soon()
    await items.join()


def idle_workers():
    orders = queue.Queue()

    def work():
        while True:
            orders.get()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    threading.Timer(0.3, ready).start()
    for thread in threads:
        thread.join()


def idle_pool():
    pool = ThreadPoolExecutor(4)
    pool.submit(int).result()
    ready()
    signal.pause()


# ---- not healthy --------------------------------------------------------------------------------


async def serve():
    async with await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0) as server:
        await server.serve_forever()


async def beside_a_server():
    """The wait is for ever, and only the end of the program will cancel it."""
    soon()
    await asyncio.gather(serve(), for_ever())


async def kept_in_a_set():
    """Whoever runs could cancel it."""
    tasks.add(asyncio.ensure_future(for_ever()))
    soon()
    await serve()


if __name__ == "__main__":
    state = globals()[sys.argv[1]]
    if sys.argv[2:] == ["uvloop"]:
        import uvloop

        uvloop.install()
    if inspect.iscoroutinefunction(state):
        asyncio.run(state())
    else:
        state()
