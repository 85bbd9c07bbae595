"""Threads that wait in every way, and what each of them waits for."""
import json
import os
import queue
import select
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

FOREVER = 3600
FUTEX = ["futex"]
SLEEP = ["clock_nanosleep", "nanosleep", "pselect6", "select"]
WAITS = {}  # name -> {"call": system calls, "lock": function that gives the lock's id}
KEPT = []


def start(name, function, call=FUTEX, lock=None):
    thread = threading.Thread(target=function, name=name, daemon=True)
    thread.start()
    WAITS[name] = {"call": call, "lock": lock or (lambda: None), "thread": thread}
    return thread


def waiter(condition):
    """A function that gives the lock of the one thread that waits for the condition."""
    return lambda: id(condition._waiters[0])


def waits_for_locks():
    lock, rlock, python_rlock = threading.Lock(), threading.RLock(), threading._PyRLock()
    for one in (lock, rlock, rlock, python_rlock):
        one.acquire()
    KEPT.extend([lock, rlock, python_rlock])

    def with_lock():
        with lock:
            pass

    def with_rlock():
        with rlock:
            pass

    start("lock", with_lock, lock=lambda: id(lock))
    start("timed lock", lambda: lock.acquire(timeout=FOREVER), lock=lambda: id(lock))
    start("rlock", with_rlock, lock=lambda: id(rlock))
    start("timed rlock", lambda: rlock.acquire(timeout=FOREVER), lock=lambda: id(rlock))
    start("python rlock", python_rlock.acquire, lock=lambda: id(python_rlock._block))


def waits_for_others():
    condition, event, timed_event = threading.Condition(), threading.Event(), threading.Event()
    semaphore = threading.Semaphore(0)
    items, simple_items = queue.Queue(), queue.SimpleQueue()
    KEPT.extend([condition, event, timed_event, semaphore, items, simple_items])

    def wait():
        with condition:
            condition.wait()

    start("condition", wait, lock=waiter(condition))
    start("event", event.wait, lock=waiter(event._cond))
    start("timed event", lambda: timed_event.wait(FOREVER), lock=waiter(timed_event._cond))
    start("semaphore", semaphore.acquire, lock=waiter(semaphore._cond))
    start("queue", items.get, lock=waiter(items.not_empty))
    start("simple queue", simple_items.get, lock=lambda: id(simple_items))
    sleeper = start("sleep", lambda: time.sleep(FOREVER), call=SLEEP)
    # From 3.13 on what a thread is joined by is not an object.
    joined = (lambda: None) if sys.version_info >= (3, 13) else lambda: id(sleeper._tstate_lock)
    start("join", sleeper.join, lock=joined)


def waits_for_the_kernel():
    left, right = socket.socketpair()
    poll, reader = select.epoll(), os.pipe()[0]
    KEPT.extend([left, right, poll])
    start("recv", lambda: left.recv(1), call=["recvfrom"])
    start("select", lambda: select.select([left], [], []), call=["pselect6", "select"])
    start("epoll", poll.poll, call=["epoll_wait", "epoll_pwait"])
    start("read", lambda: os.read(reader, 1), call=["read"])
    # It ends with the pipe, at the latest when this program does.
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=-1)
    start("process", child.wait, call=["wait4", "waitid"])


def waits_for_a_database():
    path = os.path.join(tempfile.mkdtemp(), "locked.db")
    first = sqlite3.connect(path, isolation_level=None)
    first.execute("create table things (name)")
    first.execute("begin exclusive")
    KEPT.append(first)

    def insert():
        second = sqlite3.connect(path, timeout=FOREVER, isolation_level=None)
        second.execute("insert into things values (1)")

    start("database", insert, call=SLEEP)


def spin():
    while True:
        pass


def busy():
    for name in ("first spinner", "second spinner"):
        start(name, spin, call=[])


def blocked():
    waits_for_locks()
    waits_for_others()
    waits_for_the_kernel()
    waits_for_a_database()


def main():
    {"busy": busy, "blocked": blocked}[sys.argv[1]]()
    time.sleep(0.7)
    told = {
        name: {"tid": wait["thread"].native_id, "call": wait["call"], "lock": wait["lock"]()}
        for name, wait in WAITS.items()
    }
    print("READY", json.dumps({"main": threading.get_ident(), "waits": told}), flush=True)
    while True:
        time.sleep(FOREVER)


main()
