"""Suspends generators and coroutines, blocks threads, and says what each frame is doing.

A generator yields, and a coroutine's `hold` hands out, the managers whose `with` blocks the
outermost frame is inside of; (manager,) stands for an `async with`. Frames of threads say it
with inside(). All other frames are inside of none.
"""
import asyncio
import contextlib
import dis
import json
import random
import sys
import textwrap
import threading
import time
import types

WARM = 40  # runs to the end before the one that stays: instructions get specialised
kept = []
codes = []


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return error[0] is KeyError

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return error[0] is KeyError


class Raising(Manager):
    def __exit__(self, *error):
        raise ValueError


class Static(Manager):
    """What its __exit__ belongs to cannot be seen."""

    @staticmethod
    def __exit__(*error):
        return None


a, b, c, d = (Manager() for _ in range(4))
many = [Manager() for _ in range(18)]


# ---- generators ------------------------------------------------------------------------------

generators = []
generators_of_older = []


def generator(function):
    generators.append(function)
    return function


@generator
def plain():
    local = [1]
    yield []
    del local


@generator
def one():
    with a:
        yield [a]


@generator
def nested():
    with a as outer:
        with b:
            inner = outer
            yield [a, b]
    del inner


@generator
def items():
    with a, b as second, c:
        yield [a, b, c]
    del second


@generator
def third_round():
    for number in range(3):
        with a:
            if number == 2:
                yield [a]


@generator
def left_by_continue_and_break():
    for number in range(5):
        with a:
            if number < 2:
                continue
            break
    yield []


@generator
def after():
    with a:
        pass
    yield []


@generator
def between():
    with a:
        with b:
            pass
        yield [a]


@generator
def in_try():
    try:
        with a:
            yield [a]
    finally:
        pass


@generator
def in_finally():
    try:
        pass
    finally:
        with a:
            yield [a]


@generator
def error_in_finally():
    try:
        try:
            1 / 0
        finally:
            with a:
                yield [a]
    except ZeroDivisionError:
        pass


@generator
def except_inside():
    with a:
        try:
            raise IndexError
        except IndexError as error:
            yield [a]
            del error


@generator
def inside_except():
    try:
        raise IndexError
    except IndexError:
        with a:
            try:
                raise AttributeError
            except AttributeError:
                with b:
                    yield [a, b]


@generator
def swallowed():
    with a:
        raise KeyError
    yield []


@generator
def swallowed_inside():
    with b:
        with a:
            raise KeyError
        yield [b]


@generator
def exit_raised():
    with a:
        try:
            with Raising():
                raise IndexError
        except ValueError:
            yield [a]


@generator
def exit_raised_without_error():
    try:
        with Raising():
            pass
    except ValueError:
        with b:
            yield [b]


@generator
def returning():
    with a:
        try:
            return 1
        finally:
            yield [a]


@generator
def return_value():
    with a:
        with b:
            return (yield [a, b])


@generator
def conditional():
    with (a if len(kept) >= 0 else b), b:
        while True:
            with c:
                yield [a, b, c]
                break


@generator
def deep():
    m = many
    with m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8]:
        with m[9], m[10], m[11], m[12], m[13], m[14], m[15], m[16], m[17]:
            yield list(m)


@generator
def in_item():
    with a, b if (yield [a]) else c:
        pass


@generator
def context_manager():
    manager = made()
    with manager:
        yield [manager]


@contextlib.contextmanager
def made():
    with d:
        yield


@generator
def locks():
    plain, recursive = threading.Lock(), threading.RLock()
    semaphore, condition = threading.Semaphore(), threading.Condition()
    with plain, recursive:
        with semaphore, condition:
            yield [plain, recursive, semaphore, condition]


@generator
def comprehension():
    with a:
        doubled = [x * 2 for x in range(3) if [y for y in range(x)]]
        yield [a]
    return doubled


@generator
def delegating():
    with a:
        yield from [[a]]


@generator
def unknown():
    with Static():
        with a:
            yield [a]


@generator
def cells(argument=None):
    variable = object()
    argument = object()

    def inner():
        nonlocal variable
        return variable, argument

    with a:
        yield [a]
    inner()


def thrown():
    with a:
        try:
            yield None
        except IndexError:
            with b:
                yield [a, b]


def made_of(source, name):
    space = dict(globals())
    exec(compile(textwrap.dedent(source), f"<{name}>", "exec"), space)  # noqa: S102
    return space[name]


