"""Loops, tasks, futures, executors and queues, and what asyncio itself says of them.

Prints READY and a list of [request, expected answer] for tests/unit/read_asyncio.c.
"""
import asyncio
import concurrent.futures
import contextvars
import functools
import gc
import inspect
import json
import os
import queue
import sys
import threading
import time
import traceback
import types

VERSION = sys.version_info[:2]
HOUR = 3600
claims = []
kept = []  # alive until the end


def claim(what, one, **expected):
    claims.append([f"{what} {id(one)}", dict(expected, known=True)])


def claim_unknown(what, one):
    claims.append([f"{what} {id(one)}", {"known": False}])


def address(one):
    return 0 if one is None else id(one)


# ---- what asyncio says -----------------------------------------------------------------------

WRAPPERS = ("coroutine_wrapper", "async_generator_asend", "async_generator_athrow")
WRAPPERS += ("anext_awaitable", "FutureIter")
PREFIXES = {"coroutine": "cr", "generator": "gi", "async_generator": "ag"}


def unwrapped(one):
    while type(one).__name__ in WRAPPERS:
        one = next(it for it in gc.get_referents(one) if not isinstance(it, type))
    return one


def awaited(one, prefix):
    return unwrapped(getattr(one, prefix + ("_yieldfrom" if prefix == "gi" else "_await")))


def await_chain(one):
    """The names along it, and what the last one waits for."""
    names = []
    one = unwrapped(one)
    while type(one).__name__ in PREFIXES:
        prefix = PREFIXES[type(one).__name__]
        frame = getattr(one, prefix + "_frame")
        if one.__qualname__ == "Future.__await__":
            return names, id(frame.f_locals["self"])
        names.append(one.__qualname__)
        one = awaited(one, prefix)
    return names, address(one)


STATES = {"CLOSED": "finished"}


def coroutine_state(one):
    if inspect.iscoroutine(one):
        state = inspect.getcoroutinestate(one)[len("CORO_") :]
    elif inspect.isgenerator(one):
        state = inspect.getgeneratorstate(one)[len("GEN_") :]
    else:
        state = "SUSPENDED" if one.ag_frame else "CLOSED"
    return STATES.get(state, state.lower())


def claim_coroutine(one, state=None):
    names, leaf = await_chain(one)
    prefix = PREFIXES[type(one).__name__]
    has_frame = getattr(one, prefix + "_frame") is not None
    code = id(getattr(one, prefix + "_code")) if has_frame else 0
    state = state or coroutine_state(one)
    claim("coroutine", one, state=state, frame=has_frame, code=code, chain=names, leaf=leaf)


def coroutine_of(task):
    # 3.12 dies of task.get_coro() when the task ended in its eager first step.
    eager = VERSION == (3, 12) and task.done() and "eager" in task.get_name()
    return None if eager else task.get_coro()


def claim_future(one, waiters, role="future"):
    expected = {
        "role": role,
        "state": one._state,
        "loop": id(one._loop),
        "callbacks": len(one._callbacks or ()),
        "wakes": sorted(id(task) for task in waiters if task._fut_waiter is one),
    }
    if role == "task":
        coroutine = coroutine_of(one)
        names, leaf = await_chain(coroutine) if coroutine else ([], 0)
        expected.update(
            name=one.get_name(),
            coroutine=address(coroutine),
            waits_for=address(one._fut_waiter),
            chain=names,
            leaf=leaf,
        )
    claim("future", one, **expected)


def woken(callback):
    """The task that a callback of a ready handle steps."""
    task = getattr(callback, "__self__", None)
    steps = getattr(callback, "__name__", "__step") != "cancel"
    return id(task) if is_task(task) and steps else 0


