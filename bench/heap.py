"""A heap of N tracked objects and 100 zombies; counts itself from inside when asked to.

    heap.py N    prints READY and the number of tracked objects; then, for each line `count` on
                 stdin, one line of JSON: what a look from inside costs and finds.
"""
import gc
import json
import sys
import time
from collections import Counter

ZOMBIES = 100
kept = []


class Zombie:
    def __del__(self):
        kept.append(self)


class Record:
    def __init__(self, name, fields):
        self.name = name
        self.fields = fields


def build(count):
    """A quarter each of instances, dicts, lists and tuples, all of which the collector tracks."""
    records = []
    for number in range(count // 4):
        name = f"record number {number}"
        history = [number * 3, number * 5, None]
        fields = {"number": number, "name": name, "price": number / 4, "history": history}
        records.append((Record(name, fields), number))
    return records


def count_inside():
    """What the census finds out, by the shortest way there is from inside."""
    begin = time.perf_counter()
    objects = gc.get_objects()
    types = Counter(map(type, objects))
    finalized = Counter(map(type, filter(gc.is_finalized, objects)))
    seconds = time.perf_counter() - begin
    return {"seconds": seconds, "objects": sum(types.values()), "zombies": finalized[Zombie]}


def main():
    gc.disable()
    heap = build(int(sys.argv[1]))
    for _ in range(ZOMBIES):
        Zombie()
    gc.enable()
    gc.collect()
    print("READY", len(gc.get_objects()), flush=True)
    for _ in sys.stdin:
        print(json.dumps(count_inside()), flush=True)
    return heap


if __name__ == "__main__":
    main()
