#!/usr/bin/env python3
"""Write src/audit/builtins.txt: the types that are written in C, of each CPython release.

    /usr/bin/python3 tools/builtins/regenerate.py

Asks the interpreters of tests/interpreters.py (record.py runs in each). Where several have the same
minor version, the newest counts, and the others add modules that it lacks.

The format, a line each; MINOR is "8-11" or "12", the x of the versions 3.x for which a line holds:

    # provenance
    t MINOR KEY NAME BASES METACLASS BASE BASICSIZE ITEMSIZE DICTOFFSET WEAKREFOFFSET FLAGS
    m MINOR MODULE NAME=KEY NAME ...

KEY is the type's NAME, or NAME~2 where two types share one; BASES is joined by commas, "-" stands for
none. FLAGS: f accepts no subclass, h made at run time. A name in a
module line without a KEY is no type, or not one written in C.
"""

import json
import pathlib
import sys

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(PROJECT / "tests"))
import interpreters  # noqa: E402

OUTPUT = PROJECT / "src" / "audit" / "builtins.txt"


def record(interpreter):
    output = interpreter.run(pathlib.Path(__file__).with_name("record.py"), timeout=120)
    return json.loads(output.stdout if hasattr(output, "stdout") else output)


def keyed(types):
    """The key of each type: its name, made unique."""
    seen, keys = {}, []
    for entry in types:
        count = seen[entry["name"]] = seen.get(entry["name"], 0) + 1
        keys.append(entry["name"] if count == 1 else f"{entry['name']}~{count}")
    return keys


def lines_of(data, have_modules, have_types):
    """Lines without their versions, of the modules that are not there yet."""
    keys = keyed(data["types"])
    for module, attributes in sorted(data["modules"].items()):
        if module in have_modules:
            continue
        have_modules.add(module)
        words = [n if number is None else f"{n}={keys[number]}" for n, number in attributes.items()]
        yield f"m {{}} {module} " + " ".join(words)
    for key, entry in zip(keys, data["types"]):
        if key in have_types:
            continue
        have_types.add(key)
        bases = ",".join(keys[b] for b in entry["bases"]) or "-"
        metaclass = "type" if entry["metaclass"] < 0 else keys[entry["metaclass"]]
        base = "-" if entry["base"] < 0 else keys[entry["base"]]
        flags = "f" * entry["final"] + "h" * entry["heap"] or "-"
        sizes = " ".join(map(str, entry["sizes"]))
        yield f"t {{}} {key} {entry['name']} {bases} {metaclass} {base} {sizes} {flags}"


def ranges(minors):
    """[8, 9, 11] -> ["8-9", "11"]"""
    start = previous = None
    for minor in [*sorted(minors), None]:
        if previous is not None and minor != previous + 1:
            yield str(start) if start == previous else f"{start}-{previous}"
            start = minor
        elif start is None:
            start = minor
        previous = minor


def main():
    usable = [i for i in interpreters.interpreters() if i.kind == "release"]
    by_minor, provenance = {}, []
    for interpreter in sorted(usable, key=lambda i: i.version_info, reverse=True):
        data = record(interpreter)
        by_minor.setdefault(data["version"][1], []).append(data)
        provenance.append(f"# {interpreter.name}: {'.'.join(map(str, data['version']))}")
    lines = {}
    for minor, records in by_minor.items():
        modules, types = set(), set()
        for data in records:
            for line in lines_of(data, modules, types):
                lines.setdefault(line, set()).add(minor)
    text = ["# Written by tools/builtins/regenerate.py from:", *provenance]
    for line, minors in sorted(lines.items(), key=lambda item: (item[0][0], item[0])):
        text += [line.format(span) for span in ranges(minors)]
    OUTPUT.write_text("\n".join(text) + "\n", encoding="utf-8")
    print(f"{OUTPUT}: {len(text)} lines, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