def claim_loop(loop):
    ready = list(loop._ready)
    timers = [it for it in loop._scheduled if not it._cancelled]
    map = loop._selector.get_map() if getattr(loop, "_selector", None) else None
    io = [
        [key.fd, writer, id(handle._callback)]
        for key in (map or {}).values()
        for writer, handle in enumerate(key.data)
        if handle
    ]
    claim(
        "loop",
        loop,
        ready=len(ready),
        scheduled=len(loop._scheduled),
        next_timer=min((it._when for it in timers), default=None),
        thread=loop._thread_id or 0,
        executor=address(loop._default_executor),
        stopping=loop._stopping,
        closed=loop.is_closed(),
        debug=loop.get_debug(),
        ready_callbacks=[[address(it._callback), woken(it._callback)] for it in ready],
        timers=[[id(it._callback), it._when] for it in timers],
        io=[[fd, bool(writer), callback] for fd, writer, callback in io],
        complete=map is not None,
    )


def claim_queue(one, items):
    items = list(items)
    claim("queue", one, length=len(items), items=[id(item) for item in items])


# ---- things to wait for ----------------------------------------------------------------------


async def on_future(future):
    await future


async def nested(depth, future):
    if depth:
        await nested(depth - 1, future)
    else:
        await through_generator(future)


@types.coroutine
def through_generator(future):
    return (yield from future)


class Awaitable:
    def __init__(self, future):
        self.future = future

    def __await__(self):
        return (yield from self.future)


class WithWrapper:
    """Its iterator is a coroutine_wrapper."""

    def __init__(self, future):
        self.future = future

    def __await__(self):
        return on_future(self.future).__await__()


async def on_awaitable(one):
    await one


async def numbers(future):
    try:
        yield 1
        await on_future(future)
        yield 2
    finally:
        await on_future(future)


async def loop_over(future):
    async for _ in numbers(future):
        pass


async def loop_over_comprehension(future):
    return [number async for number in numbers(future)]


async def next_explicitly(future):
    generator = numbers(future)
    kept.append(generator)
    await generator.asend(None)
    await generator.asend(None)


async def close_explicitly(future):
    generator = numbers(future)
    kept.append(generator)
    await generator.asend(None)
    await generator.aclose()


async def next_with_default(future):
    generator = numbers(future)
    kept.append(generator)
    await anext(generator, None)
    await anext(generator, None)


async def gathers(future):
    await asyncio.gather(on_future(future), asyncio.sleep(HOUR))


async def shields(task):
    await asyncio.shield(task)


async def waits(future, also):
    await asyncio.wait({future, also})


async def waits_limited(future):
    await asyncio.wait_for(asyncio.shield(future), HOUR)


async def sleeps():
    await asyncio.sleep(HOUR)


async def locks(lock):
    async with lock:
        await asyncio.sleep(HOUR)


async def gets(from_queue):
    await from_queue.get()


async def waits_for_event(event):
    await event.wait()


async def calls(release):
    await asyncio.get_running_loop().run_in_executor(None, release.wait)


async def groups(future):
    async with asyncio.TaskGroup() as group:
        group.create_task(on_future(future))
        group.create_task(sleeps())


async def times_out(future):
    async with asyncio.timeout(HOUR):
        await future


async def returns():
    return 1


async def fails():
    raise ValueError


# ---- loops -----------------------------------------------------------------------------------


