"""The shop with aiohttp: its database is asked in threads of the event loop's executor."""

import asyncio
import threading

import shop
import stuck
from aiohttp import web

database = threading.Lock()  # one connection serves all threads


async def page(request):
    answer = web.StreamResponse()
    await answer.prepare(request)
    for number in range(20):
        await answer.write(b"item %d\n" % number)
        if number % 10 == 0:
            await asyncio.sleep(0)
    return answer


def ask(first):
    with database:
        return shop.some_items(first)


async def items(request):
    loop = asyncio.get_running_loop()
    first = int(request.match_info["first"])
    return web.json_response(await loop.run_in_executor(None, ask, first))


async def order(request):
    body, _ = await asyncio.gather(request.read(), asyncio.sleep(0.001))
    return web.json_response(shop.summary(body))


async def upload(request):
    shop.begin_upload(await request.text())
    return web.json_response({})


def make_app(_arguments=None):
    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/items/{first:\\d+}", items)])
    app.add_routes([web.post("/order", order), web.post("/upload", upload)])
    app.add_routes(web.get(path, handler) for path, handler in stuck.HANDLERS.items())
    return app
