"""Run by the interpreter that audit.py compares with: imports modules, prints what their classes are.

    record_classes.py MODULE...

A line of JSON a class: its name, the module that it was found in, its MRO and metaclass by name.
"""

import importlib
import io
import json
import os
import re
import sys
import warnings


def name_of(cls):
    """As the interpreter itself has it, whatever the class's own attributes say."""
    name = type.__dict__["__qualname__"].__get__(cls)
    module = type.__dict__["__module__"].__get__(cls)
    if module == "builtins":
        return name
    return name if name.startswith(f"{module}.") else f"{module}.{name}"


def made_by_python(cls, text):
    """Not what is written in C and only says that it belongs to the module: its source has no
    class statement of that name, and no call that could have made it."""
    if not cls.__flags__ & 1 << 9:  # Py_TPFLAGS_HEAPTYPE
        return False
    name = re.escape(cls.__name__)
    return re.search(rf"\bclass\s+{name}\b|[\"']{name}[\"']", text) is not None


def classes_of(module):
    """Classes that say that they belong to the module, also those within classes."""
    seen = set()
    path = getattr(module, "__file__", None) or ""
    if not path.endswith(".py"):
        return
    with open(path, encoding="utf-8", errors="replace") as source:
        text = source.read()
    left = [value for value in vars(module).values() if isinstance(value, type)]
    while left:
        cls = left.pop()
        if id(cls) in seen or getattr(cls, "__module__", None) != module.__name__:
            continue
        seen.add(id(cls))
        if made_by_python(cls, text):
            yield cls
        left += [value for value in vars(cls).values() if isinstance(value, type)]


def record(name, out):
    try:
        module = importlib.import_module(name)
        found = list(classes_of(module))
    except BaseException:  # also SystemExit
        return
    for cls in found:
        try:
            row = {
                "class": name_of(cls),
                "module": name,
                "file": getattr(module, "__file__", None),
                "mro": [name_of(one) for one in type.__dict__["__mro__"].__get__(cls)],
                "metaclass": name_of(type(cls)),
            }
            out.write(json.dumps(row) + "\n")
        except Exception:
            continue


def main():
    out = os.fdopen(os.dup(1), "w")
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    sys.stdout = sys.stderr = io.StringIO()
    warnings.simplefilter("ignore")
    for name in sys.argv[1:]:
        record(name, out)
        out.flush()
    out.close()
    os._exit(0)


main()
