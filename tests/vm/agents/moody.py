#!/usr/bin/python3 -IS
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An agent that first does what a test has put into /run/mood, as Python, and then serves its port:
moody.py PORT. A fault to be diagnosed is so a line of a test. Plain sockets: it must start quickly."""

import os
import socket
import sys
import time

PORT = int(sys.argv[1])
MOOD = "/run/mood"


def serve(port, status=200, hang=False):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        while True:
            with listener.accept()[0] as connection:
                connection.recv(4096)
                if hang:
                    time.sleep(3600)
                connection.sendall(b"HTTP/1.1 %d X\r\nConnection: close\r\nContent-Length: 3\r\n\r\nok\n"
                                   % status)


if os.path.exists(MOOD):
    with open(MOOD) as file:
        exec(compile(file.read(), MOOD, "exec"))
serve(PORT)
