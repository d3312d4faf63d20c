#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients that keep their connections, as browsers and SDKs do: kept-load.py ADDRESS NAME STOP [CLIENTS].
Each asks https://NAME/ at ADDRESS over one connection again and again, until the file STOP is there and it
has asked 50 times. Prints "requests N failed F closed C":

failed   no good answer on a new connection, or half of one on any
closed   a kept connection was ended by the server while it was idle, before a byte of the answer to the
         next request: every client of HTTP sends that again on a new connection (RFC 9110, 9.2.2 and
         RFC 9112, 9.3.1), and so does this one"""

import os
import socket
import ssl
import sys
import threading

address, name, stop = sys.argv[1:4]
context = ssl._create_unverified_context()
request = ("GET / HTTP/1.1\r\nHost: %s\r\n\r\n" % name).encode()
counts = {"requests": 0, "failed": 0, "closed": 0}
lock = threading.Lock()


class Closed(Exception):
    pass


def count(what):
    with lock:
        counts[what] += 1


def connect():
    return context.wrap_socket(socket.create_connection((address, 443), timeout=20), server_hostname=name)


def ask(s):
    """One answer. Whether the connection may be used again."""
    got = b""
    try:
        s.sendall(request)
        while b"\r\n\r\n" not in got:
            more = s.recv(65536)
            if not more:
                raise ConnectionError("end of file")
            got += more
    except OSError as e:
        if not got and not isinstance(e, TimeoutError):
            raise Closed from e
        raise
    head, _, body = got.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(fields[b"content-length"]):
        more = s.recv(65536)
        if not more:
            raise ConnectionError("half an answer")
        body += more
    if not head.startswith(b"HTTP/1.1 200 ") or body != b"ok\n":
        raise ValueError(head.split(b"\r\n")[0])
    return fields.get(b"connection") != b"close"


def one(s):
    """A request, on the kept connection s or a new one; returns the one to keep."""
    if s:
        try:
            return s if ask(s) else None
        except Closed:
            count("closed")
    s = connect()
    try:
        return s if ask(s) else None
    except Closed as e:
        raise ConnectionError("no answer on a new connection") from e


def client():
    s, asked = None, 0
    while asked < 50 or not os.path.exists(stop):
        asked += 1
        count("requests")
        try:
            s = one(s)
        except (OSError, ValueError, KeyError) as e:
            s = None
            count("failed")
            print("failed: %r" % e, file=sys.stderr)


threads = [threading.Thread(target=client) for _ in range(int((sys.argv + ["4"])[4]))]
for t in threads:
    t.start()
for t in threads:
    t.join()
print("requests %(requests)d failed %(failed)d closed %(closed)d" % counts)
