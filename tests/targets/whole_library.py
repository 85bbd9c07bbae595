"""Imports the standard library, makes instances of every C type that it can, and says what each
object of the process refers to: numbers in an array, which whoever looks reads from its memory.

For each object: its address, how many references follow, their addresses.
"""
import array
import gc
import importlib
import os
import pkgutil
import sys
import time
import types
import warnings

warnings.simplefilter("ignore")
os.chdir("/tmp")
gc.disable()

# They do something when they are imported, or need what is not there.
UNWANTED = {"antigravity", "this", "idlelib", "turtledemo", "turtle", "tkinter", "test", "lib2to3"}
HEAP_TYPE = 1 << 9
ANY = 10**6  # a number that is no file descriptor

ARGUMENTS = (
    (),
    (ANY,),
    ("",),
    (b"x",),
    ([[1]],),
    (len,),
    ({"a": [1]},),
    (list,),
    (lambda: None,),
    (len, [[1]]),
    ([[1]], 1),
    ("a", [1]),
    (object(), [1]),
    (1, 2, 3),
    ("name", (), {}),
)


def import_all():
    library = os.path.dirname(os.__file__)
    places = [library, os.path.join(library, "lib-dynload")]
    for module in sorted(pkgutil.iter_modules(places), key=lambda one: one.name):
        if module.name not in UNWANTED and not module.name.startswith(("_test", "_xx", "xx")):
            import_one(module.name)
    for name in sys.builtin_module_names:
        import_one(name)
    for name in MORE:
        import_one(name)


MORE = """concurrent.futures.thread concurrent.futures.process email.message http.server json.tool
logging.handlers multiprocessing.pool multiprocessing.shared_memory unittest.mock urllib.request
xml.dom.minidom xml.etree.ElementTree xml.sax.expatreader xmlrpc.client importlib.metadata
wsgiref.handlers ctypes.util curses.panel dbm.gnu sqlite3.dbapi2 compression.zstd
string.templatelib concurrent.interpreters""".split()


def import_one(name):
    try:
        importlib.import_module(name)
    except (Exception, SystemExit):
        pass


def all_types():
    found, waiting = {type: None}, [object]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = None
            waiting.extend(type.__subclasses__(one))
    return list(found)


def written_in_python(one):
    return any(isinstance(value, types.FunctionType) for value in vars(one).values())


def construct(one):
    """One object for each of the ways in which it lets itself be made."""
    for arguments in ARGUMENTS:
        try:
            yield one(*arguments)
        except (Exception, SystemExit):
            pass


def make_all():
    made = []
    for one in all_types():
        if issubclass(one, (type, BaseException)) and one not in (type, BaseException):
            continue
        if not written_in_python(one):
            made.extend(construct(one))
    return made


def walks_through(things):
    """Iterators and views are types of their own that nobody can make by name."""
    for thing in things:
        for name in ("__iter__", "__reversed__", "keys", "values", "items"):
            try:
                yield vars(type(thing))[name](thing)
            except (Exception, SystemExit):
                pass


def describe(known):
    """Into an array that is made once, of all but what changes while it is filled."""
    get_referents, length, identity = gc.get_referents, len, id
    words = sum(length(get_referents(thing)) + 2 for thing in known) + 1000
    told, at = array.array("Q", bytes(8)) * words, 0
    own = (sys._getframe(), known, told)
    for thing in known:
        if thing is own[0] or thing is known or thing is told or thing is own:
            continue
        referents = get_referents(thing)
        told[at] = identity(thing)
        told[at + 1] = length(referents)
        at += 2
        for one in referents:
            told[at] = identity(one)
            at += 1
    print("READY", told.buffer_info()[0], at, length(known), flush=True)
    time.sleep(3600)


def closure(known):
    """Everything that gc.get_referents() leads to from what the collector knows."""
    seen = {id(one) for one in known}
    at = 0
    while at < len(known):
        for one in gc.get_referents(*known[at : at + 1000]):
            if id(one) not in seen:
                seen.add(id(one))
                known.append(one)
        at += 1000
    return known


def main():
    import_all()
    import whole_library_things

    kept = whole_library_things.make()
    kept += make_all()
    kept += list(walks_through(list(kept)))
    print("kept", len(kept), flush=True)
    describe(closure(gc.get_objects()))


main()
