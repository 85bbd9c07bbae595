"""Requests that hand work to threads and tasks: with their context, without it, or nobody knows.

    lost_contexts.py lost|kept|unknown

Prints READY when all of it runs.
"""
import asyncio
import concurrent.futures
import contextvars
import decimal
import functools
import logging
import os
import sys
import threading
import time
import traceback

HOUR = 3600
request = contextvars.ContextVar("request", default="-")
user = contextvars.ContextVar("user")
unread = contextvars.ContextVar("unread")
late = contextvars.ContextVar("late")
log = logging.getLogger("shop")
running = threading.Semaphore(0)


def hang():
    running.release()
    time.sleep(HOUR)


def reads():
    request.get()
    hang()


def reads_nothing():
    hang()


def current_request():
    return request.get("-")


def reads_through_helper():
    current_request()
    hang()


class Stamp(logging.Filter):
    def filter(self, record):
        record.request = request.get("-")
        return True


def logs():
    log.info("working")
    hang()


def logs_nothing():
    hang()
    log.debug("done")


def fills():
    if not request.get(None):
        hang()
        request.set("filled")
    hang()


def reads_in_context(context):
    context.run(reads)


class Job:
    user = user

    def read(self):
        self.user.get(None)
        hang()


def reads_late():
    late.get(None)
    hang()


def reading_closure():
    variable = request

    def inner():
        variable.get()
        hang()

    return inner


def handed_over(function, *arguments):
    return asyncio.get_running_loop().run_in_executor(None, function, *arguments)


# ---- lost ------------------------------------------------------------------------------------


async def plain():
    await handed_over(reads)


async def by_helper():
    await handed_over(reads_through_helper)


async def by_method():
    await handed_over(Job().read)


async def by_closure():
    await handed_over(reading_closure())


async def by_filter():
    await handed_over(logs)


async def gathered():
    await asyncio.gather(handed_over(reads), handed_over(reads))


async def waited_for():
    await asyncio.wait_for(handed_over(reads), HOUR)


async def wrapped():
    await asyncio.wrap_future(other_pool.submit(reads))


async def child():
    request.get()
    running.release()
    await asyncio.sleep(HOUR)


async def group_member():
    request.get()
    running.release()
    await asyncio.sleep(HOUR)


async def group_with_empty_context():
    async with asyncio.TaskGroup() as group:
        group.create_task(group_member(), context=contextvars.Context())


# ---- kept ------------------------------------------------------------------------------------


async def to_thread():
    await asyncio.to_thread(reads)


async def copied():
    await handed_over(contextvars.copy_context().run, reads)


async def copied_partial():
    await handed_over(functools.partial(contextvars.copy_context().run, reads))


async def entered_inside():
    await handed_over(reads_in_context, contextvars.copy_context())


async def unread_there():
    await handed_over(reads_nothing)


async def logged_nothing():
    await handed_over(logs_nothing)


async def filled_there():
    await handed_over(fills)


async def set_after_the_call():
    future = handed_over(reads_late)
    late.set("later")
    await future


async def group():
    async with asyncio.TaskGroup() as members:
        members.create_task(child())
        members.create_task(child())


async def tasks():
    await asyncio.gather(child(), asyncio.create_task(child()))


# ---- unknown ---------------------------------------------------------------------------------


async def started_by_another():
    """Begun when nobody had asked for anything, awaited by a request."""
    await asyncio.wrap_future(shared)


async def task_with_empty_context():
    await asyncio.create_task(child(), context=contextvars.Context())


# ----

# What runs of each, and how much of it.
LOST = {plain: 1, by_helper: 1, by_method: 1, by_closure: 1, by_filter: 1}
LOST.update({gathered: 2, waited_for: 1, wrapped: 1})
KEPT = {copied: 1, copied_partial: 1, entered_inside: 1, unread_there: 1, logged_nothing: 1}
KEPT.update({filled_there: 1, set_after_the_call: 1, tasks: 2})
UNKNOWN = {started_by_another: 1}
if sys.version_info >= (3, 9):
    KEPT[to_thread] = 1
if sys.version_info >= (3, 11):
    LOST[group_with_empty_context] = 1
    KEPT[group] = 2
    UNKNOWN[task_with_empty_context] = 1


async def handle(work):
    request.set("7f3a")
    user.set("ada")
    unread.set("nobody reads it")
    with decimal.localcontext():
        await work()


def stamp_log():
    handler = logging.StreamHandler(open(os.devnull, "w"))
    handler.addFilter(Stamp())
    log.addHandler(handler)
    log.setLevel(logging.INFO)


def tell(count):
    for _ in range(count):
        running.acquire()
    time.sleep(0.2)
    print("READY", flush=True)


async def main():
    works = {"lost": LOST, "kept": KEPT, "unknown": UNKNOWN}[sys.argv[1]]
    threading.Thread(target=tell, args=(sum(works.values()),), daemon=True).start()
    asyncio.get_running_loop().set_default_executor(concurrent.futures.ThreadPoolExecutor(32))
    await asyncio.gather(*(handle(work) for work in works))


try:
    stamp_log()
    other_pool = concurrent.futures.ThreadPoolExecutor()
    shared = other_pool.submit(reads) if sys.argv[1] == "unknown" else None
    asyncio.run(main())
except BaseException:
    traceback.print_exc()
    os._exit(1)  # threads of executors would keep it alive
