"""One object of many kinds, for whole_library.py: what a type alone does not make."""
import ast
import asyncio
import collections
import contextvars
import ctypes
import datetime
import decimal
import functools
import io
import itertools
import mmap
import operator
import os
import pickle
import queue
import random
import re
import socket
import struct
import sys
import tempfile
import threading
import time
import types
import weakref

made = []
makers = []


def make_by(maker):
    makers.append(maker)
    return maker


def make():
    """Whatever can be made here; older releases lack some of it, small installations, too."""
    for maker in makers:
        try:
            made.append(maker())
        except Exception:
            pass
    for source in NEWER:
        space = {}
        try:
            exec(source, space)
            made.append(space)
        except Exception:
            pass
    return list(made)


class Plain:
    pass


class Slots:
    __slots__ = ("left", "right", "__weakref__")

    def __init__(self):
        self.left = [1]


class Generic(list, Plain):
    pass


class Property:
    @property
    def value(self):
        return [1]

    @functools.lru_cache(maxsize=None)
    def without_bound(self, number):
        return [number]

    @functools.lru_cache(maxsize=2)
    def with_bound(self, number):
        return [number]

    @functools.singledispatchmethod
    def dispatched(self, thing):
        return thing

    cached = functools.partialmethod(print, [1])


def function(argument=[1], *, keyword={}):
    closed = [argument]
    return lambda: closed


def generator():
    held = [1]
    received = yield held
    try:
        yield received
    finally:
        del held


class Awaitable:
    def __await__(self):
        yield [1]


async def coroutine():
    held = [1]
    await Awaitable()
    return held


async def asynchronous_generator():
    held = [1]
    yield held
    yield [2]


@make_by
def containers():
    ordered = collections.OrderedDict((str(one), [one]) for one in range(20))
    counted = collections.Counter("abracadabra")
    default = collections.defaultdict(list, a=[1])
    double_ended = collections.deque([[1], [2]], maxlen=5)
    double_ended.extend([[one] for one in range(100)])
    chained = collections.ChainMap({"a": [1]}, {"b": [2]})
    views = [ordered.keys(), ordered.items(), {}.values(), {"a": [1]}.items()]
    walks = [iter(one) for one in (ordered, counted, default, double_ended, chained, *views)]
    walks += [reversed(ordered), reversed(double_ended), iter({1, 2}), iter(()), reversed([1])]
    for one in walks:
        next(one, None)
    return locals()


@make_by
def instances():
    shared = [Plain() for _ in range(10)]
    for number, one in enumerate(shared):
        one.a, one.b = [number], {number: one}
    shared[0].c = [1]
    shared[1].__dict__
    shared[2].__dict__["x"] = [2]
    del shared[3].a
    many = Plain()
    for number in range(200):
        setattr(many, "name%d" % number, [number])
    own = Property()
    for number in range(5):
        own.with_bound(number), own.without_bound(number)
    listed = Generic([[1]])
    listed.attribute = [2]
    return locals(), own.dispatched, Property.cached, Property.value, Slots()


@make_by
def generators():
    fresh, begun, sent, done, closed = [generator() for _ in range(5)]
    next(begun), next(sent), sent.send([3]), next(closed), closed.close()
    list(done)
    suspended, new = coroutine(), coroutine()
    suspended.send(None)
    kept = asynchronous_generator()
    step = kept.asend(None)
    try:
        step.send(None)
    except StopIteration:
        pass
    others = kept.__anext__(), kept.athrow(ValueError), kept.aclose()
    frames = begun.gi_frame, suspended.cr_frame, kept.ag_frame, suspended.cr_await
    wrapped = coroutine().__await__()
    decorated = types.coroutine(generator)()
    next(decorated)
    return locals()


@make_by
def errors():
    try:
        try:
            {}["absent"]
        except KeyError as error:
            raise ValueError([1], {}) from error
    except ValueError as error:
        kept = error
    unread = [UnicodeDecodeError("utf-8", b"x", 0, 1, "why"), SyntaxError("a", ("f", 1, 2, "t"))]
    unread += [OSError(1, "two", "three"), StopIteration([1]), SystemExit([1]), ImportError("n")]
    unread += [AttributeError("a"), NameError("b"), BlockingIOError(1, "2", 3)]
    return locals()


