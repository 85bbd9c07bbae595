"""Python that calls C that calls Python: through sorted() and map()."""

import threading
import time


def inner(value):
    time.sleep(3600)
    return value


def key(value):
    return inner(value)


def outer():
    return sorted([2, 1], key=key)


def top():
    return list(map(lambda _: outer(), [1]))


threading.Thread(target=top, name="Worker", daemon=True).start()
lock = threading.Lock()
with lock:
    threading.Thread(target=lock.acquire, name="Waiter", daemon=True).start()
    time.sleep(0.3)
    print("READY", flush=True)
    time.sleep(3600)
