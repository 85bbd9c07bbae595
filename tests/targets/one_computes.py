"""A thread that sleeps in a native call, one that waits for a lock, and a main thread that computes:
something has always run between two looks."""
import threading
import time

lock = threading.Lock()
lock.acquire()


def sleep():
    time.sleep(3600)


def wait():
    with lock:
        pass


threading.Thread(target=sleep, name="Sleeper", daemon=True).start()
threading.Thread(target=wait, name="Waiter", daemon=True).start()
time.sleep(0.2)
print("READY", flush=True)
while True:
    sum(range(1000))
