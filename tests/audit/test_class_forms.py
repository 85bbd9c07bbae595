"""The forms in which classes are written: what `steth audit` reads is what the interpreter makes."""

import _collections_abc
import abc
import enum
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


# What a module does to names on the way: no binding of it is missed.
REBINDING = """
    import abc, concurrent.futures, multiprocessing
    from typing import Generic, Protocol, TypeVar, runtime_checkable
    T = TypeVar("T")
    class Meta(type): pass
    class A(metaclass=Meta): pass
    class B(abc.ABC): pass
    class Box(Generic[T]): pass
    @runtime_checkable
    class Reader(Protocol): pass
    class ReaderBox(Reader, Box[int]): pass
    class Holder:
        Base = A
        Other = A
    Holder.Base = B
    setattr(Holder, "Other", B)
    class Outside(Holder.Base, abc.ABC): pass
    class Outside2(Holder.Other, abc.ABC): pass
    C = A
    (C := B)
    class Walrus(C, abc.ABC): pass
    D = A
    print(D := B)
    class Walrus2(D, abc.ABC): pass
    E = A
    [E := B for _ in range(1)]
    class Walrus3(E, abc.ABC): pass
    F = A
    globals()["F"] = B
    class Global(F, abc.ABC): pass
    def count():
        A = 0
        def more():
            nonlocal A
            A += 1
        more()
    count()
    class StillA(A): pass
    def option(cls=None, **options):
        def wrap(cls):
            return cls
        return wrap if cls is None else wrap(cls)
    @option
    class Bare(A): pass
    @option(one=1)
    class Called(Bare): pass
    class Pool(concurrent.futures.ThreadPoolExecutor): pass
    class Worker(multiprocessing.Process): pass
"""
ON_THE_SAFE_SIDE = {"Outside", "Outside2", "Walrus3"}


def test_names_that_are_bound_in_other_ways(project):
    project.write("forms/__init__.py", "")
    project.write("forms/base.py", "")
    project.write("forms/forms.py", REBINDING)
    done = project.audit("--classes", "--json", ".")
    assert not done.data["findings"], done.data["findings"]
    rows = {row["class"]: row for row in done.data["classes"]}
    real = rows_of_interpreter(project.root)
    assert len(real) > 15
    for row in real:
        seen = rows[row["class"]]
        if row["class"].rpartition(".")[2] in ON_THE_SAFE_SIDE:
            assert seen["status"] == "not_checked", seen
        else:
            assert (row["metaclass"], row["mro"]) == (seen["metaclass"], seen["mro"]), seen


def test_a_module_that_a_package_makes_of_another_one(project):
    project.write("box/__init__.py", """
        import sys
        from . import _parts as parts
        sys.modules["box.parts"] = parts
    """)
    project.write("box/_parts.py", "class Part: pass")
    project.write("use.py", """
        import box.parts
        from box.parts import Part
        class Whole(box.parts.Part): pass
        class Other(Part, Whole): pass
    """)
    done = project.audit("--json", "use.py")
    assert [one["rule"] for one in done.data["findings"]] == ["MRO001"], done.data


def test_fields_of_dataclasses_with_slots_take_room(project):
    project.write("points.py", """
        from dataclasses import dataclass
        from typing import ClassVar
        @dataclass(slots=True)
        class X:
            x: int
        @dataclass(slots=True)
        class Y:
            y: int = 0
        @dataclass(slots=True)
        class None_:
            unit: ClassVar[str] = "mm"
        class XY(X, Y): pass
        class Fine(X, None_): pass
    """)
    done = project.audit("--json", "--python", "/usr/bin/python3", "points.py")
    found = [(one["rule"], one["facts"]["class"]) for one in done.data["findings"]]
    assert found == [("MRO002", "points.XY")], found


def test_a_failure_that_a_test_asserts_is_no_alarm(project):
    project.write("probes.py", """
        import abc, contextlib, pytest, unittest
        class Meta(type): pass
        class A(metaclass=Meta): pass
        class Case(unittest.TestCase):
            def test_conflict(self):
                with self.assertRaises(TypeError):
                    class X(A, abc.ABC): pass
                with pytest.raises(TypeError, match="conflict") as caught:
                    class X(A, abc.ABC): pass
        try:
            class Both(A, abc.ABC): pass
        except TypeError:
            class Both(A): pass
        with contextlib.suppress(Exception):
            class Order(object, A): pass
    """)
    done = project.audit("--json", "probes.py")
    severities = [one["severity"] for one in done.data["findings"]]
    assert sorted(severities) == ["error", "error", "info", "info"], done.data["findings"]
    classes = [one["facts"]["class"] for one in done.data["findings"][:2]]
    assert sorted(classes) == ["probes.Both", "probes.Order"]


def test_what_is_proposed_for_enumerations_has_them_last(project):
    project.write("colours.py", """
        import abc, enum
        class Colour(enum.Enum, abc.ABC):
            pass
        class Number(int, enum.IntEnum):
            pass
    """)
    findings = project.audit("--json", "colours.py").data["findings"]
    assert [one["rule"] for one in findings] == ["META001", "MRO001"]
    for finding in findings:
        lines = [line.partition("  (")[0] for line in finding["fix"] if line.startswith("class ")]
        names = {"abc": abc, "enum": enum, "IntEnum": enum.IntEnum}
        exec("\n".join(lines), names)
        assert isinstance(names[finding["facts"]["class"].rpartition(".")[2]], enum.EnumMeta)


