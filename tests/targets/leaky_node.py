"""Two nodes in a cycle, kept alive by their own finalizers."""
import gc
import time

_resurrection_bin = []


class LeakyNode:
    def __init__(self, data):
        self.data = data
        self.ref = None

    def __del__(self):
        _resurrection_bin.append(self)


a = LeakyNode("node_a")
b = LeakyNode("node_b")
a.ref = b
b.ref = a
del a, b
gc.collect()
assert len(_resurrection_bin) == 2 and gc.garbage == []
print("READY", flush=True)
time.sleep(3600)
