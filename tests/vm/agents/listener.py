#!/usr/bin/python3 -IS
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An agent that takes the socket it is given (descriptor 3), or with listener.py PORT opens its own, and ends
in order: at SIGTERM it takes no further connection and answers those it has. GET /listen tells of $LISTEN_*, /health says ok."""

import os
import select
import signal
import socket
import sys
import threading
import time

stopping = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopping.set())
busy = []


def answer(path):
    if path == "/listen":
        own = "own" if os.environ.get("LISTEN_PID") == str(os.getpid()) else "other"
        return f"{os.environ.get('LISTEN_FDS')} {os.environ.get('LISTEN_FDNAMES')} {own}"
    time.sleep(0.02)
    return "ok"


def serve(connection):
    with connection:
        request = b""
        connection.settimeout(10)
        while b"\r\n\r\n" not in request:
            piece = connection.recv(4096)
            if not piece:
                return
            request += piece
        body = answer(request.split()[1].decode()) + "\n"
        connection.sendall(("HTTP/1.1 200 OK\r\nConnection: close\r\n"
                            f"Content-Length: {len(body)}\r\n\r\n{body}").encode())


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1]))) if sys.argv[1:] else socket.socket(fileno=3)
    listener.setblocking(False)  # the next one must be able to wait all the same
    print("listener is ready", flush=True)
    while not stopping.is_set():
        if not select.select([listener], [], [], 0.1)[0]:
            continue
        try:
            connection = listener.accept()[0]
        except BlockingIOError:
            continue
        connection.setblocking(True)
        thread = threading.Thread(target=serve, args=(connection,))
        thread.start()
        busy[:] = [t for t in busy if t.is_alive()] + [thread]
    for thread in busy:
        thread.join()


if __name__ == "__main__":
    main()
