"""What a target says of itself: which objects are finalized and alive, by gc's own word."""
import collections
import gc
import json
import sys
import time


def type_name(one):
    kind = type(one)
    prefix = "" if kind.__module__ == "builtins" else kind.__module__ + "."
    return prefix + kind.__qualname__


def finalized(frozen=()):
    """Type name -> count; `frozen` are objects that gc.get_objects() does not give."""
    if sys.version_info < (3, 9):  # no gc.is_finalized()
        return None
    objects = gc.get_objects()
    counts = collections.Counter(type_name(one) for one in objects if gc.is_finalized(one))
    counts.update(type_name(one) for one in frozen if gc.is_finalized(one))
    return dict(counts)


class Expected:
    """What steth should say of a scenario."""

    def __init__(self, zombies=(), exempt=(), root=None, paths=(), far=False, frozen=()):
        self.zombies = dict(zombies)  # type name -> count
        self.exempt = dict(exempt)
        self.root = root  # every path begins with it
        self.paths = list(paths)  # exactly these, in any order
        self.far = far  # no path need be shown
        self.frozen = frozen

    def confirm(self):
        """Fails when the scenario did not come to be."""
        expected = dict(self.zombies, **self.exempt)
        assert finalized(self.frozen) in (None, expected), (finalized(self.frozen), expected)

    def say(self):
        keys = ("zombies", "exempt", "root", "paths", "far")
        print("READY", json.dumps({key: getattr(self, key) for key in keys}), flush=True)


def main(scenarios):
    """Runs the scenario of the command line and stays."""
    expected = scenarios[sys.argv[1]]()
    expected.confirm()
    expected.say()
    expected = None
    while True:
        time.sleep(3600)


def registry():
    """A dict of scenarios by name, and the decorator that adds one."""
    scenarios = {}

    def scenario(function):
        scenarios[function.__name__] = function
        return function

    return scenarios, scenario
