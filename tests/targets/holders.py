"""One zombie, held in each of the ways that Python has of holding an object."""
import atexit
import collections
import contextvars
import functools
import gc
import itertools
import queue
import signal
import threading
import time
import weakref

from truth import Expected, main, registry

SCENARIOS, scenario = registry()
_passing = []


class Zombie:
    def __del__(self):
        _passing.append(self)


def zombie():
    Zombie()
    return _passing.pop()


def held_by(root, path=None):
    return Expected({"__main__.Zombie": 1}, root=root, paths=[path] if path else [])


@scenario
def module_global():
    global plain
    plain = zombie()
    return held_by("__main__.plain", "__main__.plain")


@scenario
def in_list():
    global the_list
    the_list = [None, None, zombie()]
    return held_by("__main__.the_list", "__main__.the_list[2]")


@scenario
def in_tuple():
    global the_tuple
    the_tuple = ([], (None, zombie()))
    return held_by("__main__.the_tuple", "__main__.the_tuple[1][1]")


@scenario
def in_deque():
    global the_deque
    the_deque = collections.deque(range(200))
    the_deque.append(zombie())
    return held_by("__main__.the_deque")


@scenario
def in_set():
    global the_set
    the_set = {zombie(), *map(str, range(100))}
    return held_by("__main__.the_set")


@scenario
def in_frozenset():
    global the_frozenset
    the_frozenset = frozenset([zombie()])
    return held_by("__main__.the_frozenset")


@scenario
def dict_value():
    global the_dict
    the_dict = {number: None for number in range(1000)}
    the_dict["victim"] = zombie()
    return held_by("__main__.the_dict")


@scenario
def dict_key():
    global the_keys
    the_keys = {zombie(): 1}
    return held_by("__main__.the_keys")


@scenario
def closure_cell():
    global the_function

    def make():
        captured = zombie()
        return lambda: captured

    the_function = make()
    return held_by("__main__.the_function")


@scenario
def default_argument():
    global with_default

    def with_default(argument=zombie()):
        return argument

    return held_by("__main__.with_default")


@scenario
def keyword_default():
    global with_keyword

    def with_keyword(*, argument=zombie()):
        return argument

    return held_by("__main__.with_keyword")


@scenario
def cached_call():
    global cached

    @functools.lru_cache(maxsize=None)
    def cached(_argument):
        return zombie()

    cached(1)
    return held_by("__main__.cached")


@scenario
def partial():
    global the_partial
    the_partial = functools.partial(print, zombie())
    return held_by("__main__.the_partial")


@scenario
def in_two_ways():
    """The way to one meets what lies near a module, while the other is still looked for."""
    global partials, repeats
    partials = [functools.partial(print, zombie())]
    repeats = [itertools.repeat(zombie())]
    paths = ["__main__.partials[0].args[0]", "__main__.repeats[0]<+16>"]
    return Expected({"__main__.Zombie": 2}, root=None, paths=paths)


@scenario
def in_simple_queue():
    global simple_queue
    simple_queue = queue.SimpleQueue()
    simple_queue.put(zombie())
    return held_by("__main__.simple_queue")


@scenario
def in_context():
    """What the variable keeps of it is a borrowed reference."""
    global a_variable, the_context
    a_variable = contextvars.ContextVar("a_variable")
    the_context = contextvars.Context()
    the_context.run(a_variable.set, zombie())
    return held_by("__main__.the_context")


@scenario
def in_a_list_of_a_thread():
    """The free list of the interpreter still has the word that was its address."""
    started = threading.Event()

    def keep():
        box = []
        box.append(zombie())
        started.set()
        time.sleep(1000)

    threading.Thread(target=keep, name="keeper", daemon=True).start()
    started.wait()
    return held_by("thread keeper")


@scenario
def at_exit():
    atexit.register(print, zombie())
    return held_by(None)


