"""Classes with finalizers whose objects refer to each other both ways."""
import weakref


class Node:
    def __init__(self):
        self.parent = None
        self.children = []

    def add(self, child):
        self.children.append(child)
        child.parent = self  #! RES003 warning

    def __del__(self):
        pass


class Registering:
    def __init__(self, parent=None):
        self.parent = parent  #! RES003 warning
        self.children = []
        if parent is not None:
            parent.children.append(self)

    def __del__(self):
        pass


class Linked:
    def __init__(self):
        self.next = None
        self.prev = None

    def insert(self, other: "Linked"):
        self.next = other
        other.prev = self  #! RES003 warning

    def __del__(self):
        pass


class Making:
    def __init__(self, owner=None):
        self.owner = owner  #! RES003 warning
        self.parts = {}

    def make(self, name):
        part = Making(self)
        self.parts[name] = part
        return part

    def __del__(self):
        pass


class MakingByType:
    def __init__(self, owner=None):
        self.owner = owner  #! RES003 warning
        self.parts = []

    def make(self):
        self.parts.append(type(self)(self))

    def __del__(self):
        pass


class Base:
    def __init__(self):
        self.up = None
        self.down = []

    def attach(self, other):
        other.up = self  #! RES003 warning
        self.down.append(other)


class Heir(Base):
    def __del__(self):
        pass


# ---- innocent ----


class NoFinalizer:
    def __init__(self):
        self.parent = None
        self.children = []

    def add(self, child):
        self.children.append(child)
        child.parent = self


class WeakParent:
    def __init__(self):
        self.parent = None
        self.children = []

    def add(self, child):
        self.children.append(child)
        child.parent = weakref.ref(self)

    def __del__(self):
        pass


class WeakProxy:
    def __init__(self, parent):
        self.parent = weakref.proxy(parent)
        parent.children.append(self)
        self.children = []

    def __del__(self):
        pass


class WeakChildren:
    def __init__(self, parent):
        self.children = weakref.WeakSet()
        self.parent = parent
        parent.children.add(self)

    def __del__(self):
        pass


class OneWay:
    def __init__(self, parent):
        self.parent = parent
        self.names = []
        parent.count += 1
        parent.names.append(self.name)

    def __del__(self):
        pass


class OtherKind:
    def __init__(self, pool):
        self.pool = pool
        pool.members.append(self)

    def __del__(self):
        pass


class MakesWithoutSelf:
    def __init__(self, depth=0):
        self.depth = depth
        self.parts = []

    def make(self):
        self.parts.append(MakesWithoutSelf(self.depth + 1))

    def __del__(self):
        pass