def test_metaclasses_that_make_something_else(project):
    project.write("made.py", """
        import abc
        class Other(type): pass
        class ByAnother(type):
            def __new__(mcs, name, bases, body):
                made = type.__new__(Other, name, bases, body)
                return made
        class ByType(type):
            def __new__(mcs, name, bases, body):
                return type(name, bases, body)
        class MoreBases(type):
            def __new__(mcs, name, bases, body):
                return super().__new__(mcs, name, bases + (dict,), body)
        class Faithful(abc.ABCMeta):
            def __new__(mcs, name, bases, body, **options):
                made = abc.ABCMeta.__new__(mcs, name, bases, body, **options)
                return made
        class A(metaclass=ByAnother): pass
        class B(metaclass=ByType): pass
        class AlsoB(B, abc.ABC): pass
        class C(metaclass=MoreBases): pass
        class D(metaclass=Faithful): pass
        class AlsoD(D, abc.ABC): pass
        E = ByAnother("E", (), {})
    """)
    data = project.audit("--classes", "--json", "made.py").data
    assert not data["findings"], data["findings"]
    states = {row["class"].rpartition(".")[2]: row["status"] for row in data["classes"]}
    unknown = {name for name, state in states.items() if state == "not_checked"}
    assert unknown == {"A", "B", "AlsoB", "C", "E"}, states


def test_slots_that_are_computed_or_made_by_decorators(project):
    project.write("attr.py", """
        def s(cls=None, **options):
            return cls or s
        def ib(**options):
            return None
        define = s
    """)
    project.write("slots.py", """
        from dataclasses import dataclass, make_dataclass
        import attr
        NAMES = ("a", "b")
        class Other: __slots__ = ("o",)
        class Yes1: __slots__ = tuple(["a"])
        class Yes2: __slots__ = ("c",) + NAMES
        class Yes3: __slots__ = "a b".split()
        class Yes4: __slots__ = tuple("_" + name for name in NAMES)
        class Yes5:
            __slots__ = ("a",)
            __slots__ += NAMES
        @attr.s(slots=True)
        class Yes6:
            x = attr.ib()
        @dataclass
        class Base:
            x: int = 0
        @dataclass(slots=True)
        class Yes7(Base): pass
        Yes8 = make_dataclass("Yes8", ["a"], slots=True)
        class No1: __slots__ = tuple()
        class No2: __slots__ = [name for name in NAMES if name == "c"]
        class No3: __slots__ = "".split()
        @attr.s(slots=True)
        class No4:
            note: str = ""
        @dataclass(slots=True)
        class No5(Other):
            o: int
        class UseYes1(Yes1, Other): pass
        class UseYes2(Yes2, Other): pass
        class UseYes3(Yes3, Other): pass
        class UseYes4(Yes4, Other): pass
        class UseYes5(Yes5, Other): pass
        class UseYes6(Yes6, Other): pass
        class UseYes7(Yes7, Other): pass
        class UseYes8(Yes8, Other): pass
        class UseNo1(No1, Other): pass
        class UseNo2(No2, Other): pass
        class UseNo3(No3, Other): pass
        class UseNo4(No4, Other): pass
        class UseNo5(No5, Other): pass
    """)
    done = project.audit("--json", "--python", "/usr/bin/python3", "slots.py")
    found = [(one["rule"], one["facts"]["class"].removeprefix("slots.Use"))
             for one in done.data["findings"]]
    assert found == [("MRO002", f"Yes{i}") for i in range(1, 9)], found


BASES_THAT_ARE_EXPRESSIONS = """
    import abc, collections, typing
    from typing import Generic, List, TypeVar
    T = TypeVar("T")
    class M(type): pass
    class N(type): pass
    class A(metaclass=M): pass
    class B(metaclass=N): pass
    class Box(Generic[T], metaclass=M): pass
    class Outer:
        class Inner(metaclass=N): pass
    class Options:
        def __init_subclass__(cls, **options): pass
    def make(): return A
    Boxes = Box[int]
    class C1(Box[int], abc.ABC): pass
    class C2(Outer.Inner, A): pass
    class C3(A if True else B, abc.ABC): pass
    class C4(make(), B): pass
    class C5(collections.namedtuple("P", "x y"), A, B): pass
    class C6(type("Y", (A,), {}), B): pass
    class C7(A, typing.Generic[T], B): pass
    class C8(Boxes, B): pass
    class C9(List[int], A, B): pass
    class C10(typing.Mapping[str, int], Options, A, some=1): pass
    class C11(A, B, metaclass=abc.ABCMeta): pass
    class C12(object, A, metaclass=M): pass
    class C13(Box[
        int
    ], B): pass
"""


def test_what_is_proposed_can_be_pasted(project):
    path = project.write("pasted.py", BASES_THAT_ARE_EXPRESSIONS)
    findings = project.audit("--json", "pasted.py").data["findings"]
    assert len(findings) == 13
    before = path.read_text().partition("class C1(")[0]
    for finding in findings:
        names = {"__name__": "pasted"}
        exec(before, names)
        lines = [line.partition("  (")[0] for line in finding["fix"] if line.startswith("class ")]
        exec("\n".join(lines), names)
        assert finding["facts"]["class"].removeprefix("pasted.") in names, finding["fix"]
