"""Dicts whose entries look like GC heads, in front of the objects that matter.

An entry's words {key, value, hash of the next key, next key} pass for {next, previous, count,
type}: integer keys are their own hash, and in a program linked to low addresses a static string's
address is a plausible count, too.
"""
import gc
import time

COUNT = 2500000  # half of the entries are aligned like heads
TYPES = 20
kept = []


def keep(self):
    kept.append(self)


many = {number * 7 + 100000: str(number) for number in range(COUNT)}
few = [
    {"name": str(n), "x": str(n), "y": str(n), "key": str(n), "value": str(n), "mode": str(n)}
    for n in range(100000)
]
for number in range(TYPES):
    type("Late%d" % number, (), {"__del__": keep})()
gc.collect()
print("READY", flush=True)
time.sleep(3600)
