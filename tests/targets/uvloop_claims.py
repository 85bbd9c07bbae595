"""Loops of uvloop, and what they are known to have.

Prints READY and a list of [request, expected answer] for tests/unit/read_asyncio.c.
"""
import asyncio
import concurrent.futures
import json
import threading
import time

import uvloop

HOUR = 3600
claims = []
threads = {}
kept = []  # alive until the end


class LoopOfOurs(uvloop.Loop):
    pass


def claim(what, one, **expected):
    claims.append([f"{what} {id(one)}", dict(expected, known=True)])


def claim_loop(loop, ready, executor=0):
    unknown = {"next_timer": None, "io": []}  # when timers fire is out of sight
    timers = [[id(print)]]
    claim("loop", loop, ready=ready, executor=executor, timers=timers, scheduled=1, **unknown)


def start(loop, main):
    """Runs `main` in a thread until it says that it is ready."""
    ready = threading.Event()

    def run():
        asyncio.set_event_loop(loop)
        loop.run_until_complete(main(ready))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(30)
    time.sleep(0.1)
    task = asyncio.current_task(loop)
    threads[str(thread.ident)] = [id(loop), id(task) if task else 0]
    kept.append(loop)


async def on_future(future):
    await future


def work_in(loop):
    executor = concurrent.futures.ThreadPoolExecutor(1)
    future = loop.create_future()
    release = threading.Event()
    tasks = []

    async def main(ready):
        loop.set_default_executor(executor)
        for _ in range(3):
            tasks.append(loop.create_task(on_future(future)))
        for _ in range(3):
            call = loop.run_in_executor(None, release.wait)
            tasks.append(loop.create_task(on_future(call)))
        loop.call_later(HOUR, print)
        await asyncio.sleep(0.05)
        ready.set()
        await loop.create_future()

    start(loop, main)
    wakes = sorted(map(id, tasks[:3]))
    claim("future", future, role="future", state="PENDING", loop=id(loop), wakes=wakes)
    for task in tasks:
        waits_for = task._fut_waiter
        claim("future", task, role="task", loop=id(loop), waits_for=id(waits_for), leaf=id(waits_for))
    claim_loop(loop, 0, id(executor))
    claim("executor", executor, max_workers=1, queued=2)
    kept.extend([executor, future, tasks])


def block_in_task(loop):
    async def main(ready):
        for _ in range(5):
            loop.call_soon(print)
        kept.append(loop.create_task(on_future(loop.create_future())))
        loop.call_later(1, print)
        ready.set()
        time.sleep(HOUR)

    start(loop, main)
    claim_loop(loop, 6)


work_in(uvloop.new_event_loop())
work_in(LoopOfOurs())
block_in_task(LoopOfOurs())
idle = uvloop.new_event_loop()
idle.call_soon(print)
idle.call_later(HOUR, print)
claim_loop(idle, 1)
claims.append(["threads 0", dict(threads, known=True)])
print("READY", json.dumps(claims), flush=True)
time.sleep(HOUR)
