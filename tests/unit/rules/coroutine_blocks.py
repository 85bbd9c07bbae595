"""Calls in coroutines that block their event loop."""
import asyncio
import concurrent.futures
import os
import queue
import socket
import sqlite3
import subprocess
import threading
import time
import time as clock
import urllib.request
from asyncio import to_thread
from subprocess import check_output as output
from time import sleep as nap

import async_timeout
import requests

work = queue.Queue()
done = threading.Event()


async def sleeps():
    time.sleep(1)  #! LOOP005 warning
    clock.sleep(0.5)  #! LOOP005 warning
    nap(2)  #! LOOP005 warning
    if done:
        for _ in range(3):
            time.sleep(1)  #! LOOP005 warning


async def fetches(url):
    requests.get(url)  #! LOOP005 warning
    with requests.Session() as session:
        session.post(url)  #! LOOP005 warning
    with urllib.request.urlopen(url) as answer:  #! LOOP005 warning
        answer.read()
    socket.create_connection((url, 80))  #! LOOP005 warning


async def starts():
    subprocess.run(["true"], check=True)  #! LOOP005 warning
    output(["true"])  #! LOOP005 warning
    os.system("true")  #! LOOP005 warning
    child = subprocess.Popen(["true"])
    child.wait()  #! LOOP005 warning


async def asks():
    name = input("name? ")  #! LOOP005 warning
    with open(name) as file:
        file.read()  #! LOOP005 info
    database = sqlite3.connect(name)  #! LOOP005 info
    database.execute("select 1")  #! LOOP005 warning


class Worker:
    def __init__(self):
        self._items = None
        self._items = queue.Queue()

    async def run(self):
        self._items.get()  #! LOOP005 warning
        work.get(timeout=3)  #! LOOP005 warning
        done.wait()  #! LOOP005 warning


async def joins(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()  #! LOOP005 info
    if function:
        socket.getaddrinfo("host", 80)  #! LOOP005 warning
    elif done:
        time.sleep(1)  #! LOOP005 warning


def outer():
    async def inner():
        return [time.sleep(1) for _ in range(3)]  #! LOOP005 warning

    return inner


async def in_arguments(loop):
    await loop.run_in_executor(None, requests.get("http://x"))  #! LOOP005 warning #! LOOP006 info


async def without_deadline(loop, pool):
    await loop.run_in_executor(None, time.sleep, 1)  #! LOOP006 info
    await asyncio.to_thread(time.sleep, 1)  #! LOOP006 info
    return await to_thread(lambda: time.sleep(1))  #! LOOP006 info


async def with_endless_deadline():
    async with asyncio.timeout(None):
        await asyncio.to_thread(time.sleep, 1)  #! LOOP006 info


async def waits_for_itself(work):
    loop = asyncio.get_running_loop()
    future = asyncio.run_coroutine_threadsafe(work(), loop)
    future.result()  #! LOOP007 error
    asyncio.run_coroutine_threadsafe(work(), loop).result(timeout=3)  #! LOOP007 error


async def waits_for_another(work, other):
    asyncio.run_coroutine_threadsafe(work(), other).result()  #! LOOP007 error
    asyncio.run_coroutine_threadsafe(work(), loop=other).result(3)  #! LOOP007 warning


def names_of_one_letter():
    async def first():
        a = queue.Queue()
        a.get()  #! LOOP005 warning

    async def second():
        b = asyncio.Queue()
        await b.get()

    async def third():
        c = queue.Queue()
        c.get()  #! LOOP005 warning

    async def fourth():
        d = asyncio.Queue()
        await d.get()

    async def fifth():
        e = queue.Queue()
        e.get()  #! LOOP005 warning

    async def sixth():
        f = asyncio.Queue()
        await f.get()

    return first, second, third, fourth, fifth, sixth


async def results_of_constructors(address):
    threading.Lock().acquire()  #! LOOP005 warning
    socket.socket().connect(address)  #! LOOP005 warning
    threading.Semaphore(0).acquire()  #! LOOP005 warning
    with socket.socket() as peer:
        peer.recv(1)  #! LOOP005 warning
