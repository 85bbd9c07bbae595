"""The shop with Starlette: some views on the event loop, some in its threads."""

import asyncio
import threading

import shop
import stuck
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

database = threading.Lock()  # one connection serves all threads


async def page(_request):
    async def lines():
        for number in range(20):
            yield f"item {number}\n"
            if number % 10 == 0:
                await asyncio.sleep(0)

    return StreamingResponse(lines(), media_type="text/plain")


def items(request):
    with database:
        return JSONResponse(shop.some_items(request.path_params["first"]))


async def order(request):
    body, _ = await asyncio.gather(request.body(), asyncio.sleep(0.001))
    return JSONResponse(shop.summary(body))


async def upload(request):
    shop.begin_upload((await request.body()).decode())
    return JSONResponse({})


app = Starlette(
    routes=[
        Route("/", page),
        Route("/items/{first:int}", items),
        Route("/order", order, methods=["POST"]),
        Route("/upload", upload, methods=["POST"]),
        *(Route(path, handler) for path, handler in stuck.HANDLERS.items()),
    ]
)
