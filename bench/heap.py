"""A heap of N tracked objects and 100 zombies; counts itself from inside when asked to.

    heap.py N    prints READY and the number of tracked objects; then obeys each line on stdin and
                 answers with one line of JSON. `plain`, `tuned`: what a look from inside costs
                 and finds. `hide`, `show`: the zombies are held by a callback, or a global list.
"""
import functools
import gc
import json
import sys
import time
from collections import Counter

ZOMBIES = 100
kept = []
hidden = None


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


def plain():
    """What the census finds out, as one writes it."""
    objects = gc.get_objects()
    types = Counter(type(one) for one in objects)
    finalized = Counter(type(one) for one in objects if gc.is_finalized(one))
    return types, finalized


def tuned():
    """The same without running any bytecode for an object."""
    objects = gc.get_objects()
    types = Counter(map(type, objects))
    finalized = Counter(map(type, filter(gc.is_finalized, objects)))
    return types, finalized


def look_inside(way):
    begin = time.perf_counter()
    types, finalized = {"plain": plain, "tuned": tuned}[way]()
    seconds = time.perf_counter() - begin
    return {"seconds": seconds, "objects": sum(types.values()), "zombies": finalized[Zombie]}


def hide():
    """What a callback written in C holds is found by passes over the memory only."""
    global hidden
    hidden = functools.partial(list, [kept[:]])
    kept.clear()


def show():
    kept.extend(hidden()[0])


def obey(word):
    if word in ("hide", "show"):
        return {"hide": hide, "show": show}[word]()
    return look_inside(word)


def main():
    gc.disable()
    heap = build(int(sys.argv[1]))
    for _ in range(ZOMBIES):
        Zombie()
    gc.enable()
    gc.collect()
    print("READY", len(gc.get_objects()), flush=True)
    for line in sys.stdin:
        print(json.dumps(obey(line.strip())), flush=True)
    return heap


if __name__ == "__main__":
    main()
