"""Print the types of this interpreter's modules that are written in C, as JSON; for regenerate.py."""

import glob
import importlib
import json
import os
import sys
import sysconfig
import warnings

# Not C, but they name types that no module written in C does.
NAMES_OF_TYPES = ["types", "re", "_collections_abc", "weakref"]
# Importing these does something.
LEFT_OUT = {"antigravity", "this", "__main__", "_testcapi", "_testinternalcapi", "_testlimitedcapi"}
HEAP_TYPE, BASE_TYPE = 1 << 9, 1 << 10


def modules():
    folders = {sysconfig.get_path("platstdlib") + "/lib-dynload"}
    folders.update(path for path in sys.path if path.endswith("lib-dynload"))
    names = set(sys.builtin_module_names)
    for folder in folders:
        names.update(os.path.basename(f).split(".")[0] for f in glob.glob(folder + "/*.so"))
    return sorted(n for n in names if n not in LEFT_OUT and "test" not in n and "xx" not in n)


class Recorder:
    def __init__(self):
        self.numbers = {}
        self.types = []

    def number(self, cls):
        """Of a type in the table; None for a class made by Python code."""
        if cls in self.numbers:
            return self.numbers[cls]
        base = None if cls is object else cls.__base__
        if type(cls) is not type and type(type(cls)) is not type:
            return None
        known = [self.number(b) for b in cls.__bases__] if cls is not object else []
        metaclass = -1 if type(cls) is type else self.number(type(cls))
        if None in known or metaclass is None:
            return None
        self.numbers[cls] = len(self.types)
        name = cls.__qualname__
        if cls.__module__ != "builtins":
            name = cls.__module__ + "." + name
        self.types.append({
            "name": name,
            "bases": known,
            "metaclass": metaclass,
            "base": -1 if base is None else self.numbers[base],
            "sizes": [cls.__basicsize__, cls.__itemsize__, cls.__dictoffset__, cls.__weakrefoffset__],
            "final": not cls.__flags__ & BASE_TYPE,
            "heap": bool(cls.__flags__ & HEAP_TYPE),
        })
        return self.numbers[cls]


def written_in_c(cls, module):
    """Heap types of C are told from classes by what a class statement leaves."""
    if not cls.__flags__ & HEAP_TYPE:
        return True
    if any(hasattr(value, "__code__") for value in vars(cls).values()):
        return False
    if module not in NAMES_OF_TYPES:
        return True
    with open(sys.modules[module].__file__, encoding="utf-8") as source:
        return ("class " + cls.__name__) not in source.read()


def main():
    warnings.simplefilter("ignore")
    recorder = Recorder()
    found = {}
    recorder.number(object)
    recorder.number(type)
    for name in modules() + NAMES_OF_TYPES:
        try:
            module = importlib.import_module(name)
        except Exception:
            continue
        attributes = {}
        for key, value in sorted(vars(module).items()):
            number = None
            if key.startswith("__"):
                continue
            if isinstance(value, type) and written_in_c(value, name):
                number = recorder.number(value)
            if number is not None:
                attributes[key] = number
            elif name not in NAMES_OF_TYPES:
                attributes[key] = None
        found[name] = attributes
    json.dump({"version": sys.version_info[:3], "types": recorder.types, "modules": found}, sys.stdout)
    print()


main()
