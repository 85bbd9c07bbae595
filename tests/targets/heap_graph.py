"""Prints the graph of its own objects, as gc.get_referents() tells it, in the form that run_graph
reads (tests/unit/run_graph.c): the modules are the roots, objects with a __del__ the finalizers, and
every thousandth object is a target.
"""
import gc
import itertools
import sys

import asyncio
import decimal
import email.message
import json
import logging
import sqlite3
import unittest


class Finalized:
    def __init__(self, parent=None):
        self.parent = parent
        self.children = [] if parent else [Finalized(self), Finalized(self)]

    def __del__(self):
        pass


USED = [asyncio, decimal, email.message, json, logging, sqlite3, unittest]
parents = [Finalized() for _ in range(20)]
nested = [[[number, str(number)] for number in range(50)] for _ in range(20)]
shared = {name: nested[0] for name in "abc"}
ring = []
for _ in range(300):
    ring = [ring, parents[0]]
first = ring
while first[0]:
    first = first[0]
first[0] = ring
del first


def collect():
    """The objects, and for each the places of those it refers to."""
    seen = gc.get_objects()
    place = {id(one): number for number, one in enumerate(seen)}
    rows = []
    own = {id(seen), id(place), id(rows), id(sys._getframe())}
    for number in itertools.count():
        if number == len(seen):
            return seen, rows
        row = []
        if id(seen[number]) not in own:
            for one in gc.get_referents(seen[number]):
                if id(one) in own:
                    continue
                if id(one) not in place:
                    place[id(one)] = len(seen)
                    seen.append(one)
                row.append(place[id(one)])
        rows.append(row)


gc.collect()
gc.disable()
objects, edges = collect()
module = type(sys)
roots = [number for number, one in enumerate(objects) if type(one) is module]
finalizers = [number for number, one in enumerate(objects) if type(one) is Finalized]
targets = range(0, len(objects), 1000)
print(len(objects), len(roots), len(targets), len(finalizers), 3)
for one, row in zip(objects, edges):
    print(sys.getsizeof(one, 0), len(row), *row)
for root in roots:
    print(root, root % 3)
print(*targets)
print(*finalizers)
