"""Finalizers that let self escape."""
import asyncio
import atexit
import collections
import contextlib
import contextvars
import functools
import heapq
import logging
import os
import sys
import threading
import weakref
from collections import deque as ring
from elsewhere import registry

bin_ = []
by_name = {}
waiting = ring()
heap = []
nested = {"closed": []}
last = None
stack = contextlib.ExitStack()
current = contextvars.ContextVar("current")


class ToGlobalList:
    def __del__(self):
        bin_.append(self)  #! RES002 warning


class ToGlobalName:
    def __del__(self):
        global last
        last = self  #! RES002 warning


class ToClass:
    seen = None

    def __del__(self):
        type(self).seen = self  #! RES002 warning


class ToClassByDunder:
    seen = []

    def __del__(self):
        self.__class__.seen += [self]  #! RES002 warning


class ToSharedAttribute:
    pool = []

    def __del__(self):
        self.pool.append(self)  #! RES002 warning


class ByAlias:
    def __del__(self):
        me = self
        other, number = me, 1
        by_name[number] = other  #! RES002 warning


class AsKey:
    def __del__(self):
        by_name[self] = 1  #! RES002 warning


class InContainer:
    def __del__(self):
        entry = {"who": [self]}
        waiting.appendleft((1, entry))  #! RES002 warning


class InLocalList:
    def __del__(self):
        found = []
        found.append(self)
        bin_.extend(found)  #! RES002 warning


class ByLambda:
    def __del__(self):
        bin_.append(lambda: self.close())  #! RES002 warning


class ByClosure:
    def __del__(self):
        def later():
            return self

        bin_.append(later)  #! RES002 warning


class ByClosureThatIsCalled:
    def __del__(self):
        def store(what=self):
            bin_.append(what)

        def now():
            bin_.append(self)

        now()  #! RES002 warning


class ByBoundMethod:
    def close(self):
        pass

    def __del__(self):
        bin_.append(self.close)  #! RES002 warning


class ByPartial:
    def __del__(self):
        bin_.append(functools.partial(print, self))  #! RES002 warning


class ByGenerator:
    def __del__(self):
        bin_.append(self.number for _ in range(3))  #! RES002 warning


class ByMethod:
    def close(self):
        self._park()

    def _park(self):
        bin_.insert(0, self)

    def __del__(self):
        try:
            self.close()  #! RES002 warning
        finally:
            pass


class Base:
    def release(self):
        bin_.append(self)

    def keep(self, what):
        by_name["x"] = what


class ByInheritedMethod(Base):
    def __del__(self):
        self.release()  #! RES002 warning


class BySuper(Base):
    def release(self):
        pass

    def __del__(self):
        super().keep(self)  #! RES002 warning


class Quiet:
    def __del__(self):
        self.on_close()  #! RES002 warning

    def on_close(self):
        pass


class LoudHeir(Quiet):
    def on_close(self):
        bin_.append(self)


def helper(what, *more, key=None):
    more = list(more)
    nested["closed"].append(key or more)


class ByKeyword:
    def __del__(self):
        helper(1, key=self)  #! RES002 warning


class ByStar:
    def __del__(self):
        helper(1, 2, self)  #! RES002 warning


def identity(what):
    return what


class ByReturnValue:
    def __del__(self):
        bin_.append(identity(self))  #! RES002 warning


def assigned(self):
    bin_.append(self)  #! RES002 warning


class ByAssignedFunction:
    __del__ = assigned


class ByAlreadyDefined:
    def close(self):
        bin_.append(self)  #! RES002 warning

    __del__ = close


class ByLambdaAsFinalizer:
    __del__ = lambda self: bin_.append(self)  #! RES002 warning


class LaterAssigned:
    pass


def _finalize(self):
    bin_.append(self)  #! RES002 warning


LaterAssigned.__del__ = _finalize


class ToHeap:
    def __del__(self):
        heapq.heappush(heap, self)  #! RES002 warning


class BySetattr:
    def __del__(self):
        setattr(ToClass, "seen", self)  #! RES002 warning


class ByGlobals:
    def __del__(self):
        globals()["kept"] = self  #! RES002 warning


class ByThread:
    def close(self):
        pass

    def __del__(self):
        threading.Thread(target=self.close).start()  #! RES002 warning


class ByTask:
    async def aclose(self):
        pass

    def __del__(self):
        loop = asyncio.get_event_loop()
        loop.create_task(self.aclose())  #! RES002 warning


class ByAtexit:
    def close(self):
        pass

    def __del__(self):
        atexit.register(self.close)  #! RES002 warning


class ByDefault:
    def __del__(self, _bin=bin_):
        _bin.append(self)  #! RES002 warning


class Registry:
    def __init__(self):
        self.items = []

    def enter(self, what):
        self.items.append(what)


the_registry = Registry()


