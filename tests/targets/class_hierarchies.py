"""Random hierarchies, and what type() makes of them. Arguments: seed, number of hierarchies.

The first line tells the builtins that serve as bases:  NAME BASICSIZE ITEMSIZE DICT WEAKREF FINAL
separated by commas, numbered from 0 (object, type …). Each further line is a hierarchy: its
classes as BASES:NAMED:SLOTS with the numbers of bases and of the metaclass that is named (or -),
and SLOTS "n" (no __slots__) or a count with d and w for __dict__ and __weakref__; a tab; and what
came of each: a letter, the metaclass and the MRO.
"""
import random
import sys

BUILTINS = [object, type, int, str, tuple, dict, list, Exception, OSError, bool, type(None)]
RARE = range(2, len(BUILTINS))


def fault(error):
    text = " ".join(str(error).split())
    for letter, sign in (
        ("m", "metaclass conflict"),
        ("l", "lay-out conflict"),
        ("f", "is not an acceptable base type"),
        ("s", "__slots__ not supported"),
        ("s", "slot disallowed"),
        ("d", "duplicate base"),
        ("c", "consistent method resolution"),
    ):
        if sign in text:
            return letter
    raise AssertionError(text)


class Hierarchy:
    def __init__(self, choose):
        self.choose = choose
        self.classes = list(BUILTINS)
        self.numbers = {one: number for number, one in enumerate(BUILTINS)}
        self.statements = []
        self.answers = []
        self.usable = [0]
        self.metaclasses = [1]

    def slots(self, namespace, metaclass):
        if self.choose.random() < (0.93 if metaclass else 0.7):
            return "n"
        count = self.choose.choice((0, 0, 1, 2))
        names = ["a%d_%d" % (len(self.classes), i) for i in range(count)]
        text = str(count)
        for letter, name in (("d", "__dict__"), ("w", "__weakref__")):
            if self.choose.random() < 0.2:
                names.append(name)
                text += letter
        namespace["__slots__"] = names
        return text

    def bases(self, metaclass):
        pool = self.metaclasses if metaclass else self.usable
        if metaclass and self.choose.random() < 0.5:
            pool = [1]
        special = [one for one in self.usable if type(self.classes[one]) is not type]
        if not metaclass and len(special) > 1 and self.choose.random() < 0.5:
            pool = special
        bases = [self.choose.choice(pool) for _ in range(self.choose.choice((1, 1, 2, 2, 2, 3, 4)))]
        if self.choose.random() > 0.06:
            bases = list(dict.fromkeys(bases))
        if self.choose.random() > 0.2:
            bases = [one for one in bases if one] or [0]
        if not metaclass and self.choose.random() < 0.08:
            bases.insert(self.choose.randrange(len(bases) + 1), self.choose.choice(RARE))
        return bases

    def add(self):
        metaclass = self.choose.random() < 0.35
        bases = self.bases(metaclass)
        often = 0.1 if metaclass else 0.4
        named = self.choose.choice(self.metaclasses[1:] or [1]) if self.choose.random() < often else None
        namespace = {}
        slots = self.slots(namespace, metaclass)
        maker = type(self.classes[bases[0]]) if named is None else self.classes[named]
        self.statements.append(
            "%s:%s:%s" % (",".join(map(str, bases)), "-" if named is None else named, slots)
        )
        number = len(self.classes)
        try:
            made = maker("C%d" % number, tuple(self.classes[one] for one in bases), namespace)
        except TypeError as error:
            self.classes.append(None)
            self.answers.append(fault(error))
            return
        self.classes.append(made)
        self.numbers[made] = number
        (self.metaclasses if issubclass(made, type) else self.usable).append(number)
        order = ",".join(str(self.numbers[one]) for one in made.__mro__)
        self.answers.append("o:%d:%s" % (self.numbers[type(made)], order))


def final(one):
    try:
        type("Sub", (one,), {})
    except TypeError:
        return True
    return False


def main(seed, count):
    for one in (Exception, OSError):  # their bases are in the MRO of what derives from them
        for ancestor in one.__mro__:
            if ancestor not in BUILTINS:
                BUILTINS.append(ancestor)
    print(
        ",".join(
            "%s %d %d %d %d %d %s"
            % (
                one.__name__,
                one.__basicsize__,
                one.__itemsize__,
                one.__dictoffset__,
                one.__weakrefoffset__,
                final(one),
                "/".join(str(BUILTINS.index(base)) for base in one.__bases__),
            )
            for one in BUILTINS
        )
    )
    choose = random.Random(seed)
    for _ in range(count):
        hierarchy = Hierarchy(choose)
        for _ in range(choose.randrange(2, 10)):
            hierarchy.add()
        print(" ".join(hierarchy.statements) + "\t" + " ".join(hierarchy.answers))


main(sys.argv[1], int(sys.argv[2]))
