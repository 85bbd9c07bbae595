"""Makes one object of every kind and says what each refers to, then stays."""
import asyncio
import collections
import functools
import gc
import io
import itertools
import json
import operator
import queue
import struct
import sys
import threading
import time
import types
import weakref

gc.disable()
kinds = {}
steps = []
kept = []


def kind(make):
    kinds[make.__name__] = make()
    return make


def step(holder, referent, text):
    kept.append((holder, referent))
    steps.append((id(holder), id(referent), text))
    return holder


class Plain:
    pass


class Slots:
    __slots__ = ("left", "right", "__weakref__")


class MoreSlots(Slots):
    __slots__ = ("extra",)


class SlotsAndDict(Slots):
    pass


class Meta(type):
    pass


class Named(metaclass=Meta):
    value = [1]

    def method(self):
        pass

    @classmethod
    def of_class(cls):
        pass

    @staticmethod
    def static():
        pass

    @property
    def prop(self):
        pass

    @functools.lru_cache(maxsize=4)
    def cached(self):
        return [self]


class Ünïcödé:
    pass


def subclass_of(base):
    return type(base.__name__ + "Child", (base,), {})


def with_attribute(thing):
    thing.attribute = value = [1]
    return step(thing, value, ".attribute")


@kind
def instance():
    return with_attribute(Plain())


@kind
def instance_without_attributes():
    return Plain()


@kind
def instance_with_many_attributes():
    plain = Plain()
    for number in range(50):
        setattr(plain, "name%d" % number, [number])
    return plain


@kind
def instance_whose_dict_was_asked_for():
    plain = with_attribute(Plain())
    kinds["dict_of_an_instance"] = plain.__dict__
    return step(plain, plain.__dict__, ".__dict__")


@kind
def instance_with_another_dict():
    plain = with_attribute(Plain())
    plain.__dict__ = {"other": [1]}
    steps.pop()
    return step(plain, plain.other, ".other")


@kind
def instance_that_lost_an_attribute():
    plain = with_attribute(Plain())
    plain.second, plain.third = [2], [3]
    del plain.second
    return plain


@kind
def instance_with_a_non_ascii_name():
    return with_attribute(Ünïcödé())


@kind
def slots():
    thing = Slots()
    thing.left, thing.right = [1], {}
    kinds["weak_reference"] = weakref.ref(thing)
    kinds["weak_reference_with_callback"] = weakref.ref(thing, print)
    return step(thing, thing.left, ".left")


@kind
def inherited_slots():
    thing = MoreSlots()
    thing.left, thing.extra = [1], [2]
    return step(step(thing, thing.left, ".left"), thing.extra, ".extra")


@kind
def slots_and_dict():
    thing = SlotsAndDict()
    thing.left = [1]
    return with_attribute(thing)


for base, value in [
    (int, 5),
    (str, "text"),
    (bytes, b"bytes"),
    (float, 1.5),
    (tuple, ([1], [2])),
    (list, ([1], [2])),
    (dict, {"key": [1]}),
    (set, [(1, Plain())]),
    (frozenset, [(1, Plain())]),
    (collections.deque, [[1]]),
    (collections.OrderedDict, {"key": [1]}),
]:
    kinds[base.__name__ + "_child"] = with_attribute(subclass_of(base)(value))
kinds["large_int_child"] = with_attribute(subclass_of(int)(1 << 200))

value = [1]
kinds["list"] = step([0, value], value, "[1]")
kinds["list_empty"] = []
kinds["list_large"] = [[number] for number in range(3000)]
kinds["tuple"] = step((value,), value, "[0]")
kinds["namedtuple"] = collections.namedtuple("Pair", "left right")([1], {})
kinds["dict_str"] = step({"k": value}, value, "['k']")
kinds["dict_int"] = step({42: value}, value, "[42]")
kinds["dict_other"] = step({(1,): value}, value, "[<tuple>]")
kinds["dict_mixed"] = {1: [1], "a": [2], (2, 3): {}}
kinds["dict_empty"] = {}
kinds["dict_large"] = {str(number): [number] for number in range(20000)}
kinds["dict_holes"] = {number: [number] for number in range(300)}
for number in range(0, 300, 3):
    del kinds["dict_holes"][number]
kinds["defaultdict"] = step(collections.defaultdict(list, a=value), value, "['a']")
kinds["ordered_dict"] = step(collections.OrderedDict(a=value), value, "['a']")
element = Plain()
kinds["set"] = step({element, "text"}, element, "{…}")
kinds["set_large"] = {Plain() for _ in range(3000)}
kinds["set_holes"] = {Plain() for _ in range(40)}
for element in list(kinds["set_holes"])[::2]:
    kinds["set_holes"].discard(element)
kinds["frozenset"] = frozenset([Plain(), (1, Plain())])
kinds["deque"] = step(collections.deque([0, value]), value, "[1]")
kinds["deque_empty"] = collections.deque()
kinds["deque_turned"] = collections.deque([[number] for number in range(200)], 150)
kinds["deque_turned"].rotate(77)
kinds["deque_turned"].appendleft([0])
kinds["simple_queue"] = queue.SimpleQueue()
for number in range(10):
    kinds["simple_queue"].put([number])
    if number > 3:
        kinds["simple_queue"].get()


