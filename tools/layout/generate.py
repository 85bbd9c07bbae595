#!/usr/bin/env python3
"""Measures one CPython version's structs from its headers and prints a layout table.

    generate.py INCLUDE... --label "3.11.2" --source "Debian libpython3.11-dev 3.11.2-6"

INCLUDE is a directory that holds Python.h and internal/, and any further one its pyconfig.h needs.
Nothing of CPython is run: constants are read from the compiler's assembly output, so that a
cross compiler (--compiler) measures another architecture.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import fields

HERE = pathlib.Path(__file__).resolve().parent
FIELDS_DEF = HERE.parent.parent / "src" / "layout" / "fields.def"

HEADERS = """
gc gil interp interp_structs runtime pystate pymem dict frame typeobject moduleobject code
genobject tstate debug_offsets context hamt object list long tuple unicodeobject runtime_structs
""".split()


def offset_names():
    return re.findall(r"^OFFSET\((\w+)\)", FIELDS_DEF.read_text(), re.M)


def preamble():
    lines = ["#define Py_BUILD_CORE 1", "#include <elf.h>", "#include <stddef.h>"]
    lines += [f'#include "{name}"' for name in ("Python.h", "frameobject.h", "structmember.h", "opcode.h")]
    for header in ("longintrepr.h", *(f"internal/pycore_{name}.h" for name in HEADERS)):
        lines += [f'#if __has_include("{header}")', f'#include "{header}"', "#endif"]
    lines.append(f'#include "{HERE / "declarations.h"}"')
    return lines


def program(wanted):
    """The C source, and which name each of its lines measures."""
    lines = preamble() + ["void measure(void);", "void measure(void) {"]
    line_of = {}
    for name, expression in wanted.items():
        lines.append(f'__asm__ volatile("\\n->{name} %c0" : : "i"((long long)({expression})));')
        line_of[len(lines)] = name
    return "\n".join(lines + ["}", ""]), line_of


def compile_once(compiler, includes, wanted):
    """({name: value}, {names that did not compile})."""
    source, line_of = program(wanted)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "measure.c"
        path.write_text(source)
        command = [compiler, "-std=gnu11", "-w", "-fmax-errors=0", "-S", "-o", "-", str(path)]
        for include in includes:
            command += ["-I", str(include), "-I", str(pathlib.Path(include) / "internal")]
        run = subprocess.run(command, capture_output=True, text=True,
                             env={**os.environ, "LC_ALL": "C"})
        errors = re.findall(r"^(\S+?):(\d+):\d+: (?:fatal )?error: (.*)$", run.stderr, re.M)
        failed = {line_of[int(line)] for file, line, _ in errors
                  if file == str(path) and int(line) in line_of}
        if run.returncode and not failed:
            sys.exit(f"the headers do not compile:\n{run.stderr[:2000]}")
    values = re.findall(r"^\s*->(\w+) \$?(-?\d+)$", run.stdout, re.M)
    return {name: int(value) for name, value in values}, failed


def measure(compiler, includes, candidates):
    """The value of each name by its first candidate that compiles, -1 where none does."""
    choice = {name: 0 for name in candidates}
    while True:
        wanted = {name: candidates[name][index] for name, index in choice.items()
                  if index < len(candidates[name])}
        values, failed = compile_once(compiler, includes, wanted)
        if not failed:
            return {name: values.get(name, -1) for name in candidates}
        for name in failed:
            choice[name] += 1


def traits_of(at, probes):
    """struct layout_traits as C text, from what the headers state."""
    def has(name):
        return probes[name] > 0

    version = probes["version_hex"]
    managed = ("MANAGED_DICT_INLINE" if has("has_inline_values") else
               "MANAGED_DICT_TAGGED" if has("has_dict_or_values") else
               "MANAGED_DICT_TWO_WORDS" if has("has_managed_dict") else "MANAGED_DICT_NONE")
    frames = ("FRAME_CURRENT" if at["thread_current_frame"] >= 0 else
              "FRAME_CFRAME" if at["thread_cframe"] >= 0 else "FRAME_OBJECTS")
    lines = ("LINE_TABLE_LOCATIONS" if at["code_exception_table"] >= 0 else
             "LINE_TABLE_DELTAS" if has("line_table") else "LINE_TABLE_RANGES")
    return {
        "refcount": ("REFCOUNT_IMMORTAL_SIGN" if has("immortal_sign") else
                     "REFCOUNT_IMMORTAL_MAX" if has("immortal_max") else "REFCOUNT_WORD"),
        "managed_dict": managed,
        "dict_keys": ("DICT_KEYS_LOG2" if at["dict_keys_log2_index_bytes"] >= 0
                      else "DICT_KEYS_SIZE_WORD"),
        "gc_stats": "GC_STATS_RINGS" if has("stats_pointer") else "GC_STATS_INLINE",
        "frames": frames,
        "line_table": lines,
        # Objects/frameobject.c: f_lasti and b_handler count bytes up to 3.9, 16-bit units in 3.10.
        "frame_object_unit": 1 if has("line_table") else 2,
        "exit_in_two_slots": has("two_exit_slots"),
        "tagged_references": has("tagged_frame_code"),
        "tagged_ints": at["int_tag"] >= 0,
        # FRAME_OWNED_BY_*: thread, generator, frame object are 0, 1, 2 wherever they exist.
        "frame_owner_shim": (probes["frame_owner_shim"] if has("frame_owner_shim")
                             else "FRAME_OWNER_NONE"),
        "generator_finished": (probes["generator_finished"]
                               if at["generator_frame_state"] >= 0 else -1),
        **{name: probes[name] - 128 if has(name) else 0
           for name in ("generator_created", "generator_suspended", "generator_executing")},
        "awaiting_is_a_state": has("awaiting_is_a_state"),
        "incremental": has("visited_space"),
        # Every collector that keeps these counts applies the rule: verify_quarter.py sees it.
        "full_needs_quarter": at["gc_long_lived_pending"] >= 0,
        # bpo-38379, fixed in 3.9.0: no header shows it.
        "garbage_outlives_resurrection": version < 0x03090000,
    }


def tables_of(includes, compiler="gcc"):
    """Everything one set of headers says: a dict that compares equal for equal layouts."""
    names = offset_names()
    unknown = set(names) ^ set(fields.CANDIDATES)
    if unknown:
        sys.exit(f"fields.def and fields.py differ: {sorted(unknown)}")
    reported = {f"reported_{name}": [f"offsetof(_Py_DebugOffsets, {member})"]
                for name, member in fields.REPORTED.items()}
    probes = {f"probe_{name}": tries for name, tries in fields.PROBES.items()}
    values = measure(compiler, includes, {**fields.CANDIDATES, **reported, **probes})
    at = {name: values[name] for name in names}
    probed = {name: values[f"probe_{name}"] for name in fields.PROBES}
    return {
        "version": probed["version_hex"],
        "machine": probed["machine"],
        "free_threaded": probed["free_threaded"] > 0,
        "at": at,
        "reported": {name: values.get(f"reported_{name}", -1) for name in names},
        "is": traits_of(at, probed),
    }


def c_value(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def render(table, label, first, last, provenance):
    """One designated initialiser of struct layout_table."""
    lines = ["/*", " * Generated by tools/layout/regenerate.py; do not edit. Measured from:"]
    lines += [f" *   {line}" for line in provenance]
    lines += [" */", "{", f'    .name = "{label}",']
    lines += [f"    .machine = {table['machine']},",
              f"    .free_threaded = {c_value(table['free_threaded'])},",
              f"    .first_hex = 0x{first:08X},", f"    .last_hex = 0x{last:08X},"]
    for part in ("at", "reported", "is"):
        lines.append(f"    .{part} = {{")
        lines += [f"        .{name} = {c_value(value)}," for name, value in table[part].items()]
        lines.append("    },")
    return "\n".join(lines + ["},", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("include", nargs="+")
    parser.add_argument("--label", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--compiler", default="gcc")
    arguments = parser.parse_args()
    table = tables_of(arguments.include, arguments.compiler)
    print(render(table, arguments.label, table["version"], table["version"],
                 [arguments.source]), end="")


if __name__ == "__main__":
    main()