def long_function():
    """Jumps and names beyond what one byte counts, before, in and after a with."""
    lines = "\n".join(f"    if random.random() > 2: v{i} = {i} + 1000" for i in range(400))
    block = textwrap.indent(lines, "    ")
    return made_of(f"def long():\n{lines}\n    with a:\n{block}\n        yield [a]\n{block}\n"
                   f"    yield []\n", "long")


class Maker:
    """Generator functions of random shape; what they yield is what they are inside of."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = ["def made_up(chance):"]
        self.count = 0

    def add(self, depth, text):
        self.lines.append("    " * depth + text)
        for _ in range(self.random.choice((0, 0, 0, 1, 5, 150))):
            self.lines.append("")

    def block(self, depth, inside, level):
        for _ in range(self.random.randint(1, 3 if level < 3 else 1)):
            self.statement(depth, inside, level)

    def statement(self, depth, inside, level):
        kinds = ["yield", "long", "call"]
        if level < 6:
            kinds += ["if", "for", "try", "finally", "with", "with", "two"]
        kind = self.random.choice(kinds)
        if kind == "yield":
            self.add(depth, f"yield [{', '.join(inside)}]")
        elif kind == "call":
            self.count += 1
            self.add(depth, f"v{self.count} = [x for x in (chance(), {self.count})]")
        elif kind == "long":
            self.add(depth, f"yield (max(chance(),\n\n{' ' * 250}2, chance(\n)) and")
            self.add(depth + 1, f"[{', '.join(inside)}])")
        elif kind == "if":
            self.add(depth, "if chance() < 2:")
            self.block(depth + 1, inside, level + 1)
            self.add(depth, "else:")
            self.block(depth + 1, inside, level + 1)
        elif kind == "for":
            self.add(depth, f"for i{level} in range(2):")
            self.block(depth + 1, inside, level + 1)
        elif kind in ("try", "finally"):
            self.add(depth, "try:")
            self.block(depth + 1, inside, level + 1)
            self.add(depth + 1, "if chance() < 4: raise KeyError")
            self.add(depth, "except KeyError:")
            self.block(depth + 1, inside, level + 1)
            if kind == "finally":
                self.add(depth, "finally:")
                self.block(depth + 1, inside, level + 1)
        else:
            names = self.random.sample("abcd", 2 if kind == "two" else 1)
            self.add(depth, f"with {', '.join(names)}:")
            self.block(depth + 1, [*inside, *names], level + 1)
            if self.random.random() < 0.3:
                self.add(depth + 1, "raise KeyError")


def made_up(seed):
    maker = Maker(seed)
    maker.block(1, [], 0)
    maker.lines.append("    yield []")
    return made_of("\n".join(maker.lines), "made_up")


# ---- coroutines ------------------------------------------------------------------------------

coroutines = []


def coroutine(function):
    coroutines.append(function)
    return function


@types.coroutine
def hold(inside):
    yield inside


class Slow:
    """Waits in both of its methods."""

    async def __aenter__(self):
        await hold([])

    async def __aexit__(self, *error):
        await hold([])


class SlowExit(Manager):
    async def __aexit__(self, *error):
        await hold([b])
        return True


@coroutine
async def async_one():
    async with a:
        await hold([(a,)])


@coroutine
async def async_mixed():
    async with a, b as second:
        with c:
            async with d:
                await hold([(a,), (b,), c, (d,)])
    del second


@coroutine
async def entering_slow():
    async with Slow():
        pass


@coroutine
async def leaving_slow():
    with b:
        async with SlowExit():
            pass


@coroutine
async def leaving_slow_with_error():
    with b:
        async with SlowExit():
            raise IndexError


@coroutine
async def async_after():
    async with a:
        pass
    await hold([])


@coroutine
async def async_swallowed():
    with b:
        async with a:
            raise KeyError
        await hold([b])


@coroutine
async def async_except():
    async with a:
        try:
            raise IndexError
        except IndexError:
            async with b:
                await hold([(a,), (b,)])


@coroutine
async def async_locks():
    lock, semaphore, condition = asyncio.Lock(), asyncio.Semaphore(), asyncio.Condition()
    async with lock:
        async with semaphore, condition:
            await hold([(lock,), (semaphore,), (condition,)])


@coroutine
async def waiting_for_lock():
    lock = asyncio.Lock()
    async with lock:
        with b:
            await wants(lock, [(lock,), b])


async def wants(lock, inside):
    """Called by waiting_for_lock."""
    await hold(inside)
    return lock


@coroutine
async def async_loop():
    async for _ in counting():
        async with a:
            async for _ in counting():
                await hold([(a,)])


async def counting():
    yield 1
    yield 2


@coroutine
async def async_comprehension():
    async with a:
        got = [x async for x in counting()]
        await hold([(a,)])
    return got


async def async_generator():
    async with a:
        with b:
            yield [(a,), b]


async def held_up(lock):
    with b:
        async with lock:
            pass


# ---- threads ---------------------------------------------------------------------------------

threads = []
expected = {}
blocked = threading.Semaphore(0)
never = threading.Lock()
never.acquire()
warming = True


def thread(function):
    threads.append(function)
    return function


def inside(*managers):
    if not warming:
        expected[id(sys._getframe(1))] = managers


def block():
    if not warming:
        blocked.release()
        never.acquire()


class BlockingEnter(Manager):
    def __enter__(self):
        block()


class BlockingExit(Manager):
    def __exit__(self, *error):
        block()
        return True


@thread
def thread_locks():
    plain, recursive, condition = threading.Lock(), threading.RLock(), threading.Condition()
    with plain:
        for number in range(2):
            with recursive, threading.Semaphore():
                pass
            with recursive, condition:
                inside(plain, recursive, condition)
                if number:
                    block()


@thread
def thread_calls():
    with a:
        inside(a)
        thread_called(object())


def thread_called(local):
    try:
        with b, c:
            inside(b, c)
            block()
    finally:
        del local


@thread
def thread_recursion(depth=0):
    with many[depth]:
        inside(many[depth])
        if depth < 10:
            thread_recursion(depth + 1)
        else:
            block()


@thread
def thread_entering():
    inside(a)
    with a, BlockingEnter():
        inside(a)


@thread
def thread_leaving():
    with a:
        inside(a)
        with BlockingExit():
            pass


@thread
def thread_leaving_with_error():
    with a:
        inside(a)
        with BlockingExit():
            raise IndexError


@thread
def thread_waits():
    with a:
        inside(a)
        if not warming:
            blocked.release()
            with never:
                pass


@thread
def thread_sleeps():
    with a:
        inside(a)
        if not warming:
            blocked.release()
            time.sleep(3600)


@thread
def thread_through_c():
    with a:
        inside(a)
        sorted([2, 1], key=through_c)


def through_c(number):
    with b:
        inside(b)
        block()
    return number


@thread
def thread_class():
    class Body:
        with a:
            with b:
                inside(a, b)
                block()

    return Body


@thread
def thread_module():
    exec(compile("with a:\n  inside(a)\n  with b: pass\n  block()", "<m>", "exec"), globals())


@thread
def thread_generator():
    with a:
        inside(a)
        for _ in running():
            pass


def running():
    with b:
        inside(b)
        block()
        yield 1


@thread
def thread_comprehension():
    with a:
        inside(a)
        return [blocking(number) for number in range(2)]


def blocking(number):
    block()
    return number


@thread
def thread_coroutine():
    stops = contextlib.suppress(StopIteration)
    with stops:
        inside(stops)
        async_running().send(None)


async def async_running():
    async with a:
        inside((a,))
        with b:
            inside((a,), b)
            block()


@thread
def thread_traced():
    sys.settrace(lambda frame, event, argument: trace)
    traced()
    sys.settrace(None)


def trace(frame, event, argument):
    return trace


def traced():
    with a:
        try:
            inside(a)
            block()
        finally:
            pass


@thread
def thread_traced_by_opcode():
    """From 3.12 on this replaces all instructions, those of other threads too."""
    sys.settrace(trace_opcodes)
    traced_by_opcode()
    sys.settrace(None)


def trace_opcodes(frame, event, argument):
    frame.f_trace_opcodes = True
    return trace_opcodes


def traced_by_opcode():
    with a:
        inside(a)
        block()


# ---- what is said ----------------------------------------------------------------------------


def said_managers(managers):
    pairs = [(one[0], True) if isinstance(one, tuple) else (one, False) for one in managers]
    return [[id(manager), asynchronous] for manager, asynchronous in pairs]


def said_frame(frame, managers):
    code = frame.f_code
    named = code.co_flags & 1  # CO_OPTIMIZED: variables are not in a dict
    variables = dict(frame.f_locals) if named else {}
    kept.append((frame, list(variables.values())))
    return {
        "file": code.co_filename,
        "function": getattr(code, "co_qualname", code.co_name),
        "line": frame.f_lineno or 0,
        "instruction": frame.f_lasti,
        "locals": {name: id(value) for name, value in variables.items()} if named else None,
        "managers": said_managers(managers),
    }


def exhaust(function, *arguments):
    for _ in range(WARM):
        for _ in function(*arguments):
            pass


def exhaust_coroutine(function):
    for _ in range(WARM):
        running = function()
        with contextlib.suppress(StopIteration):
            while True:
                running.send(None)


def frame_of(suspended):
    for name in ("gi_frame", "cr_frame", "ag_frame"):
        if hasattr(suspended, name):
            return getattr(suspended, name)


def suspend(said, suspended, managers):
    kept.append((suspended, managers))
    said[str(id(suspended))] = said_frame(frame_of(suspended), managers)


def all_generators():
    said = {}
    for function in [*generators, long_function()]:
        exhaust(function)
        created, suspended = function(), function()
        suspend(said, created, [])
        suspend(said, suspended, next(suspended))
    suspended = thrown()
    next(suspended)
    suspend(said, suspended, suspended.throw(IndexError))
    return said


def all_made_up(count=400):
    said = {}
    for seed in range(count):
        chance = random.Random(seed)
        function = made_up(seed)
        if seed % 20 == 0:
            codes.append(function.__code__)
        for stop in (0, 1, 3, 10):
            suspended = function(lambda: chance.randrange(10))
            managers = None
            try:
                for _ in range(stop + 1):
                    managers = next(suspended)
            except (StopIteration, KeyError):
                continue
            suspend(said, suspended, managers)
    return said


def all_coroutines():
    said = {}
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    asyncio._set_running_loop(loop)
    for function in coroutines:
        exhaust_coroutine(function)
        created, suspended = function(), function()
        suspend(said, created, [])
        suspend(said, suspended, suspended.send(None))
    lock = asyncio.Lock()
    with contextlib.suppress(StopIteration):
        lock.acquire().send(None)
    suspended = held_up(lock)
    suspended.send(None)
    suspend(said, suspended, [b])
    suspended = async_generator()
    try:
        suspended.asend(None).send(None)
    except StopIteration as stop:
        suspend(said, suspended, stop.value)
    asyncio._set_running_loop(None)
    return said


def all_threads():
    global warming
    for function in threads:
        for _ in range(WARM):
            function()
    warming = False
    started = [threading.Thread(target=function, daemon=True) for function in threads]
    for one in started:
        one.start()
        blocked.acquire()
    time.sleep(0.5)
    said, frames = {}, sys._current_frames()
    for one in started:
        said[str(one.ident)] = chain = []
        frame = frames[one.ident]
        while frame:
            chain.append(said_frame(frame, expected.get(id(frame), ())))
            frame = frame.f_back
    return said


def lines_of(code):
    """Pairs (offset, line) where the line changes."""
    if hasattr(code, "co_lines"):
        return [(start, line or 0) for start, _, line in code.co_lines()]
    return list(dis.findlinestarts(code))


def said_code(code):
    handlers = None
    if hasattr(dis, "_parse_exception_table"):
        entries = dis._parse_exception_table(code)
        handlers = [[one.start, one.end, one.target, one.depth] for one in entries]
    return {
        "first": code.co_firstlineno,
        "size": len(code.co_code),
        "lines": lines_of(code),
        "handlers": handlers,
    }


def all_codes():
    import argparse
    import decimal
    import typing

    modules = (argparse, asyncio.base_events, asyncio.tasks, decimal, dis, random, threading)
    for module in (*modules, typing, textwrap, contextlib):
        for value in list(vars(module).values()):
            members = vars(value).values() if isinstance(value, type) else [value]
            codes.extend(one.__code__ for one in members if isinstance(one, types.FunctionType))
    return {str(id(code)): said_code(code) for code in codes}


def main():
    said = {
        "generators": {**all_generators(), **all_coroutines()},
        "made_up": all_made_up(),
        "threads": all_threads(),
        "codes": all_codes(),
    }
    print("READY", json.dumps(said), flush=True)
    time.sleep(3600)


if __name__ == "__main__":
    main()
