"""Programs that leak, and healthy ones that look busy: leaks.py NAME.

Each line "N" on standard input asks for N rounds of work; "done" says that they are over.
"""

import collections
import functools
import gc
import queue
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor


class Row:
    """What an ORM would make of a row."""

    def __init__(self, key):
        self.key = key
        self.name = "row %d" % key
        self.tags = [key, str(key)]


# ---- leaks ----------------------------------------------------------------------------------


class Unbounded:
    def __init__(self):
        self.entries = {}

    def work(self, n):
        self.entries[n] = Row(n)


class Session:
    """An identity map that is never cleared."""

    def __init__(self):
        self.identity_map = {}
        self.new = []

    def get(self, key):
        if key not in self.identity_map:
            self.identity_map[key] = Row(key)
        return self.identity_map[key]

    def work(self, n):
        self.get(n).tags.append("seen")


class Failures:
    """Exceptions that are kept keep their tracebacks, and these the frames with all they hold."""

    def __init__(self):
        self.errors = []

    def request(self, n):
        rows = [Row(n)]
        raise LookupError("no row %d" % rows[0].key)

    def work(self, n):
        try:
            self.request(n)
        except LookupError as error:
            self.errors.append(error)


class Closures:
    def __init__(self):
        self.callbacks = []

    def work(self, n):
        row = Row(n)
        self.callbacks.append(lambda: row)


class Signal:
    """Receivers that are held for ever, as by a signal with weak=False."""

    def __init__(self):
        self.receivers = []

    def work(self, n):
        self.receivers.append((n, functools.partial(print, Row(n))))


class Waiting:
    def __init__(self):
        self.jobs = queue.Queue()

    def work(self, n):
        self.jobs.put(Row(n))


class Chain:
    """Each link holds the next: no container is large."""

    class Link:
        __slots__ = ("following", "row")

        def __init__(self, following):
            self.following = following
            self.row = 0

    def __init__(self):
        self.head = None

    def work(self, _n):
        self.head = Chain.Link(self.head)


class Large:
    """Few objects, but large ones."""

    def __init__(self):
        self.pages = []

    def work(self, n):
        if n % 100 == 0:
            self.pages.append(bytes(1_000_000))


class Threads:
    def __init__(self):
        self.over = threading.Event()

    def poll(self):
        self.over.wait()

    def work(self, n):
        if n % 10 == 0:
            threading.Thread(target=self.poll, daemon=True).start()


class Sockets:
    """Connections that are opened for each request and never closed."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.connections = []
        self.accepted = []

    def work(self, n):
        if n % 10 == 0:
            self.connections.append(socket.create_connection(self.server.getsockname()))
            self.accepted.append(self.server.accept()[0])


class Overloaded:
    def __init__(self):
        self.over = threading.Event()
        self.pool = ThreadPoolExecutor(max_workers=1)
        self.pool.submit(self.over.wait)

    def work(self, n):
        if n % 10 == 0:
            self.pool.submit(print, n)


class Undead:
    """Comes back when it is let go, into a list that only grows."""

    graves = []

    def __del__(self):
        Undead.graves.append(self)

    @staticmethod
    def work(n):
        if n % 100 == 0:
            Undead()


# ---- healthy --------------------------------------------------------------------------------


class Churn:
    """Rows come and go, by the thousand; as many as before are there in the end."""

    def __init__(self):
        self.rows = collections.deque(maxlen=2000)
        for n in range(2000):
            self.work(n)

    def work(self, n):
        self.rows.append(Row(n))


class Bounded:
    """A cache that is full from the beginning."""

    def __init__(self):
        self.row = functools.lru_cache(maxsize=1000)(Row)
        for n in range(1000):
            self.work(n)

    def work(self, n):
        self.row(10000 + n)  # small numbers are no objects of their own


class Filling:
    """A cache that fills, and is full after a while."""

    def __init__(self):
        self.row = functools.lru_cache(maxsize=1000)(Row)

    def work(self, n):
        self.row(n)


class Cycles:
    """Garbage that waits for a collection that comes in the end."""

    def __init__(self):
        gc.disable()

    def work(self, n):
        row = Row(n)
        row.itself = row


class Still:
    def work(self, _n):
        pass


def main():
    global app  # the holders are named from here: "__main__.app"
    app = globals()[sys.argv[1]]()
    done = 0
    print("READY", flush=True)
    for line in sys.stdin:
        for n in range(done, done + int(line)):
            app.work(n)
        done += int(line)
        print("done", flush=True)


main()
