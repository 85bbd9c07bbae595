"""A thread ticks every millisecond beside a heap of some size; says the longest pause when asked."""
import gc
import sys
import threading
import time

heap = [[number] for number in range(int(sys.argv[1]))]
gc.freeze()
gc.disable()
ticks = 0
longest = 0.0


def tick():
    global ticks, longest
    before = time.monotonic()
    while True:
        time.sleep(0.001)
        now = time.monotonic()
        longest = max(longest, now - before)
        before = now
        ticks += 1


threading.Thread(target=tick, daemon=True).start()
print("READY", flush=True)
for line in sys.stdin:
    print(ticks, longest, flush=True)
    if line == "forget\n":
        longest = 0.0
