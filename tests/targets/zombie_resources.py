"""A zombie that holds one of everything, beside what others hold, too."""
import array
import json
import mmap
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

graveyard = []
server = socket.create_server(("127.0.0.1", 0)) if hasattr(socket, "create_server") else None
shared_buffer = bytearray(4 << 20)


class Session:
    def __init__(self):
        self.client = socket.create_connection(server.getsockname())
        self.accepted, _ = server.accept()
        self.file = open("/dev/null")
        self.map = mmap.mmap(-1, 100_000)
        self.bytes = b"x" * 3_000_000
        self.bytearray = bytearray(5_000_000)
        self.array = array.array("d", [0.0]) * 400_000
        self.lock = threading.Lock()
        self.lock.acquire()
        self.executor = ThreadPoolExecutor(1)
        self.executor.submit(int)
        self.server = server
        self.shared = shared_buffer

    def __del__(self):
        graveyard.append(self)


Session()
ends = ["%s:%d" % end for end in (graveyard[0].client.getsockname(), server.getsockname())]
print("READY " + json.dumps(ends), flush=True)
time.sleep(3600)
