"""How a program looks at its own heap: what bench/heap_peers.py compares with, run in the target
(heap_mix.py) itself. Everything else in the program waits meanwhile.

Each way answers the same questions, as far as it can: how many objects there are, which type has
most, what retains most, and who holds the only Needle.
"""
import os
import sys
import time


def memory(name):
    with open("/proc/self/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    return 0


def guppy(program):
    from guppy import hpy

    session = hpy()
    heap = session.heap()
    yield "objects", heap.count
    yield "bytes", heap.size
    row = heap.bytype[0]
    yield "most", f"{row.count} {row.kind} of {row.size >> 20} MiB"
    cache = session.iso(program.CACHE)
    yield "retains most", f"{cache.domisize >> 20} MiB below CACHE, which one has to name"
    needle = heap & program.Needle
    yield "who holds it", str(needle.shpaths[0]).lstrip("%s.") if needle.count else "not found"
    row = heap.byrcs[0]
    yield "by referrers", f"{row.count} {row.kind}"


def find_objgraph(program):
    import objgraph

    kinds = objgraph.most_common_types(limit=1)
    yield "objects", sum(objgraph.typestats().values())
    yield "most", f"{kinds[0][1]} {kinds[0][0]}, bytes unknown"
    yield "retains most", "cannot tell"
    needle = objgraph.by_type("Needle")
    yield "found", len(needle)
    chain = objgraph.find_backref_chain(needle[0], objgraph.is_proper_module)
    yield "who holds it", " -> ".join(type(one).__name__ for one in chain)


def pympler(program):
    from pympler import asizeof, muppy, summary

    objects = muppy.get_objects()
    yield "objects", len(objects)
    rows = sorted(summary.summarize(objects), key=lambda row: -row[2])
    yield "bytes", sum(row[2] for row in rows)
    yield "most", f"{rows[0][1]} {rows[0][0]} of {rows[0][2] >> 20} MiB"
    del objects
    yield "retains most", f"{asizeof.asizeof(program.CACHE) >> 20} MiB reached from CACHE, named"
    yield "who holds it", "cannot tell"


def watch(file):
    """Runs until `file` is there; the longest time in which it could not."""
    longest, last = 0, time.perf_counter()
    while not os.path.exists(file):
        time.sleep(0.01)
        list(map(lambda number: number, range(10)))  # where a debugger waits for the program
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return longest


WAYS = {"guppy3": guppy, "objgraph": find_objgraph, "pympler": pympler}


def look(words, program):
    way, _, rest = words.partition(" ")
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # the peak starts anew
    before = memory("VmRSS")
    answers, steps = {}, {}
    begin = time.perf_counter()
    if way == "watch":
        answers["stopped"] = watch(rest)
    else:
        sys.path.insert(0, rest)
        last = begin
        for question, answer in WAYS[way](program):
            now = time.perf_counter()
            answers[question], steps[question] = answer, now - last
            last = now
    return {
        "seconds": time.perf_counter() - begin,
        "extra_bytes": memory("VmHWM") - before,
        "answers": answers,
        "steps": steps,
    }
