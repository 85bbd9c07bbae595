"""Two metaclasses combined by hand, an order of its own, a finalizer, a class made at run time."""
import abc
import json
import sys
import time


class SingletonMeta(type):
    def __call__(cls, *arguments):
        return super().__call__(*arguments)


class Service(metaclass=SingletonMeta):
    pass


class Startable(abc.ABC):
    @abc.abstractmethod
    def start(self):
        """Begin work."""


class ServiceABCMeta(SingletonMeta, abc.ABCMeta):
    pass


class Mailer(Service, Startable, metaclass=ServiceABCMeta):
    def start(self):
        return "up"

    def __del__(self):
        self.start()


class ReversedMeta(type):
    def mro(cls):
        own, *rest, last = super().mro()
        return [own, *reversed(rest), last]


class First:
    pass


class Second:
    pass


class Reversed(First, Second, metaclass=ReversedMeta):
    pass


def made_at_run_time():
    class Made(Mailer):
        pass

    return Made


made = made_at_run_time()


def main():
    method = Mailer.start.__code__.co_firstlineno
    lines = {
        "del": Mailer.__del__.__code__.co_firstlineno,
        "line": method - 1 if sys.version_info >= (3, 13) else method,
    }
    print("READY", json.dumps(lines), flush=True)
    while True:
        time.sleep(3600)


main()
