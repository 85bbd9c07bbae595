"""A client that keeps a web application busy over connections that stay open.

    client.py PORT THREADS    prints one line of JSON for each line on stdin: what was done so far.
                              Ends with its stdin, or after an hour.
"""

import http.client
import json
import sys
import threading
import time

LONGEST = 3600
ORDER = json.dumps([{"price": number} for number in range(30)])


class Client:
    def __init__(self, port):
        self.port = port
        self.end = time.monotonic() + LONGEST
        self.requests = 0
        self.failures = []
        self.lock = threading.Lock()

    def note(self, failure):
        with self.lock:
            self.requests += 1
            if failure:
                self.failures.append(failure)

    def ask(self, connection, method, path, body=None):
        """What is wrong with the answer, or None."""
        connection.request(method, path, body)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200 or not content:
            return f"{method} {path}: {answer.status} {content[:200]!r}"
        return None

    def work(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        asked = [("GET", "/"), ("GET", "/items/40"), ("POST", "/order", ORDER), ("GET", "/items/7")]
        while time.monotonic() < self.end:
            for request in asked:
                try:
                    self.note(self.ask(connection, *request))
                except (OSError, http.client.HTTPException) as error:
                    self.note(f"{request[0]} {request[1]}: {error!r}")
                    connection.close()


def main():
    client = Client(int(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        threading.Thread(target=client.work, daemon=True).start()
    for _ in sys.stdin:
        with client.lock:
            done = {"requests": client.requests, "failures": client.failures[:5]}
            done["failed"] = len(client.failures)
        print(json.dumps(done), flush=True)


if __name__ == "__main__":
    main()
