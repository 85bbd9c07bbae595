"""An event loop that waits for itself: run_coroutine_threadsafe(...).result() in its own thread."""
import asyncio
import threading


async def fetch_price():
    await asyncio.sleep(0.1)
    return 42


def price(loop):
    # Right in every thread but the loop's own: there nobody is left to run fetch_price().
    return asyncio.run_coroutine_threadsafe(fetch_price(), loop).result()


async def report():
    print(price(asyncio.get_running_loop()))


async def heartbeat():
    await asyncio.sleep(0.5)
    print("READY", flush=True)
    while True:
        await asyncio.sleep(0.2)


threading.Thread(target=asyncio.run, args=(heartbeat(),), name="heartbeat", daemon=True).start()
asyncio.run(report())