@make_by
def iterators():
    pair = [[1], [2]]
    alone = [itertools.cycle(pair), itertools.chain(pair), itertools.accumulate(pair)]
    alone += [itertools.combinations(pair, 1), itertools.permutations(pair), itertools.count([1][0])]
    alone += [itertools.product(pair, pair), itertools.repeat(pair), itertools.islice(pair, 2)]
    alone += [itertools.starmap(print, pair), itertools.takewhile(bool, pair), *itertools.tee(pair)]
    alone += [itertools.groupby(pair, len), itertools.zip_longest(pair, fillvalue=[3])]
    alone += [itertools.filterfalse(None, pair), itertools.compress(pair, pair)]
    alone += [itertools.dropwhile(bool, pair), itertools.combinations_with_replacement(pair, 2)]
    alone += [map(list, pair), filter(None, pair), zip(pair, pair), enumerate(pair), iter(list, 1)]
    alone += [reversed(pair), iter(range(10**30)), iter(b"x"), iter("x"), iter(bytearray(b"x"))]
    fresh = itertools.cycle(pair), itertools.tee(pair), itertools.product(pair, pair)
    for one in alone:
        if not isinstance(one, (map, itertools.starmap)):
            next(one, None)
    groups = [group for _, group in itertools.groupby([[1], [2]], len)]
    return locals()


@make_by
def callables():
    partial = functools.partial(function, [1], keyword={})
    partial.attribute = [2]
    calls = [operator.itemgetter("a", 1), operator.attrgetter("a.b"), operator.methodcaller("a", [1])]
    keyed = functools.cmp_to_key(lambda a, b: 0)([1])
    bound = [[].append, Plain().__init__, {}.get, "".join, Property().with_bound]
    descriptors = [vars(type)["__mro__"], vars(list)["append"], list.__len__, [].__len__]
    descriptors += [vars(dict)["fromkeys"], dict.fromkeys, vars(type)["__dict__"], staticmethod(len)]
    descriptors += [vars(Slots)["left"], vars(Plain)["__dict__"], vars(property)["fget"]]
    cached = functools.lru_cache(maxsize=3)(lambda *keys, **more: list(keys))
    for number in range(6):
        cached(number, name=number), cached(number), cached("text", number)
    typed = functools.lru_cache(maxsize=None, typed=True)(lambda key: [key])
    typed(1), typed(1.0)
    code = compile("a = lambda: [b for b in (1, 2)]", "name", "exec")
    view = types.MappingProxyType({"a": [1]})
    parts = slice([1], {}), range(3), range(10**30), super(Generic, Generic()), property(len)
    space = types.SimpleNamespace(a=[1])
    alias = list[int] if sys.version_info >= (3, 9) else None
    either = int | str if sys.version_info >= (3, 10) else None
    return locals()


@make_by
def references():
    referred = Plain()
    weak = weakref.ref(referred), weakref.ref(referred, print), weakref.proxy(referred)
    method = weakref.WeakMethod(Property().__init__)
    holders = weakref.WeakSet([referred]), weakref.WeakValueDictionary(a=referred)
    keyed = weakref.WeakKeyDictionary({referred: [1]})
    finalizer = weakref.finalize(referred, print, [1])
    finalizer.atexit = False
    called = weakref.proxy(function), weakref.ref(Slots())
    return locals()


@make_by
def contexts():
    variable, other = contextvars.ContextVar("a", default=[1]), contextvars.ContextVar("b")
    variables = [contextvars.ContextVar("v%d" % number) for number in range(60)]
    context = contextvars.copy_context()

    def fill():
        tokens = [variable.set([2]), other.set({})]
        return tokens + [one.set([number]) for number, one in enumerate(variables)]

    tokens = context.run(fill)
    walks = iter(context), context.items(), context.keys(), context.values(), context.copy()
    walks += tuple(map(iter, walks))
    return locals()


