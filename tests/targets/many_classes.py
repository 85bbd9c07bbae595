"""Loads much of the standard library, or runs a module of CPython's tests (first argument) and
keeps the classes it makes; tells every class of the process: name, metaclass, MRO."""
import gc
import importlib
import io
import json
import sys
import time
import unittest

MODULES = """
    argparse ast asyncio asyncore base64 bdb cgi cmd code collections.abc concurrent.futures
    configparser contextlib copy csv ctypes ctypes.util curses datetime dbm.dumb decimal difflib
    dis doctest email.mime.multipart email.policy enum fileinput formatter fractions ftplib
    functools getpass gettext gzip hashlib hmac html.parser http.client http.cookiejar
    http.server imaplib importlib.metadata inspect io ipaddress json lib2to3.refactor
    lib2to3.pgen2.driver logging.config logging.handlers lzma mailbox multiprocessing.managers
    multiprocessing.pool netrc nntplib numbers optparse pathlib pdb pickle pickletools platform
    plistlib poplib pprint profile pstats pydoc queue random readline reprlib rlcompleter runpy
    sched selectors shelve shlex smtpd smtplib socketserver sqlite3 ssl statistics string
    subprocess symtable sysconfig tarfile telnetlib tempfile textwrap threading timeit tomllib
    trace tracemalloc turtledemo types typing unicodedata unittest.mock urllib.request uuid
    venv wave weakref wsgiref.simple_server xml.dom.minidom xml.etree.ElementTree xml.sax
    xml.dom.pulldom xmlrpc.server zipapp zipfile zipimport zoneinfo
""".split()


def load():
    for name in MODULES:
        try:
            importlib.import_module(name)
        except Exception:  # not in this version, or not installed
            pass


def name_of(one):
    """As type.__module__ and __qualname__ have it, for classes that override these too."""
    module = type.__dict__["__module__"].__get__(one)
    name = type.__dict__["__qualname__"].__get__(one)
    return name if module == "builtins" or not isinstance(module, str) else module + "." + name


def mro_of(one):
    return type.__dict__["__mro__"].__get__(one)


def every_class():
    gc.collect()
    found = {id(one): one for one in gc.get_objects() if issubclass(type(one), type)}
    found.update({id(object): object, id(type): type})
    pending = list(found.values())
    for module in list(sys.modules.values()):
        pending += [one for one in list(vars(module).values()) if issubclass(type(one), type)]
    seen = {}
    while pending:
        one = pending.pop()
        if id(one) in seen or mro_of(one) is None:  # types that no PyType_Ready() has seen
            continue
        seen[id(one)] = one
        pending.append(type(one))
        pending += mro_of(one)
        pending += type.__dict__["__bases__"].__get__(one)
        pending += type.__subclasses__(one)
    return list(seen.values())


kept = []


def keep_classes_of(module):
    """Runs the tests of `module`; the classes they make are caught as they appear."""
    original = __builtins__.__build_class__

    def build_class(*arguments, **more):
        made = original(*arguments, **more)
        kept.append(made)
        return made

    __builtins__.__build_class__ = build_class
    loaded = importlib.import_module(module)
    suite = unittest.defaultTestLoader.loadTestsFromModule(loaded)
    unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    if hasattr(loaded, "__test__"):
        import doctest

        doctest.testmod(loaded, report=False, verbose=False)
    __builtins__.__build_class__ = original


def own_order(one):
    try:
        return type.mro(one) != list(mro_of(one))
    except TypeError:
        return True


def main():
    if sys.argv[1:]:
        output, sys.stdout = sys.stdout, io.StringIO()
        keep_classes_of(sys.argv[1])
        sys.stdout = output
    else:
        load()
    classes = every_class()
    told = [
        [name_of(one), name_of(type(one)), [name_of(each) for each in mro_of(one)]]
        for one in classes
    ]
    different = [name_of(one) for one in classes if own_order(one)]
    print("READY", json.dumps({"classes": told, "own_order": different}), flush=True)
    while True:
        time.sleep(3600)


main()
