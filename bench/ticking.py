"""Allocates and counts as fast as it can; every 1000 rounds the count goes into a shared file.

    ticking.py FILE N    FILE holds one 64-bit number; N tracked objects lie around meanwhile.
"""
import mmap
import struct
import sys

from heap import build


class Order:
    def __init__(self, number):
        self.number = number
        self.lines = [{"number": number}, (number, self)]


def main():
    with open(sys.argv[1], "r+b") as file:
        shared = mmap.mmap(file.fileno(), 8)
    heap = build(int(sys.argv[2]))
    print("READY", flush=True)
    rounds = 0
    while heap:
        for number in range(1000):
            Order(number).lines.pop()
        rounds += 1000
        struct.pack_into("<Q", shared, 0, rounds)


if __name__ == "__main__":
    main()