@make_by
def files():
    place = tempfile.TemporaryFile()
    buffered = io.BufferedRandom(place.raw), io.BufferedReader(io.FileIO(os.devnull))
    text = open(os.devnull), open(os.devnull, "rb"), open(os.devnull, "wb"), open(os.devnull, "w")
    text[0].attribute = [1]
    memory = io.BytesIO(b"x" * 100), io.StringIO("text"), io.TextIOWrapper(io.BytesIO(b"a\nb"))
    pair = io.BufferedRWPair(io.BytesIO(), io.BytesIO())
    newlines = io.IncrementalNewlineDecoder(None, True)
    views = memoryview(b"x"), memoryview(bytearray(b"x"))[::2], memory[0].getbuffer()
    mapped = mmap.mmap(-1, 4096)
    view = memoryview(mapped)
    listed = os.scandir("/"), os.stat("/"), next(os.scandir("/")), os.uname(), os.times()
    return locals()


@make_by
def text():
    pattern = re.compile(r"(?P<name>\w+) (x)?")
    match = pattern.match("some text")
    walks = pattern.finditer("a b c d"), pattern.scanner("a b"), re.compile(b"x")
    tree = ast.parse("class A(B):\n  def f(self, *a, b=[1]): return {a: b for a in self}\n")
    formatted = "a".maketrans({"a": [1]}), "{0.a[1]}".format
    parts = "a{b}c"._formatter_parser() if hasattr("", "_formatter_parser") else None
    return locals()


@make_by
def numbers():
    number = decimal.Decimal("1.5"), decimal.getcontext(), decimal.localcontext(), 1 << 500
    moment = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(1), datetime.date(1, 1, 1)
    zone = datetime.timezone(datetime.timedelta(1), "name"), datetime.time(1, tzinfo=datetime.timezone.utc)
    moment += (moment[0].isocalendar(), time.localtime(), struct.Struct("<QQ"), random.Random(1))
    walk = struct.iter_unpack("B", b"abc")
    return locals()


@make_by
def threads():
    lock, recursive, local = threading.Lock(), threading.RLock(), threading.local()
    local.value = [1]
    with lock, recursive:
        held = [threading.Condition(lock), threading.Event(), threading.Semaphore(2)]
    simple, full = queue.SimpleQueue(), queue.Queue()
    for number in range(20):
        simple.put([number]), full.put([number])
    waiting = threading.Event()

    def wait(argument):
        own = threading.local()
        own.value = local.value = [argument]
        waiting.wait()

    thread = threading.Thread(target=wait, args=([1],), daemon=True)
    thread.start()
    return locals()


@make_by
def asynchronous():
    loop = asyncio.new_event_loop()
    pending, done, failed = [loop.create_future() for _ in range(3)]
    done.set_result([1]), failed.set_exception(ValueError([1])), failed.exception()
    for number in range(3):
        pending.add_done_callback(functools.partial(print, number))
    gone = loop.create_future()
    gone.cancel()

    async def wait():
        held = [1]
        await pending
        return held

    async def nested():
        return await asyncio.gather(wait(), asyncio.shield(pending), asyncio.sleep(3600))

    tasks = [loop.create_task(one()) for one in (wait, nested, wait)]
    walk = pending.__await__(), iter(loop.create_future())
    next(walk[0])
    for _ in range(5):
        loop.call_soon(loop.stop)
        loop.run_forever()
    waiting = asyncio.Lock, asyncio.Queue, asyncio.Event
    return locals()


@make_by
def foreign():
    class Point(ctypes.Structure):
        _fields_ = [("x", ctypes.c_int), ("y", ctypes.py_object), ("z", ctypes.c_char_p)]

    class Either(ctypes.Union):
        _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_double)]

    kept = Point(1, [1], b"text")
    pointers = ctypes.pointer(kept), ctypes.byref(kept), ctypes.POINTER(Point)()
    several = (Point * 3)(), ctypes.create_string_buffer(10), (ctypes.py_object * 2)([1], {})
    called = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda number: number)
    library = ctypes.CDLL(None).getpid, ctypes.pythonapi.PyObject_Repr
    simple = ctypes.c_int(1), ctypes.c_wchar_p("text"), ctypes.py_object([1]), Either()
    library[1].argtypes, library[1].errcheck = [ctypes.py_object], lambda *_: 1
    part = kept.y, Point.x, several[0][1]
    viewed = memoryview(several[0])
    return locals()


