"""Names that something else than a statement of their own binds are not believed; what never runs
is not judged."""

import subprocess

COMMON = """
    import abc
    class M(type): pass
    class A(metaclass=M): pass
    class B(abc.ABC): pass
"""

# Each makes of A what goes with abc.ABC.
THROUGH_THE_MODULE = """
    import abc, sys
    from common import A, B
    T1 = T2 = T3 = T4 = T5 = T6 = T7 = T8 = T9 = A
    sys.modules[__name__].T1 = B
    globals().update({"T2": B})
    globals().update(T3=B)
    exec("T4 = B")
    def later():
        globals()["T5"] = B
        setattr(sys.modules[__name__], "T6", B)
    later()
    this = sys.modules[__name__]
    this.T7 = B
    setattr(this, "T8", B)
    this.__dict__["T9"] = B
    class C1(T1, abc.ABC): pass
    class C2(T2, abc.ABC): pass
    class C3(T3, abc.ABC): pass
    class C4(T4, abc.ABC): pass
    class C5(T5, abc.ABC): pass
    class C6(T6, abc.ABC): pass
    class C7(T7, abc.ABC): pass
    class C8(T8, abc.ABC): pass
    class C9(T9, abc.ABC): pass
    class Outer:
        U1 = U2 = A
        locals().update(U1=B)
        vars()["U2"] = B
        class D1(U1, abc.ABC): pass
        class D2(U2, abc.ABC): pass
"""

COMPUTED = """
    import abc
    from common import A, B
    T1 = A
    def names():
        return {"T1": B}
    globals().update(names())
    class C1(T1, abc.ABC): pass
    T2 = T3 = T4 = A
    for name, base in (("T2", B), ("Other", A)):
        globals()[name] = base
    globals().update({name: B for name in ("T3",)})
    more = {"T4": B}
    globals().update(more)
    class C2(T2, abc.ABC): pass
    class C3(T3, abc.ABC): pass
    class C4(T4, abc.ABC): pass
"""

# What is no class takes no class's place.
NO_CLASSES = """
    import abc, enum
    from common import A, B
    class Colour(enum.Enum):
        RED = 1
    globals().update(Colour.__members__)
    globals()["reverof"[::-1]] = False
    exec("limit = 3")
    class Sure(B): pass
    def names():
        return ["Three"]
    for name in ("One", "Two"):
        globals()[name] = type(name, (Sure,), {})
    for name in names():
        globals()[name] = type(name, (Sure,), {})
    class Sure2(Sure, abc.ABC): pass
"""

BY_ANOTHER_MODULE = {
    "target.py": "from common import A as T",
    "setter.py": "import target\nfrom common import B\ntarget.T = B",
    "user.py": "import abc, setter\nfrom target import T\nclass C1(T, abc.ABC): pass",
}

STARS = {
    "one.py": "from common import B as T1\n__all__ = [name for name in ['T1']]",
    "two.py": "from common import B as T2\n__all__ = []\n__all__.append('T2')",
    "star.py": """
        import abc
        from common import A
        T1 = T2 = A
        from one import *
        from two import *
        class C1(T1, abc.ABC): pass
        class C2(T2, abc.ABC): pass
    """,
}

NEVER = """
    import importlib, os, platform, sys
    from abc import ABC
    from typing import TYPE_CHECKING
    from common import A
    def after_return():
        return A
        class Never(A, ABC): pass
    def after_both(x):
        if x:
            return 1
        else:
            raise ValueError
        class Never(A, ABC): pass
    def after_a_version():
        if sys.version_info >= (3, 0):
            return A
        class Never(A, ABC): pass
    def after_a_loop():
        while True:
            pass
        class Never(A, ABC): pass
    def after_exit():
        sys.exit()
        class Never(A, ABC): pass
    def after_try():
        try:
            return 1
        finally:
            pass
        class Never(A, ABC): pass
    def within():
        return
        def inner():
            class Never(A, ABC): pass
    if TYPE_CHECKING:
        class Never(A, ABC): pass
    while False:
        class Never(A, ABC): pass
    for _ in ():
        class Never(A, ABC): pass
    if platform.system() == "Windows" or sys.platform.startswith(("win", "cygwin")):
        class Never(A, ABC): pass
    if sys.implementation.name == "pypy":
        class Never(A, ABC): pass
    try:
        importlib.import_module("a_module_that_is_not_there")
        found = importlib.import_module("a_module_that_is_not_there")
        class Never(A, ABC): pass
    except ImportError:
        pass
    def suppressed(manager):
        with manager:
            raise ValueError
        class Made(A, ABC): pass
    def sometimes(x):
        while True:
            if x:
                break
        class Made2(A, ABC): pass
"""


def audit(project, *files):
    for name in files:
        command = ["/usr/bin/python3", "-B", "-c", f"import {name.removesuffix('.py')}"]
        subprocess.run(command, cwd=project.root, check=True, timeout=60)
    return project.audit("--classes", "--json", ".").data


def not_checked(data):
    return {row["class"].rpartition(".")[2] for row in data["classes"]
            if row["status"] == "not_checked"}


def test_what_is_bound_through_the_module_or_its_dict(project):
    project.write("common.py", COMMON)
    project.write("through.py", THROUGH_THE_MODULE)
    project.write("computed.py", COMPUTED)
    data = audit(project, "through.py", "computed.py")
    assert not data["findings"], data["findings"]
    assert {"C1", "C2", "C3", "C4", "C5", "C6"} <= not_checked(data)  # the others are even known


def test_what_is_no_class_leaves_names_alone(project):
    project.write("common.py", COMMON)
    project.write("plain.py", NO_CLASSES)
    data = audit(project, "plain.py")
    assert not data["findings"] and not not_checked(data), data


def test_what_another_module_sets(project):
    project.write("common.py", COMMON)
    for name, text in BY_ANOTHER_MODULE.items():
        project.write(name, text)
    data = audit(project, "user.py")
    assert not data["findings"] and not_checked(data) == {"C1"}, data


def test_stars_of_which_nobody_knows_what_they_bring(project):
    project.write("common.py", COMMON)
    for name, text in STARS.items():
        project.write(name, text)
    data = audit(project, "star.py")
    assert not data["findings"] and not_checked(data) == {"C1", "C2"}, data


def test_what_never_runs_is_not_judged(project):
    project.write("common.py", COMMON)
    project.write("never.py", NEVER)
    data = audit(project, "never.py")
    found = [one["facts"]["class"].rpartition(".")[2] for one in data["findings"]]
    assert sorted(found) == ["Made", "Made2"], found
