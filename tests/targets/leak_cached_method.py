"""A worker that makes a client for each job; a method of the client is cached.

https://github.com/getsentry/seer/pull/2512: the cache belongs to the class, and each of its keys
holds the client that it was called on. Each line "N" on standard input stands for N jobs; "done"
says that they are over.
"""

import functools
import sys


class RepoClient:
    def __init__(self, name):
        self.name = name
        self.files = {"README.md": "# " + name, "setup.py": ""}

    @functools.lru_cache(maxsize=None)
    def file(self, path):
        return self.files[path].splitlines()


def job(number):
    client = RepoClient("repo-%d" % number)
    return len(client.file("README.md"))


def main():
    done = 0
    print("READY", flush=True)
    for line in sys.stdin:
        for number in range(done, done + int(line)):
            job(number)
        done += int(line)
        print("done", flush=True)


main()
