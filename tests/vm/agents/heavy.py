#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses what Python agents use, then serves GET /health with a word for each thing that worked:
heavy.py PORT. A thing that fails ends the program with a traceback."""

import asyncio
import ctypes
import multiprocessing
import os
import sqlite3
import ssl
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy


def use_asyncio():
    async def sleep_together():
        process = await asyncio.create_subprocess_exec("/bin/true")
        await asyncio.gather(*(asyncio.sleep(0.01) for _ in range(10)))
        return await process.wait()

    assert asyncio.run(sleep_together()) == 0


def use_threads():
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: threading.get_native_id(), range(64)))) >= 1


def square(number):
    return number * number


def use_multiprocessing():
    for method in "fork", "spawn":
        with multiprocessing.get_context(method).Pool(2) as pool:
            assert pool.map(square, range(5)) == [0, 1, 4, 9, 16]
    with multiprocessing.Manager() as manager:
        assert manager.list([1, 2])[1] == 2


def use_sqlite3():
    with sqlite3.connect(os.path.join(os.environ["HOME"], "heavy.db")) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE IF NOT EXISTS t (n)")
        db.execute("INSERT INTO t VALUES (1)")
        assert db.execute("SELECT count(*) FROM t").fetchone()[0] >= 1


def use_ssl():
    context = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    assert outgoing.pending > 100


def use_numpy():
    matrix = numpy.random.default_rng(1).random((300, 300))
    assert numpy.allclose(matrix @ numpy.linalg.inv(matrix), numpy.eye(300))


def use_callbacks():
    # libffi writes code and runs it, as just-in-time compilers do.
    callback = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 42)
    assert callback() == 42


THINGS = (use_asyncio, use_threads, use_multiprocessing, use_sqlite3, use_ssl, use_numpy,
          use_callbacks)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = (" ".join(thing.__name__[4:] for thing in THINGS) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    for thing in THINGS:
        thing()
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
