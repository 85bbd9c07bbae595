"""Finalizers that keep nothing."""
import contextlib
import gc
import logging
import os
import sys
import warnings
import weakref

log = []
counts = {}
live = weakref.WeakSet()
by_number = weakref.WeakValueDictionary()
sizes = weakref.WeakKeyDictionary()
logger = logging.getLogger(__name__)
bin_ = []


class Closes:
    def __del__(self):
        self.handle.close()
        self.handle = None
        os.close(self.fd)


class Logs:
    def __del__(self):
        log.append(repr(self))
        log.append(id(self))
        log.append(f"{self!r} {self.number}")
        log.append("%r" % (self,))
        logger.warning("unclosed %r", self)
        counts[type(self)] = counts.get(type(self), 0) + 1
        counts[id(self)] = self.number
        print(self, file=sys.stderr)
        warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self)


class OnlyAttributes:
    def __del__(self):
        bin_.append(self.payload)
        bin_.append([self.number, self.name])
        bin_.append(self.describe())

    def describe(self):
        return self.name


class Weak:
    def __del__(self):
        log.append(weakref.ref(self))
        live.discard(self)
        live.add(self)
        by_number[3] = self
        sizes[self] = 1


class WeakShared:
    all = weakref.WeakSet()

    def __init__(self, parent):
        self.parent = weakref.ref(parent)
        self._live = weakref.WeakSet()

    def __del__(self):
        self.all.add(self)
        self._live.add(self)


class LocalOnly:
    def __del__(self):
        entries = [self]
        entries.append((self, 1))
        by_name = {"me": self}
        by_name["again"] = lambda: self
        for one in entries:
            print(one)
        del entries, by_name


class TakenOut:
    def __del__(self):
        bin_.append(self)
        try:
            self.flush()
        finally:
            bin_.remove(self)


class TakenOutByName:
    def __del__(self):
        global current
        current = self
        self.flush()
        current = None


class TakenOutByKey:
    def __del__(self):
        counts[id(self)] = self
        self.flush()
        del counts[id(self)]


class Rebound:
    def __del__(self):
        what = self
        what = what.number
        bin_.append(what)


class Helper:
    def note(self, reason):
        log.append(reason)

    def __del__(self):
        self.note("gone")
        release(self)


def release(thing):
    log.append(thing.number)
    thing.closed = True


class ClosureNotKept:
    def __del__(self):
        def show():
            return self.number

        log.append(show())
        key = lambda: self
        key()


class Super(Closes):
    def __del__(self):
        super().__del__()


class Removes:
    def __init__(self, parent):
        self.parent = parent

    def __del__(self):
        self.parent.children.remove(self)
        self.parent = None


class Extends:
    def __del__(self):
        bin_.extend(self)
        counts.update(self)
        bin_.append(list(self))


class GarbageAware:
    def __del__(self):
        if any(one is self for one in gc.get_objects()):
            log.append(isinstance(self, GarbageAware))
        log.append(self == 3)
        log.append(self is None)
        log.append(not self)
        log.append(len(self))


class Comprehension:
    def __del__(self):
        log.extend([self.number for _ in range(3)])
        log.append([one for one in self.items])


class Coroutine:
    async def __del__(self):
        bin_.append(self)


class NoFinalizer:
    def close(self):
        bin_.append(self)


def __del__(self):
    bin_.append(self)


class LocalAlias:
    def __del__(self):
        found = []
        add = found.append
        add(self)
        remove = bin_.remove
        remove(self)
        note = log.append
        note(repr(self))
        count = bin_.count
        log.append(count(self))


class TakesItsHandlerOut:
    def __del__(self):
        logger.removeHandler(self.handler)
        logger.addHandler(self.next_handler)


class LogsItsExceptions:
    def __del__(self):
        try:
            self.close()
        except Exception as error:
            logger.warning("failed: %s", error)
            log.append(str(error))
            log.append(error.args)
            log.append(error.with_traceback(None))


class ForgetsTheFrames:
    def __del__(self):
        try:
            self.close()
        except Exception as error:
            error.__traceback__ = None
            log.append(error)


class Raises:
    def __del__(self):
        raise RuntimeError(self)


class ClosesAtOnce:
    def __del__(self):
        with contextlib.ExitStack() as stack:
            stack.callback(self.close)


class Matches:
    def __del__(self):
        match self.state:
            case "open":
                self.close()
            case other:
                log.append(other)
