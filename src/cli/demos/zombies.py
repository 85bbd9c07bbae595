"""A service that leaks without a trace: two nodes whose finalizers bring them back to life."""
import gc
import time

_resurrection_bin = []


class LeakyNode:
    def __init__(self, name):
        self.name = name
        self.ref = None

    def __del__(self):
        _resurrection_bin.append(self)


def handle_request():
    a = LeakyNode("node_a")
    b = LeakyNode("node_b")
    a.ref, b.ref = b, a


handle_request()
gc.collect()
assert gc.garbage == []
print("READY", flush=True)
while True:
    time.sleep(0.1)
