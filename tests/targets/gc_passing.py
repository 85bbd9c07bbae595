"""Drops cycles without pause under a high threshold: much of the heap is garbage that is about to
be collected."""
import gc
import threading

gc.set_threshold(50000, *gc.get_threshold()[1:])


def churn():
    while True:
        cycle = []
        cycle.append(cycle)


threading.Thread(target=churn, daemon=True).start()
print("READY", flush=True)
threading.Event().wait()
