"""Rings of objects that people make, each with the reference that is to be weak."""
import sys
import time


class Tree:
    def __init__(self, parent=None):
        self.parent, self.children = parent, []
        if parent:
            parent.children.append(self)


class Finalized(Tree):
    def __del__(self):
        pass


class Link:
    def __init__(self, previous=None):
        self.previous, self.following = previous, None
        if previous:
            previous.following = self


class Chained(Link):
    def __del__(self):
        pass


class Subject:
    def __init__(self):
        self.observers = []


class Observer:
    def __init__(self, subject):
        self.subject = subject
        subject.observers.append(self)

    def __del__(self):
        pass


class Callback:
    def __init__(self):
        self.handler = self.handle

    def handle(self):
        pass

    def __del__(self):
        pass


class Itself:
    def __init__(self):
        self.me = self

    def __del__(self):
        pass


class Healthy:
    def __init__(self):
        self.parts = [object() for _ in range(3)]

    def __del__(self):
        pass


def tree(of):
    root = of()
    for _ in range(3):
        child = of(root)
        of(child)
    return root


def chain(of):
    first = last = of()
    for _ in range(4):
        last = of(last)
    return first


def subject():
    one = Subject()
    for _ in range(3):
        Observer(one)
    return one


MAKERS = {
    "tree": lambda: tree(Tree),
    "finalized": lambda: tree(Finalized),
    "chain": lambda: chain(Link),
    "chained": lambda: chain(Chained),
    "observers": subject,
    "callback": Callback,
    "itself": Itself,
    "healthy": Healthy,
}
kept = [[MAKERS[name]() for _ in range(3)] for name in sys.argv[1:]]
print("READY", flush=True)
time.sleep(3600)
