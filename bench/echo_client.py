"""Keeps an echo server busy.

    echo_client.py SOCKET CONNECTIONS    on each, the next line is sent when one has come back
"""
import selectors
import socket
import sys

LINE = b"x" * 63 + b"\n"


def connect(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    connection.sendall(LINE)
    return connection


def main():
    selector = selectors.DefaultSelector()
    for _ in range(int(sys.argv[2])):
        selector.register(connect(sys.argv[1]), selectors.EVENT_READ)
    print("READY", flush=True)
    while True:
        for key, _ in selector.select():
            if not key.fileobj.recv(len(LINE)).endswith(b"\n"):
                continue
            key.fileobj.sendall(LINE)


if __name__ == "__main__":
    main()
