#!/usr/bin/env python3
"""Compares what the layout tables say with what interpreters say of themselves.

    verify.py [NAME...]     every interpreter of tests/interpreters.py, or those named

Each runs verify_target.py; a probe built from src/ attaches, and every claim of the target is
looked up in its memory at the place that the proved layout gives. Prints one line a interpreter.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
sys.path.insert(0, str(PROJECT / "tests"))

import interpreters  # noqa: E402

SIZES = {"word": (8, "q"), "int": (4, "i"), "byte": (1, "B"), "double": (8, "d"),
         "inner": (8, "q"), "inner byte": (1, "B"), "type": (8, "q"), "deque": (8, "q")}
EXPECTED_REFUSALS = {"debug", "free-threaded", "pypy", "python2", "old"}


def build_probe(folder):
    probe = pathlib.Path(folder) / "probe"
    sources = [source for room in ("base", "target", "layout")
               for source in sorted((PROJECT / "src" / room).glob("*.c"))]
    subprocess.run(["gcc", "-std=gnu11", "-g", "-fsanitize=address,undefined", "-D_GNU_SOURCE",
                    f"-I{PROJECT / 'src'}", "-o", probe, HERE / "probe.c", *sources, "-lelf", "-ldw",
                    "-lpthread"], check=True)
    return probe


class Memory:
    """The target's memory, and the layout that was proved for it."""

    def __init__(self, pid, seen):
        self.file = open(f"/proc/{pid}/mem", "rb", buffering=0)
        self.at = seen["at"]

    def read(self, address, kind="word"):
        size, form = SIZES[kind]
        self.file.seek(address)
        return struct.unpack("<" + form, self.file.read(size))[0]

    def field(self, address, name, kind="word"):
        return self.read(address + self.at[name], kind)

    def claimed(self, kind, address, field, follow, mask):
        """What memory shows for one claim of the target."""
        if kind.startswith("inner"):
            return self.field(address + self.at[field], follow, kind) & mask
        if kind == "type":
            return self.field(self.field(address, field), "object_type")
        if kind == "deque":  # a block: left link, 64 items, right link
            block = self.field(address, field)
            return self.read(block + 8 + 8 * self.field(address, "deque_left_index"))
        if follow:
            return self.read(self.field(address, field), kind)
        value = self.field(address, field, kind)
        return value if kind == "double" else value & mask


def check_claims(memory, said):
    for kind, address, field, follow, mask, expected in said["claims"]:
        if memory.at[field] < 0:
            yield f"{field} is absent"
            continue
        value = memory.claimed(kind, address, field, follow, mask)
        if value != expected:
            yield f"{field}: {value} instead of {expected}"


def current_frame(memory, thread):
    """(code, first local, globals, code of the caller) of the innermost frame."""
    at = memory.at
    if at["thread_frame"] >= 0:
        frame = memory.field(thread, "thread_frame")
        back = memory.field(frame, "frame_object_back")
        return [memory.field(frame, "frame_object_code"),
                memory.field(frame, "frame_object_locals"),
                memory.field(frame, "frame_object_globals"),
                memory.field(back, "frame_object_code")]
    if at["thread_cframe"] >= 0:
        frame = memory.field(memory.field(thread, "thread_cframe"), "cframe_current_frame")
    else:
        frame = memory.field(thread, "thread_current_frame")
    back = memory.field(frame, "frame_previous")
    return [memory.field(frame, "frame_code") & ~3, memory.field(frame, "frame_locals") & ~3,
            memory.field(frame, "frame_globals"), memory.field(back, "frame_code") & ~3]


def gc_statistics(memory, gc, rings):
    at = memory.at
    entry = [at[f"gc_stats_entry_{name}"] for name in ("collections", "collected", "uncollectable")]
    if not rings:
        first = gc + at["gc_generation_stats"]
        starts = [first + i * at["size_of_gc_stats_entry"] for i in range(3)]
    else:
        block = memory.field(gc, "gc_generation_stats")
        young = block + at["gc_stats_young"]
        old = [block + at["gc_stats_old"] + i * at["size_of_gc_stats_old"] for i in range(2)]
        indices = [memory.field(young, "gc_stats_young_index", "byte")]
        indices += [memory.field(ring, "gc_stats_old_index", "byte") for ring in old]
        starts = [ring + index * at["size_of_gc_stats_entry"]
                  for ring, index in zip([young, *old], indices)]
    return [[memory.read(start + place) for place in entry] for start in starts]


