"""Threads create and drop finalizable cycles as fast as they can; seven zombies stay."""
import gc
import threading
import time

planted = []


class Planted:
    def __del__(self):
        planted.append(self)


class Passing:
    def __init__(self):
        self.me = self
        self.parts = [self, {}]

    def __del__(self):
        self.parts.append(None)


def churn():
    while True:
        for _ in range(100):
            Passing()
        time.sleep(0)


for _ in range(4):
    Planted()
for _ in range(3):
    one = Planted()
    one.me = one
del one
gc.collect()
assert len(planted) == 7
for _ in range(3):
    threading.Thread(target=churn, daemon=True).start()
time.sleep(0.2)
print("READY", flush=True)
time.sleep(3600)
