"""Two threads that go in and out of with blocks as fast as they can."""
import json
import threading
import time


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


a, b = Manager(), Manager()
lock = threading.Lock()


def in_and_out():
    while True:
        with a:
            with b, lock:
                sum(range(3))
            _ = [number for number in range(5)]


def inside():
    with a:
        while True:
            with b:
                _ = 1


threads = [threading.Thread(target=work, daemon=True) for work in (in_and_out, inside)]
for thread in threads:
    thread.start()
said = {"managers": [id(a), id(b), id(lock)], "threads": [thread.ident for thread in threads]}
print("READY", json.dumps(said), flush=True)
time.sleep(3600)
