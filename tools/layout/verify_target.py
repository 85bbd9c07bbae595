"""The inside half of verify.py: an idle program that says what its own memory must show.

Prints one JSON object, then READY, and sleeps. Runs on every version that is verified.
"""

import collections
import gc
import json
import sys
import threading
import time
import types
import weakref

WORD, INT, BYTE, DOUBLE = "word", "int", "byte", "double"
claims = []  # [what is read, address, field, follow, mask, expected]: see Memory of verify.py


def claim(address, field, expected, kind=WORD, follow=0, mask=-1):
    claims.append([kind, address, field, follow, mask, expected])


class Plain:
    __slots__ = ("slot", "__weakref__")


class Derived(collections.OrderedDict):
    pass


def outer(captured):
    def function(first, second=claims, *, keyword=1):
        local = captured
        return local, first, second, keyword

    function.attribute = 1
    return function


def generate(argument):
    yield argument


def claim_types():
    for cls in (type, dict, list, Plain, Derived, types.FunctionType, OSError):
        address = id(cls)
        claim(address, "object_type", id(type(cls)))
        claim(address, "type_basicsize", cls.__basicsize__)
        claim(address, "type_itemsize", cls.__itemsize__)
        claim(address, "type_flags", cls.__flags__ & 0xFFFFFFFF, mask=0xFFFFFFFF)
        claim(address, "type_weaklistoffset", cls.__weakrefoffset__)
        claim(address, "type_dictoffset", cls.__dictoffset__)
        claim(address, "type_base", id(cls.__base__))
        claim(address, "type_bases", id(cls.__bases__))
        claim(address, "type_mro", id(cls.__mro__))
        if cls in (Plain, Derived):
            claim(address, "heap_type_name", id(cls.__name__))
            claim(address, "heap_type_qualname", id(cls.__qualname__))
            claim(address, "type_dict", id(gc.get_referents(cls.__dict__)[0]))
    claim(id(dict), "type_name", ord("d"), BYTE, follow=1)


def claim_functions(keep):
    function = outer(keep)
    keep.append(function)
    address = id(function)
    for field, value in {
        "function_code": function.__code__,
        "function_globals": function.__globals__,
        "function_name": function.__name__,
        "function_qualname": function.__qualname__,
        "function_closure": function.__closure__,
        "function_defaults": function.__defaults__,
        "function_dict": function.__dict__,
        "function_module": function.__module__,
    }.items():
        claim(address, field, id(value))
    claim(id(function.__closure__[0]), "cell_reference", id(keep))
    method = types.MethodType(function, keep)
    claim(id(method), "method_function", id(function))
    claim(id(method), "method_self", id(keep))
    append = keep.append
    claim(id(append), "builtin_self", id(keep))
    claim(id(sys), "module_dict", id(sys.__dict__))
    claim(id(sys), "module_name", id(sys.__name__))
    keep += [method, append]


def claim_code():
    code = outer(None).__code__
    claim(id(code), "code_filename", id(code.co_filename))
    claim(id(code), "code_name", id(code.co_name))
    claim(id(code), "code_first_line", code.co_firstlineno, INT)
    claim(id(code), "code_flags", code.co_flags, INT)
    claim(id(code), "code_argcount", code.co_argcount, INT)
    claim(id(code), "code_stack_size", code.co_stacksize, INT)
    if hasattr(code, "co_qualname"):
        claim(id(code), "code_qualname", id(code.co_qualname))
        claim(id(code), "code_local_count", 5, INT)
        claim(id(code), "code_local_names", id(tuple), "type")
        claim(id(code), "code_local_kinds", id(bytes), "type")
    else:
        claim(id(code), "code_local_count", code.co_nlocals, INT)
        claim(id(code), "code_local_names", id(code.co_varnames))
        claim(id(code), "code_cell_names", id(code.co_cellvars))
        claim(id(code), "code_free_names", id(code.co_freevars))
        claim(id(code), "code_bytes", id(code.co_code))
    lines = code.co_linetable if hasattr(code, "co_linetable") else code.co_lnotab
    claim(id(code), "code_line_table", id(lines))
    if hasattr(code, "co_exceptiontable"):
        claim(id(code), "code_exception_table", id(code.co_exceptiontable))
        claim(id(code), "code_units", code.co_code[0], BYTE)


