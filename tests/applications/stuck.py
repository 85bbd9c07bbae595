"""Handlers for any asynchronous server that block its event loop in a call that does not end.

What they wait for lies in this process, but nobody in it will ever act: a lock of a database, a
server that takes connections from its backlog and never accepts one.
"""

import asyncio
import socket
import sqlite3
import ssl
import tempfile
import urllib.request

folder = tempfile.TemporaryDirectory()
DATABASE = f"{folder.name}/orders.db"
writer = sqlite3.connect(DATABASE, isolation_level=None)
writer.execute("CREATE TABLE orders (price REAL)")
writer.execute("BEGIN IMMEDIATE")

silent = socket.create_server(("127.0.0.1", 0))
PORT = silent.getsockname()[1]


async def locked_database(_request):
    other = sqlite3.connect(DATABASE, timeout=600)
    other.execute("INSERT INTO orders VALUES (1)")


async def silent_server(_request):
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/") as answer:
        return answer.read()


async def silent_handshake(_request):
    with socket.create_connection(("127.0.0.1", PORT)) as connection:
        return ssl.create_default_context().wrap_socket(connection, server_hostname="localhost")


async def price():
    await asyncio.sleep(0)
    return 1


async def own_result(_request):
    queued = asyncio.run_coroutine_threadsafe(price(), asyncio.get_running_loop())
    return queued.result()


HANDLERS = {
    "/stuck/database": locked_database,
    "/stuck/server": silent_server,
    "/stuck/handshake": silent_handshake,
    "/stuck/result": own_result,
}