@make_by
def sockets():
    import select
    import selectors

    pair = socket.socketpair()
    selector, poll = selectors.DefaultSelector(), select.poll()
    selector.register(pair[0], selectors.EVENT_READ, [1])
    poll.register(pair[0])
    return locals()


@make_by
def encrypted():
    import ssl

    context = ssl.create_default_context()
    context.sni_callback = lambda *_: None
    both = ssl.MemoryBIO(), ssl.MemoryBIO()
    protocol = context.wrap_bio(*both, server_hostname="name")
    try:
        protocol.do_handshake()
    except ssl.SSLError:
        pass
    wrapped = context.wrap_socket(socket.socket(), do_handshake_on_connect=False)
    return locals()


@make_by
def database():
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.create_function("f", 1, lambda one: one)
    connection.create_collation("c", lambda a, b: 0)
    connection.set_authorizer(lambda *_: 0)
    connection.set_trace_callback(print)
    connection.set_progress_handler(lambda: 0, 10**6)

    class Sum:
        pass

    connection.create_aggregate("s", 1, Sum)
    connection.set_trace_callback(None)
    cursor = connection.execute("create table t (a, b)")
    cursor.executemany("insert into t values (?, ?)", [(1, "2"), (3, None)])
    cursor = connection.execute("select a, b from t")
    row = cursor.fetchone()
    walk = iter(row)
    return locals()


@make_by
def parsers():
    import csv
    import json
    from xml.etree import ElementTree
    from xml.parsers import expat

    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda *_: None
    parser.buffer_text = True
    parser.Parse("<a><b c='d'>e")
    tree = ElementTree.fromstring("<a><b c='d'>e</b><f/></a>")
    walk = tree.iter()
    next(walk)
    puller = ElementTree.XMLPullParser(["start", "end"])
    puller.feed("<a><b>")
    builder = ElementTree.TreeBuilder()
    builder.start("a", {"b": "c"})
    reader, writer = csv.reader(["a,b", "c,d"]), csv.writer(io.StringIO())
    next(reader)
    dialect = reader.dialect
    scanner = json.JSONDecoder(), json.JSONEncoder(default=print)
    scan = scanner[0].scan_once
    encoder = json.encoder.c_make_encoder(
        {}, print, json.encoder.encode_basestring, None, ":", ",", False, False, False
    )
    pickled, unpickled = pickle.Pickler(io.BytesIO()), pickle.Unpickler(io.BytesIO(b"x"))
    shared = [1]
    pickled.dump([shared, shared, Plain()])
    pickled.persistent, memo = [1], pickled.memo
    return locals()


@make_by
def compressed():
    import bz2
    import hashlib
    import hmac
    import lzma
    import zlib

    both = zlib.compressobj(), zlib.decompressobj(), bz2.BZ2Compressor(), bz2.BZ2Decompressor()
    more = lzma.LZMACompressor(), lzma.LZMADecompressor(), lzma.open(io.BytesIO(b""), "w")
    both[1].decompress(zlib.compress(b"x" * 1000), 10)
    hashes = hashlib.sha256(b"x"), hashlib.md5(b"x"), hashlib.blake2b(b"x"), hashlib.sha3_256(b"x")
    keyed = hmac.new(b"key", b"text", "sha256"), hmac.new(b"key", b"text", "sha256").copy()
    shaken = hashlib.shake_128(b"x")
    return locals()


@make_by
def archives():
    import zipfile
    import zipimport

    place = tempfile.NamedTemporaryFile(suffix=".zip")
    with zipfile.ZipFile(place.name, "w") as archive:
        archive.writestr("module.py", "value = [1]\n")
    importer = zipimport.zipimporter(place.name)
    opened = zipfile.ZipFile(place.name).open("module.py")
    return locals()


@make_by
def modules():
    empty = types.ModuleType("empty")
    empty.value = [1]
    return [empty, *sys.modules.values()]


