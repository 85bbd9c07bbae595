"""Says whether full collections wait until a quarter of the long-lived objects is new."""

import gc
import sys
import time


def full_collections_while(count):
    before = gc.get_stats()[2]["collections"]
    made = [[number] for number in range(count)]
    return gc.get_stats()[2]["collections"] - before, made


def main():
    long_lived = [[] for _ in range(200000)]
    gc.collect()
    gc.set_threshold(100, 1, 1)
    below, first = full_collections_while(25000)
    beyond, second = full_collections_while(50000)
    gc.disable()
    print("waits" if below == 0 and beyond > 0 else "does not wait")
    print("READY", flush=True)
    time.sleep(3600)
    del long_lived, first, second


if __name__ == "__main__":
    sys.exit(main())
