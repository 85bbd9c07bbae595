"""The forms in which classes are written: what `steth audit` reads is what the interpreter makes."""

import _collections_abc
import json
import subprocess
import types

from looks import PROJECT

RECORD = PROJECT / "bench" / "record_classes.py"

BASE = """
    __all__ = ["A", "B"]
    class Meta(type): pass
    class A(metaclass=Meta): pass
    class B: __slots__ = ("x",)
    class _Hidden: pass
"""

FORMS = """
    import abc, collections, collections.abc, dataclasses, enum, sys, types, typing
    from typing import Generic, List, NamedTuple, Protocol, TypedDict, TypeVar
    from . import A, M2
    from .base import *
    from .base import B as Bee, _Hidden
    T = TypeVar("T")
    class WithMeta(A, metaclass=M2): pass
    class Pair(NamedTuple):
        x: int
    class Record(TypedDict):
        a: int
    class More(Record):
        b: int
    class Box(Generic[T]): pass
    class Both(Box[int], List[int]): pass
    class Swapped(List[int], Box[int]): pass
    class Again(Generic[T], Box[T]): pass
    class Reader(Protocol[T]): pass
    class Mapped(collections.abc.Mapping[str, int]): pass
    class Plain(dict[str, int]): pass
    many = (A, _Hidden)
    class Starred(*many): pass
    Made = type("Made", (A,), {})
    Colour = enum.Enum("Colour", "RED GREEN")
    Point = collections.namedtuple("Point", "x y")
    class Sub(Point, abc.ABC): pass
    class Outer:
        class Inner(abc.ABC): pass
        class Deep(Inner): pass
    class UsesInner(Outer.Inner, Bee): pass
    try:
        import a_module_that_is_not_there as missing
        Root = missing.Root
    except ImportError:
        Root = abc.ABC
    class Fallback(Root): pass
    if sys.version_info >= (3, 40):
        class Chosen(A): pass
    else:
        class Chosen(Bee): pass
    def keep(cls):
        cls.kept = True
        return cls
    @keep
    class Kept(A): pass
    class FromKept(Kept): pass
    def maker(flag):
        def keeper(cls):
            return cls
        return keeper
    @maker(1)
    class Kept2(Bee): pass
    class FromKept2(Kept2): pass
    class Number(enum.IntEnum):
        ONE = 1
    Bee, Old = A, Bee
    class Rebound(Bee): pass
    class Combined(type(A), abc.ABCMeta): pass
    class Uses(A, abc.ABC, metaclass=Combined): pass
    New = types.new_class("New", (A,))
    class ByMeta(abc.ABCMeta("ByMeta", (object,), {})): pass
"""


def rows_of_interpreter(root):
    command = ["/usr/bin/python3", "-S", "-B", str(RECORD), "forms.base", "forms.forms"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=True,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_form_is_read_as_the_interpreter_makes_it(project):
    project.write("forms/__init__.py", """
        from .base import *
        from .base import Meta as M2
    """)
    project.write("forms/base.py", BASE)
    project.write("forms/forms.py", FORMS)
    seen = {}
    for row in project.audit("--classes", "--json", ".").data["classes"]:
        seen.setdefault(row["class"], []).append((row["metaclass"], row["mro"]))
    real = rows_of_interpreter(project.root)
    assert len(real) > 30
    for row in real:
        assert (row["metaclass"], row["mro"]) in seen[row["class"]], row


def test_a_library_that_nobody_imports_is_read_as_when_it_is_imported(project):
    # GenericAlias = type(list[int])
    file = _collections_abc.__file__
    done = project.audit("--classes", "--json", "--python", "/usr/bin/python3", file)
    rows = {row["class"]: row for row in done.data["classes"]}
    row = rows["collections.abc._CallableGenericAlias"]
    assert row["mro"][1:] == [types.GenericAlias.__module__ + ".GenericAlias", "object"], row
