"""A service's heap of about N objects of all kinds: the target of bench/heap_scale.py.

    heap_mix.py N    prints READY and the number of objects that the collector tracks; then obeys
                     each line on stdin, the name of a way to look from inside (heap_inside.py),
                     and answers with one line of JSON.

Six of ten records are in a dict that forgot its bound, reached from a module's global over an
attribute; three wait in a list that a frame holds; one is a ring that only the collector frees.
One object, the only Needle, hangs below the record in the middle of the dict.
"""
import gc
import json
import sys

OBJECTS_A_RECORD = 11.3
STATES = ["open", "in transit", "delivered", "returned"]


class Needle:
    pass


class Customer:
    __slots__ = ("name", "orders")

    def __init__(self, name):
        self.name = name
        self.orders = []


class Order:
    def __init__(self, number, customer):
        self.number = number
        self.state = STATES[number % 4]
        self.customer = customer
        self.lines = [(f"article {number % 997}", number * 7, number / 4)]
        self.fields = {"note": f"order number {number}", "history": [number * 3, number * 5, None]}
        customer.orders.append(self)


class Cache:
    def __init__(self):
        self.rows = {}


CACHE = Cache()


def make(numbers):
    """Orders; every tenth has a customer of its own, which refers back to its orders."""
    for number in numbers:
        if number % 10 == 0:
            customer = Customer(f"customer {number}")
        yield Order(number, customer)


def build(count):
    """Fills the cache; returns what waits."""
    records = int(count / OBJECTS_A_RECORD)
    cached = records * 6 // 10
    for order in make(range(cached)):
        CACHE.rows[order.number] = order
    needle = Needle()
    CACHE.rows[cached // 2].fields["needle"] = needle
    waiting = list(make(range(cached - cached % 10, records * 9 // 10)))
    for order in make(range(records - records % 10, records + records // 10)):
        order.itself = order
    return waiting


def main():
    gc.disable()
    waiting = build(int(sys.argv[1]))
    gc.enable()
    print("READY", len(gc.get_objects()), flush=True)
    for line in sys.stdin:
        import heap_inside

        print(json.dumps(heap_inside.look(line.strip(), sys.modules["__main__"])), flush=True)
    return waiting


if __name__ == "__main__":
    main()
