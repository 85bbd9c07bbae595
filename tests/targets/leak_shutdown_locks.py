"""A service that answers each request in a thread of its own and waits for none of them.

https://github.com/python/cpython/issues/81969: CPython 3.8, and 3.9 before 3.9.6, keep a lock of each
such thread for ever. Each line "N" on standard input stands for N requests; "done" says they are over.
"""

import sys
import threading


class Service:
    def __init__(self):
        self.answered = 0

    def answer(self):
        self.answered += 1

    def request(self):
        threading.Thread(target=self.answer).start()


def main():
    service = Service()
    print("READY", flush=True)
    for line in sys.stdin:
        for _ in range(int(line)):
            service.request()
        while threading.active_count() > 1:
            pass
        print("done", flush=True)


main()