@kind
def closure():
    cell_contents = [1]

    def inner(default=[1], *, keyword={}):
        return cell_contents

    inner.attribute = [2]
    kinds["cell"] = step(inner.__closure__[0], cell_contents, ".cell_contents")
    kinds["code"] = inner.__code__
    step(inner, inner.__closure__, ".__closure__")
    return step(inner, inner.attribute, ".attribute")


named = Named()
kinds["method"] = step(named.method, named, ".__self__")
kinds["class"] = step(Named, Named.value, ".value")
kinds["metaclass"] = Meta
kinds["class_with_slots"] = MoreSlots
kinds["method_of_class"] = Named.of_class
kinds["classmethod"] = vars(Named)["of_class"]
kinds["staticmethod"] = vars(Named)["static"]
kinds["property"] = step(vars(Named)["prop"], vars(Named)["prop"].fget, ".fget")
kinds["cached"] = vars(Named)["cached"]
named.cached()
kinds["builtin_method"] = step(value.append, value, ".__self__")
kinds["partial"] = step(functools.partial(print, value, key={}), print, ".func")
kinds["module"] = step(sys.modules["__main__"], kinds, ".kinds")
kinds["module_in_c"] = sys.modules["_io"]
kinds["namespace"] = types.SimpleNamespace(a=[1])
kinds["slice"] = step(slice(value, None), value, ".start")


def generate(argument):
    local = [argument]
    for item in [local, {}]:
        yield item


def delegate():
    yield from generate([1])


def protect(lock):
    for item in [[1], [2]]:
        with lock:
            yield item


for name, make in [
    ("generator", lambda: generate(Plain())),
    ("generator_delegating", delegate),
    ("generator_in_with", lambda: protect(threading.Lock())),
]:
    kinds[name] = make()
    next(kinds[name])
kinds["generator_new"] = generate(Plain())
kinds["generator_finished"] = generate(Plain())
list(kinds["generator_finished"])
kinds["generator_closed"] = generate(Plain())
next(kinds["generator_closed"])
kinds["generator_closed"].close()
kinds["generator_with_frame"] = generate([1])
next(kinds["generator_with_frame"])
kinds["frame_of_generator"] = kinds["generator_with_frame"].gi_frame
if sys.version_info >= (3, 11):
    generator = kinds["generator"]
    step(generator, generator.gi_frame.f_locals["local"], ".local")


class Awaitable:
    def __await__(self):
        yield self


async def inner():
    local = {}
    await Awaitable()
    return local


async def outer(argument):
    local = [argument]
    await inner()
    return local


async def generate_asynchronously():
    local = [1]
    yield local


kinds["coroutine"] = outer(Plain())
kinds["coroutine"].send(None)
kinds["coroutine_awaited"] = kinds["coroutine"].cr_await
kinds["coroutine_new"] = kept_coroutine = outer([1])
kinds["async_generator"] = generate_asynchronously()
try:
    kinds["async_generator"].__anext__().send(None)
except StopIteration:
    pass


@kind
def frame():
    local = [1]
    return step(sys._getframe(), local, ".local")


@kind
def exception():
    try:
        try:
            {}["key"]
        except KeyError as error:
            raise ValueError([1]) from error
    except ValueError as error:
        kinds["traceback"] = error.__traceback__
        return error


for name in ("chain", "cycle", "zip_longest", "accumulate"):
    kinds["itertools_" + name] = getattr(itertools, name)([[1], [2]])
kinds["map"] = map(print, [[1]])
kinds["list_iterator"] = iter([[1]])
kinds["dict_iterator"] = iter({"a": [1]})
kinds["itemgetter"] = operator.itemgetter("a", "b")
kinds["text_file"] = open("/dev/null")
kinds["bytes_io"] = io.BytesIO(b"x")
kinds["thread"] = threading.Thread(target=print, args=([],))
kinds["condition"] = threading.Condition()
kinds["weak_set"] = weakref.WeakSet([named])
loop = asyncio.new_event_loop()
kinds["future"] = future = loop.create_future()


async def wait():
    await future


kinds["task"] = loop.create_task(wait())
loop.call_soon(loop.stop)
loop.run_forever()
kinds["loop"] = loop


# Codes in memory that was full of addresses of an object: what CPython leaves unset still has one.
bait = object()
codes = []
for size in range(240, 480, 8):
    for _ in range(3):
        full = [struct.pack("Q", id(bait)) * (size // 8) for _ in range(100)]
        del full
        lines = "".join("    x = y\n" for _ in range((size - 230) // 4))
        codes.append(compile("def f(y):\n    pass\n" + lines, "code", "exec").co_consts[0])


def name_of(type):
    return type.__qualname__ if type.__module__ == "builtins" else type.__module__ + "." + type.__qualname__


def tell():
    return {
        "kinds": {
            name: {
                "address": id(thing),
                "type": name_of(type(thing)),
                "referents": [id(one) for one in gc.get_referents(thing)],
            }
            for name, thing in kinds.items()
        },
        "steps": steps,
        "codes": [id(code) for code in codes],
        "bait": id(bait),
    }


# The module's own references include the result: say it twice, so that both times count the same.
told = json.dumps(tell())
told = json.dumps(tell())
print("READY", told, flush=True)
time.sleep(3600)