@scenario
def signal_handler():
    signal.signal(signal.SIGUSR2, functools.partial(print, zombie()))
    return held_by("C ")


class Holder:
    last = None

    def method(self):
        return self


@scenario
def class_attribute():
    Holder.last = zombie()
    return held_by("__main__.Holder.last", "__main__.Holder.last")


@scenario
def attribute_chain():
    global trunk
    trunk = Holder()
    trunk.branch = Holder()
    trunk.branch.leaf = zombie()
    return held_by("__main__.trunk", "__main__.trunk.branch.leaf")


class Slotted:
    __slots__ = ("first", "second")


@scenario
def slot():
    global slotted
    slotted = Slotted()
    slotted.second = zombie()
    return held_by("__main__.slotted", "__main__.slotted.second")


@scenario
def bound_method():
    global the_method
    holder = Holder()
    holder.load = zombie()
    the_method = holder.method
    return held_by("__main__.the_method")


@scenario
def instance_with_many_attributes():
    """More attributes than an inline instance dict takes."""
    global crowd
    crowd = Holder()
    for number in range(200):
        setattr(crowd, "attribute%d" % number, number)
    crowd.victim = zombie()
    return held_by("__main__.crowd", "__main__.crowd.victim")


@scenario
def thread_local():
    global local
    local = threading.local()
    local.value = zombie()
    return held_by(None)


@scenario
def context_variable():
    global variable
    variable = contextvars.ContextVar("variable")
    variable.set(zombie())
    return held_by(None)


@scenario
def saved_context():
    global context

    def enter():
        contextvars.ContextVar("inner").set(zombie())

    context = contextvars.copy_context()
    context.run(enter)
    return held_by("__main__.context")


@scenario
def generator_local():
    global suspended

    def numbers():
        mine = zombie()
        yield 1
        yield mine

    suspended = numbers()
    next(suspended)
    return held_by("__main__.suspended")


@scenario
def coroutine_local():
    global waiting

    class Forever:
        def __await__(self):
            yield

    async def work():
        mine = zombie()
        await Forever()
        return mine

    waiting = work()
    waiting.send(None)
    return held_by("__main__.waiting")


@scenario
def thread_frame():
    ready = threading.Event()

    def worker():
        mine = zombie()
        ready.set()
        time.sleep(3600)
        return mine

    threading.Thread(target=worker, daemon=True, name="holder").start()
    ready.wait()
    return held_by(None)


@scenario
def finalizer_arguments():
    global watched
    watched = Holder()
    weakref.finalize(watched, print, zombie()).atexit = False
    return held_by(None)


@scenario
def weak_value():
    """The dictionary is weak; the list is what holds."""
    global registry_of_all, strong
    strong = [zombie()]
    registry_of_all = weakref.WeakValueDictionary({1: strong[0]})
    return held_by("__main__.strong", "__main__.strong[0]")


@scenario
def exception_traceback():
    global failure

    def fail():
        mine = zombie()
        raise ValueError(mine is None)

    try:
        fail()
    except ValueError as error:
        failure = error
    return held_by("__main__.failure")


@scenario
def other_zombie():
    """One zombie holds the next; the root holds the first."""
    global first
    first = zombie()
    first.next = zombie()
    first.next.next = zombie()
    paths = ["__main__.first", "__main__.first.next", "__main__.first.next.next"]
    return Expected({"__main__.Zombie": 3}, root="__main__.first", paths=paths)


@scenario
def only_itself():
    """Back once, then garbage in a cycle that no collection has seen yet."""
    gc.disable()
    lost = zombie()
    lost.me = lost
    return Expected({"__main__.Zombie": 1}, far=True)


@scenario
def long_chain():
    """Thirty thousand links away from the root: too far to show, but found."""
    global chain
    link = [zombie()]
    for _ in range(30000):
        link = [link]
    chain = link
    return Expected({"__main__.Zombie": 1}, far=True)


if __name__ == "__main__":
    main(SCENARIOS)
