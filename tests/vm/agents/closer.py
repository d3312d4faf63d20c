#!/usr/bin/python3 -IS
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server in one thread that is slow to read, and ends as uvicorn does: it takes connections (descriptor 3) as
they come, reads each 50 ms later, and at SIGTERM closes those it has not read. GET /health says ok."""

import select
import signal
import socket
import sys
import time

stopping = []
signal.signal(signal.SIGTERM, lambda *_: stopping.append(1))
answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nok\n"


def main():
    listener = socket.socket(fileno=3)
    listener.setblocking(False)
    waiting = []
    while not stopping:
        select.select([listener], [], [], 0.01)
        try:
            while True:
                waiting.append((time.monotonic(), listener.accept()[0]))
        except BlockingIOError:
            pass
        while waiting and waiting[0][0] < time.monotonic() - 0.05:
            connection = waiting.pop(0)[1]
            try:
                if connection.recv(4096):
                    connection.sendall(answer)
            except OSError:
                pass
            connection.close()
    sys.exit(0)


if __name__ == "__main__":
    main()
