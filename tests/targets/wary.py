"""Waits in all the usual ways, each in a thread, or in one way and no thread but the first; looks out
for children; says what it noticed."""
import asyncio
import json
import os
import queue
import select
import signal
import socket
import sys
import threading
import time

DURATION = 0.15
noticed = []
rounds = {}
signals = []
pipe = os.pipe()
pair = socket.socketpair()
pair[0].settimeout(DURATION)
epoll = select.epoll()
epoll.register(pair[0], select.EPOLLIN)
poll = select.poll()
poll.register(pair[0], select.POLLIN)
held = threading.Lock()
held.acquire()


def receive():
    try:
        pair[0].recv(1)
    except socket.timeout:
        pass


def get():
    try:
        queue.Queue().get(timeout=DURATION)
    except queue.Empty:
        pass


def read():
    threading.Timer(DURATION, os.write, (pipe[1], b"x")).start()
    assert os.read(pipe[0], 1) == b"x"


def no_child():
    try:
        noticed.append(f"waitpid: {os.waitpid(-1, os.WNOHANG)}")
    except ChildProcessError:
        time.sleep(DURATION)


WAITS = {
    "sleep": lambda: time.sleep(DURATION),
    "event": lambda: threading.Event().wait(DURATION),
    "lock": lambda: held.acquire(timeout=DURATION),
    "select": lambda: select.select([pair[0]], [], [], DURATION),
    "poll": lambda: poll.poll(DURATION * 1000),
    "epoll": lambda: epoll.poll(DURATION),
    "receive": receive,
    "queue": get,
    "read": read,
    "asyncio": lambda: asyncio.run(asyncio.sleep(DURATION)),
    "no child": no_child,
}


def repeat(name):
    begin = time.monotonic()
    try:
        WAITS[name]()
    except BaseException as error:
        noticed.append(f"{name}: {error!r}")
    took = time.monotonic() - begin
    if not DURATION * 0.99 <= took < float(sys.argv[1]):
        noticed.append(f"{name}: took {took:.4f} s")
    rounds[name] = rounds.get(name, 0) + 1


def repeat_for_ever(name):
    while True:
        repeat(name)


signal.signal(signal.SIGCHLD, lambda *_: signals.append("SIGCHLD"))
print("READY", flush=True)
if len(sys.argv) > 2:
    while not select.select([sys.stdin], [], [], 0)[0]:
        repeat(sys.argv[2])
else:
    for name in WAITS:
        threading.Thread(target=repeat_for_ever, args=(name,), daemon=True).start()
sys.stdin.readline()
print(json.dumps({"noticed": noticed + signals, "rounds": rounds}), flush=True)