class ByObjectOfThisFile:
    def __del__(self):
        the_registry.enter(self)  #! RES002 warning


class Record:
    def __init__(self, who):
        self.who = who


class ByRecord:
    def __del__(self):
        bin_.append(Record(self))  #! RES002 warning


class ToOwner:
    def __init__(self, pool):
        self._pool = pool

    def __del__(self):
        self._pool.append(self)  #! RES002 warning


class ToUnknownOwner(object):
    def __del__(self):
        self.owner.child = self  #! RES002 info


class ToOtherModule:
    def __del__(self):
        registry.append(self)  #! RES002 warning


class ByLoop:
    def __del__(self):
        for one in (self,):
            bin_.append(one)  #! RES002 warning


class InBranches:
    def __del__(self):
        who = None
        if bin_:
            who = self
        else:
            who = 3
        match who:
            case _:
                by_name.update(who=who)  #! RES002 warning


def make():
    kept = []
    last_one = None

    class Inner:
        def __del__(self):
            nonlocal last_one
            last_one = self  #! RES002 warning
            kept.append(self)

    return Inner


def decorator(function):
    return function


class Decorated:
    @decorator
    def __del__(self):
        bin_.append(self)  #! RES002 warning


class NotTakenOut:
    def __del__(self):
        bin_.append(self)  #! RES002 warning
        if by_name:
            bin_.remove(self)


class WalrusAndChoice:
    def __del__(self):
        if (me := self) is not None:
            bin_.append(me if by_name else None)  #! RES002 warning


class Static:
    @staticmethod
    def keep(what):
        bin_.append(what)

    @classmethod
    def enter(cls, what):
        cls.all = what

    def __del__(self):
        self.keep(self)  #! RES002 warning


class ByClassMethod:
    @classmethod
    def enter(cls, what):
        cls.all = what

    def __del__(self):
        self.enter(self)  #! RES002 warning


class ByProperty:
    @property
    def pool(self):
        return bin_

    def __del__(self):
        self.pool.append(self)  #! RES002 warning


Pair = collections.namedtuple("Pair", "who why")


class ByNamedTuple:
    def __del__(self):
        bin_.append(Pair(self, "gone"))  #! RES002 warning


class ByNamespace:
    def __del__(self):
        vars(ToClass)["seen"] = self  #! RES002 warning


park = bin_.append


class ByAliasOfMethod:
    def __del__(self):
        park(self)  #! RES002 warning


class ByLocalAliasOfMethod:
    def __del__(self):
        add = bin_.append
        add(self)  #! RES002 warning


class ByAliasInClass:
    keep = bin_.append

    def __del__(self):
        self.keep(self)  #! RES002 warning


class ToLogger:
    def __del__(self):
        logging.getLogger("app").addFilter(self)  #! RES002 warning


class ToForks:
    def __del__(self):
        os.register_at_fork(before=self.close)  #! RES002 warning

    def close(self):
        pass


class ToExitStack:
    def __del__(self):
        stack.callback(self.close)  #! RES002 warning

    def close(self):
        pass


class ToExitStackItself:
    def __del__(self):
        stack.push(self)  #! RES002 warning


class TakenOverFromExitStack:
    def __del__(self):
        with contextlib.ExitStack() as own:
            own.callback(self.close)
            bin_.append(own.pop_all())  #! RES002 warning

    def close(self):
        pass


class ToContext:
    def __del__(self):
        current.set(self)  #! RES002 warning


class InAnException:
    def __del__(self):
        try:
            raise ValueError(self)
        except ValueError as error:
            bin_.append(error)  #! RES002 warning


class InTheFramesOfAnException:
    def __del__(self):
        try:
            self.close()
        except Exception as error:
            bin_.append(error)  #! RES002 warning


class InTheFramesOfAHelper:
    def __del__(self):
        self.finish()  #! RES002 warning

    def finish(self):
        try:
            self.close()
        except Exception:
            bin_.append(sys.exc_info())


class InItsFrame:
    def __del__(self):
        bin_.append(sys._getframe())  #! RES002 warning


class Captured:
    def __del__(self):
        match self:
            case it:
                bin_.append(it)  #! RES002 warning


class CapturedInATuple:
    def __del__(self):
        match (self, 1):
            case (it, _):
                bin_.append(it)  #! RES002 warning


class CapturedAs:
    def __del__(self):
        match self:
            case CapturedAs() as it:
                bin_.append(it)  #! RES002 warning


class WeakCallback:
    def __del__(self):
        bin_.append(weakref.ref(stack, self.gone))  #! RES002 warning

    def gone(self, ref):
        pass


class InAGenerator:
    def __del__(self):
        def later():
            yield self

        bin_.append(later())  #! RES002 warning


class InALoopOverWhatLivesOn:
    def __del__(self):
        for one in (bin_, waiting):
            one.append(self)  #! RES002 warning
