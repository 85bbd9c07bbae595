"""A thread lock held across an await: the next coroutine that wants it stops the loop for ever."""
import asyncio
import threading

ledger_lock = threading.Lock()


async def book(amount):
    with ledger_lock:
        await asyncio.sleep(0.1)


async def main():
    await asyncio.gather(book(10), book(20))


threading.Timer(0.5, print, ["READY"], {"flush": True}).start()
asyncio.run(main())
