"""An asyncio echo server, as its documentation writes one; counts what it echoes in a shared file.

    echo.py FILE SOCKET    FILE holds one 64-bit number; SOCKET is the path it listens at
"""
import asyncio
import mmap
import struct
import sys


class Echo:
    def __init__(self, file):
        self.shared = mmap.mmap(file.fileno(), 8)
        self.count = 0

    async def serve(self, reader, writer):
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
            self.count += 1
            struct.pack_into("<Q", self.shared, 0, self.count)
        writer.close()


async def main():
    with open(sys.argv[1], "r+b") as file:
        echo = Echo(file)
    server = await asyncio.start_unix_server(echo.serve, sys.argv[2])
    print("READY", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