def check_runtime(memory, seen, said):
    interpreter, gc, thread = seen["interpreter"], seen["gc"], seen["thread"]
    compared = {
        "sys.hexversion": (seen["hex"], said["hexversion"]),
        "sys.__dict__": (memory.field(interpreter, "interpreter_sysdict"), said["sysdict"]),
        "sys.modules": (memory.field(interpreter, "interpreter_modules"), said["modules_dict"]),
        "len(sys.modules)": (seen["modules"], said["modules"]),
        "gc.garbage": (memory.field(gc, "gc_garbage"), said["garbage"]),
        "gc.callbacks": (memory.field(gc, "gc_callbacks"), said["callbacks"]),
        "gc.isenabled()": (seen["enabled"], said["enabled"]),
        "thread ident": (memory.field(thread, "thread_id"), said["ident"]),
        "frames": (current_frame(memory, thread), said["stack"]),
        # An incremental collector says 0 for the third, whatever is stored.
        "gc.get_threshold()": (seen["thresholds"][:2], said["thresholds"][:2]),
        "gc.get_count()[1:]": (seen["counts"][1:], said["counts"][1:]),
        "gc.get_stats()": (gc_statistics(memory, gc, seen["stats_rings"]), said["stats"]),
    }
    if memory.at["thread_native_id"] >= 0:
        native = memory.field(thread, "thread_native_id") & 0xFFFFFFFF
        compared["native id"] = (native, said["native"])
    if memory.at["interpreter_static_types"] >= 0:
        index = memory.field(said["int_type"], "type_subclasses") - 1
        state = (interpreter + memory.at["interpreter_static_types"]
                 + index * memory.at["size_of_static_type"])
        compared["int.__dict__"] = (memory.field(state, "static_type_dict"), said["int_dict"])
    for name, (value, expected) in compared.items():
        if value != expected:
            yield f"{name}: {value} instead of {expected}"
    if abs(seen["objects"] - said["objects"]) > 5:
        yield f"gc.get_objects(): {seen['objects']} instead of {said['objects']}"


def verify(probe, interpreter, options=(), environment=None):
    """(what was seen, list of what is wrong)"""
    with interpreter.start(HERE / "verify_target.py", options=options,
                           environment=environment) as process:
        said = json.loads(process.lines[-2])
        run = subprocess.run([probe, str(process.pid)], capture_output=True, text=True)
        if run.stderr:
            return {}, [run.stderr]
        seen = json.loads(run.stdout)
        if "error" in seen:
            return seen, [seen["message"]]
        memory = Memory(process.pid, seen)
        wrong = [*check_claims(memory, said), *check_runtime(memory, seen, said)]
        return {**seen, "claims": len(said["claims"]), "said_objects": said["objects"]}, wrong


def check_quarter_rule(probe, interpreter):
    with interpreter.start(HERE / "verify_quarter.py") as process:
        waits = process.lines[-2].strip() == "waits"
        run = subprocess.run([probe, str(process.pid)], capture_output=True, text=True)
    if json.loads(run.stdout).get("full_needs_quarter") != waits:
        yield f"full_needs_quarter should be {waits}"


def refusal(probe, interpreter):
    """The sentence with which the probe refuses an interpreter, or "" when it does not."""
    script = HERE / "verify_idle.py"
    with interpreter.start(script) as process:
        run = subprocess.run([probe, str(process.pid)], capture_output=True, text=True)
    return json.loads(run.stdout).get("message", "") + run.stderr


def verify_one(probe, interpreter):
    """(passed, one line to print)"""
    name = f"{interpreter.name:18} {interpreter.version:9}"
    if interpreter.kind in EXPECTED_REFUSALS:
        sentence = refusal(probe, interpreter)
        return bool(sentence), f"{name} refused: {sentence or 'NO'}"
    seen, wrong = verify(probe, interpreter)
    debug_seen, debug_wrong = verify(probe, interpreter, environment={"PYTHONMALLOC": "debug"})
    wrong += [f"PYTHONMALLOC=debug: {fact}" for fact in debug_wrong]
    wrong += check_quarter_rule(probe, interpreter)
    if wrong:
        return False, f"{name} WRONG: " + "; ".join(wrong)
    return True, (f"{name} ok: table {seen['table']}; {seen['claims']} claims, "
                  f"{seen['objects']} of {seen['said_objects']} objects, "
                  f"lists at +{seen['at']['gc_generations']}")


def main():
    wanted = sys.argv[1:]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        probe = build_probe(folder)
        for interpreter in interpreters.interpreters():
            if not wanted or interpreter.name in wanted:
                passed, line = verify_one(probe, interpreter)
                failed |= not passed
                print(line, flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
