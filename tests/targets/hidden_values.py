"""Holds a text that is nowhere in its source in every way that a program may hold one, beside names
that an examination shows."""

import asyncio
import gc
import io
import os
import sys
import threading
import time

SECRET = "".join(chr(ord(letter) + 1) for letter in "rdbqds,ne,sgd,odqrnm,")


class Leaky:
    resurrected = []

    def __init__(self, value):
        self.value = value
        self.myself = self

    def __del__(self):
        Leaky.resurrected.append(self)


kept = {
    "str": SECRET + "str" * 10,
    "bytes": (SECRET + "bytes").encode() * 3,
    "bytearray": bytearray((SECRET + "array").encode() * 3),
    "many": [SECRET + str(number) for number in range(100)],
    "two bytes": SECRET + "\u20ac",
    "four bytes": SECRET + "\U0001F600",
    "key": {SECRET + "key": 1, 5: SECRET},
    "large": SECRET * 1000,
    "large bytes": SECRET.encode() * 1000,
    "text stream": io.StringIO(),
    "byte stream": io.BytesIO((SECRET * 30).encode()),
}
kept["text stream"].write(SECRET * 30)
os.environ["SECRET"] = SECRET + "environment"
freed = [SECRET.encode() * 20 for _ in range(50)] + [SECRET * number for number in range(40)]
del freed
for count in range(3):
    Leaky(SECRET + str(count))
gc.collect()


async def worker(value):
    await asyncio.sleep(1000)


async def main():
    tasks = [asyncio.ensure_future(worker(SECRET + "task")) for _ in range(3)]
    threading.Thread(
        target=time.sleep, args=(1000,), name="pool-%d" % len(tasks), daemon=True
    ).start()
    await asyncio.sleep(0)
    print("READY", SECRET, flush=True)
    await asyncio.gather(*tasks)


if len(sys.argv) > 1:
    kept["argument"] = sys.argv[1]
asyncio.run(main())
