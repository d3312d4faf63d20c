#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An agent as a proxy meets them: streams.py PORT. GET /health answers 200, /headers what it was sent,
/events a token every 0.3 s as server-sent events, /big?N that many bytes; POST says how much came; a
websocket echoes. Ends on GET /exit."""

import asyncio
import base64
import hashlib
import os
import sys

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


async def events(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    for i in range(5):
        writer.write(b"data: token %d\n\n" % i)
        await writer.drain()
        await asyncio.sleep(0.3)


async def websocket(headers, reader, writer):
    key = headers["sec-websocket-key"].encode()
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    while True:
        head = await reader.readexactly(2)
        size = head[1] & 127
        mask = await reader.readexactly(4)
        data = bytes(b ^ mask[i % 4] for i, b in enumerate(await reader.readexactly(size)))
        if head[0] & 15 == 8:
            return
        writer.write(bytes([head[0], size]) + data)
        await writer.drain()


async def serve(reader, writer):
    try:
        line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = line.split(" ", 2)
        headers = {k.lower(): v for k, _, v in (h.partition(": ") for h in rest if h)}
        if path == "/exit":
            os._exit(3)
        if path == "/events":
            return await events(writer)
        if headers.get("upgrade") == "websocket":
            return await websocket(headers, reader, writer)
        body = "ok\n"
        if path == "/headers":
            body = "".join("%s: %s\n" % h for h in sorted(headers.items()))
        if method == "POST":
            await reader.readexactly(int(headers.get("content-length", 0)))
            body = "got %s\n" % headers.get("content-length")
        writer.write(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                      % (len(body), body)).encode())
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
