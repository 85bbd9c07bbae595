"""Plants structures of known size, each below a holder of its own; says what each must retain.

What is counted is what sys.getsizeof() says of the holder and of every object that only the holder
leads to: with the head for the collector, with tables of the object's own.
"""
import array
import collections
import gc
import itertools
import json
import sys
import threading
import time

gc.disable()
planted = {}
numbers = itertools.count(10**12)  # no small ones, which are shared


class Holder:
    __slots__ = ("held", "__weakref__")

    def __init__(self, held):
        self.held = held


class Slots:
    __slots__ = ("left", "right")

    def __init__(self):
        self.left, self.right = own_bytes(), next(numbers)


class Plain:
    def __init__(self):
        self.name, self.payload = next(numbers), own_bytes()


class Class:
    pass


def own_bytes(size=100):
    return bytes(size + next(numbers) % 7)


def plant(make):
    """`make` returns what is held and all objects in it that nothing else holds."""
    held, own = make()
    holder = Holder(held)
    assert len(set(map(id, own))) == len(own), make.__name__
    sizes = sys.getsizeof(holder) + sum(map(sys.getsizeof, own))
    planted[make.__name__] = {"holder": id(holder), "bytes": sizes, "objects": len(own) + 1}
    kept.append(holder)


kept = []


@plant
def list_of_bytes():
    parts = [own_bytes(number) for number in range(200)]
    return parts, [parts, *parts]


@plant
def tuple_of_tuples():
    inner = [(next(numbers), own_bytes()) for _ in range(50)]
    outer = tuple(inner)
    return outer, [outer, *inner, *(part for one in inner for part in one)]


@plant
def instances_with_slots():
    parts = [Slots() for _ in range(50)]
    return parts, [parts, *parts] + [value for one in parts for value in (one.left, one.right)]


@plant
def instances_with_attributes():
    parts = [Plain() for _ in range(50)]
    own = [parts, *parts] + [value for one in parts for value in (one.name, one.payload)]
    if sys.version_info < (3, 11):
        own += [one.__dict__ for one in parts]
    return parts, own


@plant
def instances_whose_dict_was_asked_for():
    parts = [Plain() for _ in range(50)]
    own = [parts, *parts] + [value for one in parts for value in (one.name, one.payload)]
    return parts, own + [one.__dict__ for one in parts]


@plant
def nested_dicts():
    inner = [{next(numbers): own_bytes() for _ in range(20)} for _ in range(20)]
    outer = {"key %d" % number: one for number, one in enumerate(inner)}
    own = [outer, *outer, *inner, *(key for one in inner for key in one)]
    return outer, own + [value for one in inner for value in one.values()]


@plant
def cache():
    entries = {"entry number %d" % number: [own_bytes()] for number in range(300)}
    return entries, [entries, *entries, *entries.values(), *(one[0] for one in entries.values())]


@plant
def sets():
    parts = {(next(numbers), "text %d" % number) for number in range(100)}
    frozen = frozenset(next(numbers) for _ in range(40))
    own = [parts, *parts, *(part for one in parts for part in one), frozen, *frozen]
    both = [parts, frozen]
    return both, [both, *own]


@plant
def closures():
    def make(payload):
        return lambda: payload

    payloads = [[own_bytes()] for _ in range(20)]
    made = [make(payload) for payload in payloads]
    own = [made, *made, *payloads, *(one[0] for one in payloads)]
    return made, own + [part for one in made for part in (one.__closure__, one.__closure__[0])]


@plant
def bound_methods():
    parts = [Plain() for _ in range(10)]
    bound = [one.__init__ for one in parts]
    own = [bound, *bound, *parts] + [value for one in parts for value in (one.name, one.payload)]
    if sys.version_info < (3, 11):
        own += [one.__dict__ for one in parts]
    return bound, own


