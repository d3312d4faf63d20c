#!/usr/bin/python3 -IS
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Load: ask-load.py ADDRESS:PORT STOPFILE [END]. Four clients ask /health, each request over a connection of
its own, until STOPFILE is there; then says how many were answered and how many were not. An answer has the
status 200 and ends with END ("ok" and a line end)."""

import os
import socket
import sys
import threading
import time

end = (sys.argv[3] if len(sys.argv) > 3 else "ok\n").encode()
host, port = sys.argv[1].rsplit(":", 1)
good, bad, worst = [0], [], [0.0]
lock = threading.Lock()


def ask():
    with socket.create_connection((host, int(port)), timeout=60) as s:
        s.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        data = b""
        while piece := s.recv(4096):
            data += piece
    if not data.startswith(b"HTTP/1.1 200 ") or not data.endswith(end):
        raise OSError("answer: %r" % data[:60])


def client():
    while not os.path.exists(sys.argv[2]):
        begun = time.monotonic()
        try:
            ask()
            with lock:
                good[0] += 1
                worst[0] = max(worst[0], time.monotonic() - begun)
        except OSError as e:
            with lock:
                bad.append(repr(e))
            time.sleep(0.01)


threads = [threading.Thread(target=client) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(f"{good[0]} answered, {len(bad)} failed, the longest took {worst[0]:.2f} s", *sorted(set(bad))[:5])