class Tasks:
    """What one loop is given to do."""

    def __init__(self, loop, eager=False):
        self.loop = loop
        self.future = loop.create_future()
        self.future.add_done_callback(print)
        self.also = loop.create_future()
        self.release = threading.Event()
        self.tasks = []
        self.ended = []
        self.eager = eager

    def start(self, coroutine, **more):
        task = self.loop.create_task(coroutine, **more)
        self.tasks.append(task)
        return task

    async def start_all(self):
        future = self.future
        first = self.start(on_future(future), name="first")
        first.add_done_callback(functools.partial(print, "done"))
        self.start(on_future(first))
        self.start(sleeps(), name="na\u00efve")
        self.start(nested(3, future))
        self.start(on_awaitable(Awaitable(future)))
        self.start(on_awaitable(WithWrapper(future)))
        self.start(loop_over(future))
        self.start(loop_over_comprehension(future))
        self.start(next_explicitly(future))
        self.start(close_explicitly(future))
        self.start(gathers(future))
        self.start(shields(first))
        self.start(waits(future, self.also))
        self.start(waits_limited(future))
        lock = asyncio.Lock()
        self.start(locks(lock))
        self.start(locks(lock))
        self.start(gets(asyncio.Queue()))
        self.start(waits_for_event(asyncio.Event()))
        for _ in range(3):
            self.start(calls(self.release))
        if VERSION >= (3, 10):
            self.start(next_with_default(future))
        if VERSION >= (3, 11):
            self.start(groups(future))
            self.start(times_out(future))
        names = ["eager returns", "eager fails"] if self.eager else [None, None]
        self.ended = [self.start(one(), name=name) for one, name in zip([returns, fails], names)]
        self.ended.append(self.start(sleeps()))
        await asyncio.sleep(0)
        self.ended[-1].cancel()
        self.loop.call_later(HOUR, first.cancel)
        self.loop.call_later(60, print).cancel()
        await asyncio.sleep(0.05)

    def claim(self):
        # Not asyncio.all_tasks(): from 3.14 on it does not name tasks implemented in Python.
        everything = [one for one in gc.get_objects() if is_task(one) and one._loop is self.loop]
        pending = [task for task in everything if not task.done()]
        for task in everything:
            claim_future(task, pending, "task")
            if coroutine_of(task):
                claim_coroutine(coroutine_of(task))
        for one in (self.future, self.also):
            claim_future(one, pending)
        gathers = [it._fut_waiter for it in pending if type(it._fut_waiter).__name__ == GATHERING]
        assert gathers
        for one in gathers:
            claim_future(one, pending, "gather")
        assert [task._state for task in self.ended] == ["FINISHED", "FINISHED", "CANCELLED"]
        self.ended[1].exception()


GATHERING = "_GatheringFuture"


def current_task(loop):
    """From 3.14 on tasks implemented in Python are not known to the other half of asyncio."""
    of_python = getattr(asyncio.tasks, "_py_current_task", asyncio.current_task)
    return asyncio.current_task(loop) or of_python(loop)


def is_task(one):
    return isinstance(one, (asyncio.Task, asyncio.tasks._PyTask))


class Runner(threading.Thread):
    """A loop in a thread of its own."""

    def __init__(self, loop, main, factory=None):
        super().__init__(daemon=True)
        self.loop = loop
        self.main = main
        if factory:
            loop.set_task_factory(factory)
        self.start()

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.main)

    def claim(self, task=None):
        threads[str(self.ident)] = [id(self.loop), address(task)]
        assert current_task(self.loop) is task
        claim_loop(self.loop)


threads = {}


class CustomLoop(asyncio.SelectorEventLoop):
    pass


def python_task(loop, coroutine, **more):
    return asyncio.tasks._PyTask(coroutine, loop=loop, **more)


class TaskOfOurs(asyncio.Task):
    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.note = "ours"


def task_of_ours(loop, coroutine, **more):
    return TaskOfOurs(coroutine, loop=loop, **more)


def work_in(loop, factory=None, eager=False):
    """A thread whose loop has tasks of all kinds and waits for them."""
    executor = concurrent.futures.ThreadPoolExecutor(1)
    loop.set_default_executor(executor)
    work = Tasks(loop, eager)
    done = threading.Event()

    async def main():
        await work.start_all()
        loop.call_soon(done.set)
        await loop.create_future()

    runner = Runner(loop, main(), factory)
    assert done.wait(30)
    time.sleep(0.1)
    work.claim()
    runner.claim()
    claim("executor", executor, max_workers=1, queued=2, threads=id(executor._threads))
    kept.append(work)