@plant
def generators():
    def generate(payload):
        held = [payload]
        yield held

    payloads = [own_bytes() for _ in range(20)]
    made = [generate(payload) for payload in payloads]
    lists = list(map(next, made))
    own = [made, *made, *payloads, *lists]
    if sys.version_info < (3, 11):
        return made, own + [one.gi_frame for one in made]
    return made, own + [generate]  # their frames hold it


@plant
def exceptions():
    def fail(payload):
        raise ValueError(payload)

    errors, own = [], []
    for _ in range(10):
        payload = [own_bytes()]
        try:
            fail(payload)
        except ValueError as error:
            step = error.__traceback__ = error.__traceback__.tb_next  # without our own frame
            step.tb_frame.clear()
            errors.append(error)
            own += [error, error.args, payload, payload[0], step, step.tb_frame]
    # Their frames keep the one that called, and with it what lies in it.
    return errors, [errors, *own, own, fail, sys._getframe()]


@plant
def deque():
    parts = collections.deque(own_bytes() for _ in range(300))
    return parts, [parts, *parts]


@plant
def ordered_dict():
    parts = collections.OrderedDict((next(numbers), own_bytes()) for _ in range(100))
    return parts, [parts, *parts, *parts.values()]


@plant
def buffers():
    parts = [bytearray(10000), array.array("d", range(500)), bytearray(b"x" * 77), array.array("b")]
    return parts, [parts, *parts]


@plant
def text():
    parts = ["a" * 1000 + str(next(numbers)), "é" * 1000 + str(next(numbers))]
    parts += ["€" * 1000 + str(next(numbers)), "😀" * 999 + str(next(numbers))]
    return parts, [parts, *parts]


@plant
def numbers_of_all_sizes():
    parts = [next(numbers), 1 << 1000, -(1 << 5000), float(next(numbers)), complex(1, next(numbers))]
    return parts, [parts, *parts]


shared = [own_bytes() for _ in range(100)]


@plant
def one_of_two_owners():
    parts = [shared, own_bytes()]
    return parts, [parts, parts[1]]


@plant
def other_of_two_owners():
    parts = (shared, own_bytes())
    return parts, [parts, parts[1]]


@plant
def owner_of_what_two_share():
    both = [own_bytes() for _ in range(100)]
    pair = [[both], (both,)]
    return pair, [pair, *pair, both, *both]


del shared


@plant
def ring():
    """Only the collector frees these, but nobody else holds them."""
    parts = [[own_bytes()] for _ in range(100)]
    for one, other in zip(parts, parts[1:] + parts[:1]):
        one.append(other)
    return parts[0], [*parts, *(one[0] for one in parts)]


# ---- what has no holder here -------------------------------------------------------------------

Class.attribute = [own_bytes() for _ in range(100)]
named = {"attribute": id(Class.attribute)}
waiting = threading.Event()
started = threading.Event()


def wait():
    local = threading.local()
    local.value = [own_bytes(1000)]
    held = [own_bytes(2000)]
    named["local"], named["held"] = id(local.value), id(held)
    started.set()
    waiting.wait()


threading.Thread(target=wait, daemon=True).start()
started.wait()


class Lost:
    def __init__(self):
        self.itself, self.payload = self, own_bytes(500)


def lose():
    lost = [Lost() for _ in range(50)]
    return [id(one) for one in lost] + [id(one.payload) for one in lost]


lost = lose()


def reached():
    """Addresses of all that sys.modules leads to."""
    known = [sys.modules]
    seen = {id(sys.modules)}
    at = 0
    while at < len(known):
        for one in gc.get_referents(known[at]):
            if id(one) not in seen and one is not known and one is not seen:
                seen.add(id(one))
                known.append(one)
        at += 1
    return array.array("Q", [id(one) for one in known])


addresses = reached()
told = {"planted": planted, "lost": lost, "named": named}
told["reached"] = (*addresses.buffer_info(),)
print("READY", json.dumps(told), flush=True)
time.sleep(3600)