def claim_containers(keep):
    first, second = ["first"], ["second"]
    things = [first, second]
    claim(id(things), "var_object_size", 2)
    claim(id(things), "list_items", id(first), follow=1)
    pair = (first, second)
    claim(id(pair), "tuple_items", id(first))
    numbers = frozenset(range(3))
    claim(id(numbers), "set_used", 3)
    claim(id(numbers), "set_mask", 7)
    claim(id(numbers), "set_smalltable", id(0))
    claim(id(numbers), "set_table", id(0), follow=1)
    mapping = {"a": 1, "b": 2}
    claim(id(mapping), "dict_used", 2)
    claim(id(mapping), "dict_values", 0)
    deque = collections.deque([first])
    claim(id(deque), "deque_left_index", 1)
    claim(id(deque), "deque_right_index", 1)
    claim(id(deque), "deque_changes", 1)
    claim(id(deque), "deque_left_block", id(first), "deque")
    reference = weakref.ref(Derived, len)
    claim(id(reference), "weakref_object", id(Derived))
    claim(id(reference), "weakref_callback", id(len))
    keep += [things, pair, numbers, mapping, deque, reference]


def claim_scalars(keep):
    number, text, wide = 123456789, "plain text", "w\u00efde \u20ac"
    claim(id(number), "int_digits", number, INT)
    claim(id(1.5), "float_value", 1.5, DOUBLE)
    claim(id(b"xyz"), "bytes_data", ord("x"), BYTE)
    claim(id(text), "str_length", len(text))
    claim(id(text), "str_ascii_data", ord("p"), BYTE)
    claim(id(text), "str_state", 0x60, BYTE, mask=0x60)
    claim(id(wide), "str_compact_data", ord("w"), BYTE)
    keep += [number, text, wide]


def claim_generators(keep):
    generator = generate(keep)
    next(generator)
    claim(id(generator), "generator_name", id(generator.__name__))
    claim(id(generator), "generator_qualname", id(generator.__qualname__))
    if sys.version_info < (3, 11):
        claim(id(generator), "generator_frame_object", id(generator.gi_frame))
        claim(id(generator), "generator_code", id(generator.gi_code))
        claim(id(generator.gi_frame), "frame_object_code", id(generate.__code__))
        claim(id(generator.gi_frame), "frame_object_locals", id(keep))
        claim(id(generator.gi_frame), "frame_object_globals", id(globals()))
    else:
        inner = {"frame_code": generate.__code__, "frame_locals": keep, "frame_globals": globals()}
        for field, value in inner.items():
            claim(id(generator), "generator_frame", id(value), "inner", field, mask=~3)
        claim(id(generator), "generator_frame", 1, "inner byte", "frame_owner")
    keep.append(generator)


def idle(marker):
    frame = sys._getframe()
    claim(id(frame), "object_type", id(types.FrameType))
    stack = [id(idle.__code__), id(marker), id(globals()), id(sys._getframe(1).f_code)]
    said = {
        "hexversion": sys.hexversion,
        "claims": claims,
        "stack": stack,
        "sysdict": id(sys.__dict__),
        "modules_dict": id(sys.modules),
        "garbage": id(gc.garbage),
        "callbacks": id(gc.callbacks),
        "ident": threading.get_ident(),
        "native": threading.get_native_id(),
        "modules": len(sys.modules),
        "thresholds": gc.get_threshold(),
        "int_dict": id(gc.get_referents(int.__dict__)[0]),
        "int_type": id(int),
        "stats": [[s["collections"], s["collected"], s["uncollectable"]] for s in gc.get_stats()],
        "enabled": gc.isenabled(),
        "frozen": gc.get_freeze_count(),
    }
    del frame
    said["counts"] = gc.get_count()
    said["objects"] = len(gc.get_objects())
    print(json.dumps(said))
    print("READY", flush=True)
    while True:
        time.sleep(3600)


def main():
    keep = []
    claim_types()
    claim_functions(keep)
    claim_code()
    claim_containers(keep)
    claim_scalars(keep)
    claim_generators(keep)
    json.dumps([1.5, "warm", {"up": True}])
    gc.disable()
    gc.set_threshold(801, 12, 13)
    gc.collect()
    idle(keep)


main()