@make_by
def frames():
    held = [1]
    kept = sys._getframe()
    kept.f_trace = lambda *_: None
    views = kept.f_locals, vars(), dir()
    return kept


@make_by
def classes():
    import abc
    import dataclasses
    import enum
    import typing

    class Meta(abc.ABCMeta):
        pass

    class Base(metaclass=Meta):
        @abc.abstractmethod
        def method(self):
            pass

    class Colour(enum.Flag):
        RED, GREEN = 1, 2

    @dataclasses.dataclass
    class Data:
        one: typing.List[int] = dataclasses.field(default_factory=list)

    Base.register(Data)
    isinstance(Data(), Base)
    variable = typing.TypeVar("variable"), typing.NamedTuple("Pair", [("a", int)])
    made = type("Made", (Plain,), {"__slots__": ("a", "b"), "value": [1]}), Colour.RED | Colour.GREEN
    return locals()


# What older releases do not even parse.
NEWER = (
    """
import sys
try:
    raise ExceptionGroup("many", [ValueError([1]), KeyError({})])
except* ValueError as group:
    kept = group
except* KeyError:
    pass
""",
    """
type Alias[A, *B, **C] = dict[A, list]
def generic[T: (int, str)](value: T) -> T: return value
class Generic[T]:
    value: T
alias, parameters = Alias.__value__, Alias.__type_params__
applied, kept = Generic[int], generic.__type_params__[0].__constraints__
made = Generic(), Alias[int, str, [int]]
""",
    """
def default[T = list, *U = (int,), **V = (str,)](value: T): pass
kept = [one.__default__ for one in default.__type_params__]
""",
    """
name, width = [1], 3
template = t"some {name!r:>{width}} text"
parts = iter(template), template.interpolations
""",
    """
import annotationlib
class Annotated:
    one: later
forward = annotationlib.get_annotations(Annotated, format=annotationlib.Format.FORWARDREF)
""",
    """
import typing
generic = typing.Generic, typing.ParamSpec("P"), typing.TypeVarTuple("Ts"), typing.NewType("N", int)
both = typing.ParamSpec("P").args, typing.ParamSpec("P").kwargs, *typing.TypeVarTuple("Ts")
""",
    """
frozen = frozendict(a=[1], b={})
mapped = frozendict({frozen: [1]})
""",
    """
import _interpreters
kept = _interpreters.create()
""",
    """
import _zoneinfo, zoneinfo, datetime
zone = zoneinfo.ZoneInfo("UTC")
moment = datetime.datetime.now(zone)
""",
    """
import curses, _curses_panel
""",
    """
import dbm.gnu
kept = dbm.gnu.open("/tmp/steth-whole-library", "n")
""",
    """
import dbm.ndbm
""",
    """
from compression import zstd
both = zstd.ZstdCompressor(), zstd.ZstdDecompressor(), zstd.ZstdDict(b"x" * 100, is_raw=True)
""",
    """
import _lsprof, cProfile
profile = cProfile.Profile()
profile.runcall(sorted, [3, 2, 1], key=lambda one: -one)
stats = profile.getstats()
""",
    """
import functools
placed = functools.partial(print, functools.Placeholder, [1])
""",
    """
import symtable
table = symtable.symtable("def f(a): return lambda: a", "name", "exec")
""",
    """
import unicodedata
old = unicodedata.ucd_3_2_0
""",
    """
import _codecs, codecs
decoder = codecs.getincrementaldecoder("gb18030")(), codecs.getincrementalencoder("big5")()
reader = codecs.getreader("shift_jis")(__import__("io").BytesIO())
state = decoder[0].decode(b"\\x81")
""",
    """
import multiprocessing.connection, multiprocessing.synchronize
pipe = multiprocessing.Pipe()
lock = multiprocessing.Lock()
""",
    """
import asyncio
loop = asyncio.new_event_loop()
async def many():
    async with asyncio.timeout(1000), asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(1000))
        await asyncio.sleep(1000)
task = loop.create_task(many())
for _ in range(4):
    loop.call_soon(loop.stop)
    loop.run_forever()
""",
)
