"""What looks as if it blocked an event loop, and does not."""
import asyncio
import functools
import queue
import socket
import subprocess
import threading
import time

import aiohttp
import anyio
import async_timeout
import requests

work = queue.Queue()
lock = asyncio.Lock()


def plain():
    time.sleep(1)
    requests.get("http://x")
    input()


async def hands_over():
    loop = asyncio.get_running_loop()

    def call():
        time.sleep(1)
        return subprocess.run(["true"])

    future = loop.run_in_executor(None, call)
    other = loop.run_in_executor(None, lambda: requests.get("http://x"))
    third = asyncio.to_thread(functools.partial(time.sleep, 1))
    await asyncio.wait({future, other}, timeout=3)
    return third


async def sleeps():
    await asyncio.sleep(1)
    time.sleep(0)
    time.monotonic()


async def shadowed(time, requests, input):
    time.sleep(1)
    requests.get("http://x")
    input()


async def own_names():
    sleep = asyncio.sleep
    await sleep(1)
    queue = asyncio.Queue()
    await queue.get()
    event = asyncio.Event()
    await event.wait()


async def does_not_wait():
    work.get(False)
    work.get(block=False)
    work.get_nowait()
    work.put(3)
    threading.Lock().release
    requests.Session()
    subprocess.Popen(["true"])
    requests.Request("GET", "http://x")


async def with_deadlines(loop, call):
    await asyncio.wait_for(loop.run_in_executor(None, call), timeout=3)
    await asyncio.wait_for(asyncio.to_thread(call), 3)
    async with asyncio.timeout(3):
        await asyncio.to_thread(call)
    async with async_timeout.timeout(3) as scope:
        if scope:
            await loop.run_in_executor(None, call)
    with anyio.fail_after(3):
        await asyncio.to_thread(call)


async def speaks_http():
    async with aiohttp.ClientSession() as session:
        async with session.get("http://x") as answer:
            await answer.read()


async def right(coroutine, other):
    future = asyncio.run_coroutine_threadsafe(coroutine, other)
    await asyncio.wrap_future(future)
    task = asyncio.create_task(coroutine)
    await task
    return task.result()


def from_a_thread(coroutine, loop):
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result()


IS_SYNC = False


async def for_both_worlds(host):
    if not IS_SYNC:
        await asyncio.sleep(1)
    else:
        time.sleep(1)
    if IS_SYNC:
        time.sleep(1)
    if True:
        return await asyncio.get_running_loop().getaddrinfo(host, 80)
    else:
        return socket.getaddrinfo(host, 80)


async def numbers_only(host):
    return socket.getaddrinfo(host, 80, flags=socket.AI_NUMERICHOST)


class Rebound:
    def __init__(self, source):
        self.items = source
        self.other = queue.Queue()
        self.other = source

    async def run(self):
        self.items.get()
        self.other.get()


async def locks_without_waiting():
    held = threading.Lock()
    held.acquire(False)
    held.acquire(blocking=False)
    held.acquire(timeout=0)


async def told_not_to_block(loop, address):
    peer = socket.socket()
    peer.setblocking(False)
    try:
        peer.connect(address)
    except BlockingIOError:
        await loop.sock_connect(peer, address)