def block_in_task(loop, factory=None, inside_another=False):
    """A thread whose loop is kept from turning by its task."""
    started = threading.Event()
    tasks = []

    async def block():
        tasks.append(current_task(loop))
        loop.call_soon(print)
        loop.call_later(HOUR, print)
        started.set()
        threading.Event().wait()

    async def start_eagerly():
        kept.append(loop.create_task(block()))

    runner = Runner(loop, start_eagerly() if inside_another else block(), factory)
    assert started.wait(30)
    time.sleep(0.05)
    runner.claim(tasks[0])
    claim_future(tasks[0], [], "task")
    claim_coroutine(tasks[0].get_coro(), "running")
    kept.append(tasks)


def idle_loops():
    """Loops that nobody runs."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(sleeps())
    python = asyncio.tasks._PyTask(sleeps(), loop=loop)
    loop.call_soon(print, 1)
    loop.call_soon(task.cancel)
    loop.call_soon(print).cancel()
    for when in (50, 10, 30, 20, 40, 5, 7):
        handle = loop.call_later(when, print)
        if when < 20:
            handle.cancel()
    loop.call_at(10**9, print)
    loop.set_debug(True)
    claim_loop(loop)
    claim_future(task, [], "task")
    claim_future(python, [], "task")
    claim_coroutine(task.get_coro())
    closed = asyncio.new_event_loop()
    closed.close()
    claim("loop", closed, ready=0, scheduled=0, closed=True, executor=0, thread=0)
    odd = asyncio.BaseEventLoop()
    odd.call_soon(print)
    claim_loop(odd)
    kept.extend([loop, task, python, closed, odd])


# ---- other objects ---------------------------------------------------------------------------


def claim_queues():
    numbers = [object() for _ in range(7)]
    simple = queue.SimpleQueue()
    for number in [*range(20), *numbers]:
        simple.put(number)
    for _ in range(20):
        simple.get()
    claim_queue(simple, numbers)
    wrapped = queue.SimpleQueue()
    for _ in range(6):
        wrapped.put(0)
    for _ in range(6):
        wrapped.get()
    for number in numbers:
        wrapped.put(number)
    claim_queue(wrapped, numbers)
    for kind in (queue.Queue, queue.LifoQueue, queue._PySimpleQueue):
        one = kind()
        for number in numbers:
            one.put(number)
        claim_queue(one, numbers)
        kept.append(one)
    first = queue.PriorityQueue()
    first.put(numbers[0].__hash__())
    claim_queue(first, first.queue)
    empty = queue.SimpleQueue()
    claim_queue(empty, [])
    kept.extend([numbers, simple, wrapped, first, empty])


def claim_executor():
    executor = concurrent.futures.ThreadPoolExecutor(2)
    release = threading.Event()
    running = [executor.submit(release.wait) for _ in range(2)]
    while not all(future.running() for future in running):
        time.sleep(0.01)
    context = contextvars.copy_context()
    plain = executor.submit(print)
    partial = executor.submit(functools.partial(context.run, sum, [1]))
    calls = [[id(plain), id(print)], [id(partial), id(sum)]]
    claim(
        "executor",
        executor,
        max_workers=2,
        queued=2,
        threads=id(executor._threads),
        shutdown=False,
        calls=calls,
    )
    plain.add_done_callback(print)
    for future, state in [(running[0], "RUNNING"), (plain, "PENDING")]:
        callbacks = len(future._done_callbacks)
        claim("future", future, role="future", state=state, loop=0, callbacks=callbacks, wakes=[])
    cancelled = concurrent.futures.Future()
    cancelled.cancel()
    done = concurrent.futures.Future()
    done.set_result(1)
    claim("future", cancelled, state="CANCELLED")
    claim("future", done, state="FINISHED")
    ended = concurrent.futures.ThreadPoolExecutor(3)
    ended.shutdown()
    claim("executor", ended, max_workers=3, shutdown=True)
    kept.extend([executor, release, running, plain, partial, cancelled, done, ended])


def claim_coroutines():
    async def one():
        await asyncio.sleep(1)

    def yields():
        for number in [1, 2]:
            yield number
        yield from [3, 4]

    created, closed = one(), one()
    closed.close()
    suspended, delegating, finished, fresh = yields(), yields(), yields(), yields()
    next(suspended)
    for _ in range(3):
        next(delegating)
    list(finished)
    for coroutine in (created, closed, suspended, delegating, finished, fresh):
        claim_coroutine(coroutine)
    claim_unknown("coroutine", kept)
    kept.extend([created, closed, suspended, delegating, finished, fresh])


class Task:
    _state = "PENDING"


class Future:
    pass


class Lock:
    pass


def claim_roles():
    roles = {
        "lock": [threading.Lock(), threading.RLock(), threading._PyRLock()],
        "condition": [threading.Condition()],
        "event": [threading.Event()],
        "semaphore": [threading.Semaphore(), threading.BoundedSemaphore()],
        "barrier": [threading.Barrier(2)],
        "queue": [queue.Queue(), queue.LifoQueue(), queue.SimpleQueue()],
        "thread": [threading.current_thread(), threading.Thread()],
        "executor": [concurrent.futures.ThreadPoolExecutor()],
        "object": [Task(), Future(), Lock(), type("_asyncio.Task", (), {})(), [], object, Task, None],
    }
    roles["lock"] += [asyncio.Lock()]
    roles["condition"] += [asyncio.Condition()]
    roles["event"] += [asyncio.Event()]
    roles["semaphore"] += [asyncio.Semaphore()]
    roles["queue"] += [asyncio.Queue(), asyncio.PriorityQueue()]
    if VERSION >= (3, 11):
        roles["barrier"] += [asyncio.Barrier(2)]
    for role, objects in roles.items():
        for one in objects:
            claim("role", one, role=role)
        kept.append(objects)
    shaped_otherwise = type("Task", (), {"__module__": "_asyncio"})()
    kept.append(shaped_otherwise)
    for one in (*roles["object"], shaped_otherwise):
        for what in ("future", "loop", "executor", "coroutine"):
            claim_unknown(what, one)


async def main():
    filled = asyncio.Queue()
    for number in (1, 2, 3):
        filled.put_nowait(number)
    claim_queue(filled, [1, 2, 3])
    kept.append(filled)
    idle_loops()
    claim_queues()
    claim_executor()
    claim_coroutines()
    claim_roles()
    work_in(asyncio.new_event_loop())
    work_in(CustomLoop(), python_task)
    work_in(asyncio.new_event_loop(), task_of_ours)
    if VERSION >= (3, 12):
        work_in(asyncio.new_event_loop(), asyncio.eager_task_factory, eager=True)
        block_in_task(asyncio.new_event_loop(), asyncio.eager_task_factory, inside_another=True)
    block_in_task(CustomLoop())
    block_in_task(asyncio.new_event_loop(), python_task)
    own, loop = asyncio.current_task(), asyncio.get_running_loop()
    claim_loop(loop)
    claim_future(own, [], "task")
    claim_coroutine(own.get_coro(), "running")
    threads[str(threading.get_ident())] = [id(loop), id(own)]
    for thread in threading.enumerate():
        threads.setdefault(str(thread.ident), [0, 0])
    claims.append(["threads 0", dict(threads, known=True)])
    print("READY", json.dumps(claims), flush=True)
    time.sleep(HOUR)


def fork():
    """A child that inherits the record of a running loop, but not the loop."""

    async def forks():
        parent = os.getpid()
        if os.fork():
            time.sleep(HOUR)
        assert asyncio._get_running_loop() is None
        expected = {str(threading.get_ident()): [0, 0], "known": True}
        print("READY", os.getpid(), json.dumps([["threads 0", expected]]), flush=True)
        while os.getppid() == parent:  # it must not outlive the test
            time.sleep(0.1)
        os._exit(0)

    asyncio.run(forks())


try:
    fork() if sys.argv[1:] == ["fork"] else asyncio.run(main())
except BaseException:
    traceback.print_exc()
    os._exit(1)  # threads of executors would keep it alive
