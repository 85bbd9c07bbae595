"""A small service: an event loop with a server and ten tasks, and three threads that wait."""
import asyncio
import threading

TASKS = 10
THREADS = 3


async def serve(reader, _writer):
    await reader.read()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    sleepers = [asyncio.ensure_future(asyncio.sleep(3600)) for _ in range(TASKS)]
    print("READY", flush=True)
    await asyncio.gather(server.serve_forever(), *sleepers)


for _ in range(THREADS):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
asyncio.run(main())
