"""The ways in which objects come back, and those in which they do not."""
import collections
import copy
import gc
import sys
import threading
import time

from truth import Expected, main, registry

SCENARIOS, scenario = registry()
kept = []


class Keeping:
    """Mixed into a class: its objects keep themselves when they die."""

    def __del__(self):
        kept.append(self)


class Node(Keeping):
    def __init__(self):
        self.me = None


def kept_in_order(name, count, container="kept"):
    paths = ["__main__.%s[%d]" % (container, index) for index in range(count)]
    return Expected({"__main__." + name: count}, root="__main__." + container, paths=paths)


@scenario
def reference_count():
    gc.disable()
    for _ in range(3):
        Node()
    return kept_in_order("Node", 3)


@scenario
def cycle():
    for _ in range(3):
        node = Node()
        node.me = node
    del node
    gc.collect()
    return kept_in_order("Node", 3)


@scenario
def young_collection():
    node = Node()
    node.me = node
    del node
    gc.collect(0)
    if not kept:  # 3.14.0 to 3.14.4 collect increments
        gc.collect()
    return kept_in_order("Node", 1)


@scenario
def collected_again():
    """More collections neither run the finalizer again nor clear the mark."""
    cycle()
    gc.collect()
    gc.collect()
    return kept_in_order("Node", 3)


class Slotted:
    __slots__ = ("value",)

    def __del__(self):
        kept.append(self)


@scenario
def slots():
    Slotted()
    return kept_in_order("Slotted", 1)


class Number(Keeping, int):
    pass


class Pair(Keeping, tuple):
    pass


class Table(Keeping, dict):
    pass


class Row(Keeping, list):
    pass


class Text(Keeping, str):
    pass


class Blob(Keeping, bytes):
    pass


class Trouble(Keeping, Exception):
    pass


class Ordered(Keeping, collections.OrderedDict):
    pass


@scenario
def subclasses_of_builtins():
    Number(2**70)
    Pair((1, 2, 3))
    Table(a=1)
    Row([1])
    Text("text")
    Blob(b"bytes")
    Trouble("no")
    Ordered(a=1)
    names = ("Number", "Pair", "Table", "Row", "Text", "Blob", "Trouble", "Ordered")
    paths = ["__main__.kept[%d]" % index for index in range(len(names))]
    return Expected({"__main__." + name: 1 for name in names}, root="__main__.kept", paths=paths)


@scenario
def moved_elsewhere():
    global moved
    Node()
    Node()
    moved = (None, list(kept))
    kept.clear()
    return kept_in_order("Node", 2, "moved[1]")


@scenario
def frozen():
    cycle()
    gc.collect()
    gc.freeze()
    expected = kept_in_order("Node", 3)
    expected.frozen = kept
    return expected


@scenario
def dropped_again():
    cycle()
    kept.clear()
    gc.collect()
    return Expected()


@scenario
def raises_after_keeping():
    class Loud:
        def __del__(self):
            kept.append(self)
            raise ValueError("after keeping")

    sys.unraisablehook = lambda _: None
    Loud()
    return kept_in_order("raises_after_keeping.<locals>.Loud", 1)


@scenario
def copied():
    """A copy of a zombie is an object like any other."""
    global clones
    Node()
    clones = [copy.copy(kept[0]) for _ in range(5)]
    return kept_in_order("Node", 1)


@scenario
def rescued_children():
    """What a zombie brings back with it carries no mark."""
    global Child

    class Child:
        pass

    node = Node()
    node.me = [Child(), node]
    del node
    gc.collect()
    return kept_in_order("Node", 1)


@scenario
def called_by_hand():
    """__del__() called on a living object finalizes nothing."""
    node = Node()
    for _ in range(3):
        node.__del__()
    return Expected()


@scenario
def inside_finalizer():
    """The look lands inside a __del__ that the reference count began: nothing is back yet."""
    expected = Expected()

    class Slow:
        def __del__(self):
            expected.say()
            time.sleep(3600)

    Slow()
    return expected


@scenario
def inside_collection():
    """The look lands inside a __del__ that the collector began."""
    expected = Expected()

    class Slow:
        def __init__(self):
            self.me = self

        def __del__(self):
            expected.say()
            time.sleep(3600)

    Slow()
    gc.collect()
    return expected


@scenario
def not_ascii():
    global behälter

    class Überrest:
        def __del__(self):
            behälter.größe = self

    class 雪(Keeping):
        pass

    class 𐐀(Keeping):
        pass

    class Behälter:
        pass

    behälter = Behälter()
    Überrest()
    雪()
    𐐀()
    names = ("Überrest", "雪", "𐐀")
    paths = ["__main__.behälter.größe", "__main__.kept[0]", "__main__.kept[1]"]
    return Expected({"__main__.not_ascii.<locals>." + one: 1 for one in names}, paths=paths)


@scenario
def nested_class():
    def outer():
        class Inner(Keeping):
            class Deeper(Keeping):
                pass

        Inner.Deeper()

    outer()
    return kept_in_order("nested_class.<locals>.outer.<locals>.Inner.Deeper", 1)


@scenario
def class_object():
    """A class is an object too: its metaclass has the finalizer."""
    global Meta

    class Meta(type):
        def __del__(cls):
            kept.append(cls)

    Meta("Short", (), {})
    gc.collect()
    return kept_in_order("Meta", 1)


@scenario
def changed_class():
    """The mark stays when an object gets another class."""
    global Other

    class Other:
        pass

    Node()
    kept[0].__class__ = Other
    return kept_in_order("Other", 1)


@scenario
def many_threads():
    def work():
        for _ in range(100):
            Node()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    del threads, thread
    gc.collect()
    return Expected({"__main__.Node": 400}, root="__main__.kept")


@scenario
def two_interpreters():
    """A zombie in each of two interpreters."""
    global other
    try:
        import _interpreters as machinery
    except ImportError:
        import _xxsubinterpreters as machinery
    program = """
kept = []
class Guest:
    def __del__(self):
        kept.append(self)
Guest()
"""
    Node()
    other = machinery.create()
    machinery.run_string(other, program)
    expected = kept_in_order("Node", 1)
    expected.confirm()  # gc speaks of its own interpreter only
    expected.zombies["__main__.Guest"] = 1
    expected.root = None
    expected.paths.append("interpreter 1: __main__.kept[0]")
    expected.confirm = lambda: None
    return expected


if __name__ == "__main__":
    main(SCENARIOS)
