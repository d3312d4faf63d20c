#!/usr/bin/python3 -IS
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An agent that does what a test tells it to: agent.py PORT [WORKERS].

GET /health answers 200, or never again after GET /hang. /eat takes memory until something ends it,
/exit leaves with status 3, /environ lists the names (not the values) of the environment, /workers
the PIDs of the forked workers, which are replaced when they die. Plain sockets and few imports: it
must start quickly in an emulated machine too."""

import os
import signal
import socket
import sys
import threading
import time

hung = threading.Event()
workers = []


def eat():
    eaten = []
    while True:
        eaten.append(bytearray(b"x") * (1 << 20))


def start_worker():
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        while True:
            time.sleep(3600)
    return pid


def keep_workers():
    while True:
        for index, pid in enumerate(workers):
            if os.waitpid(pid, os.WNOHANG)[0]:
                print("worker", pid, "died, starting another", flush=True)
                workers[index] = start_worker()
        time.sleep(0.2)


def answer(path):
    if path == "/eat":
        eat()
    if path == "/exit":
        os._exit(3)
    if path == "/hang":
        hung.set()
    if path == "/health" and hung.is_set():
        time.sleep(3600)
    if path == "/environ":
        return " ".join(sorted(os.environ))
    if path == "/workers":
        return " ".join(str(pid) for pid in workers)
    return "ok"


def serve(connection):
    with connection:
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(4096)
            if not piece:
                return
            request += piece
        body = answer(request.split()[1].decode()) + "\n"
        connection.sendall(("HTTP/1.1 200 OK\r\nConnection: close\r\n"
                            f"Content-Length: {len(body)}\r\n\r\n{body}").encode())


def main():
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 0):
        workers.append(start_worker())
    threading.Thread(target=keep_workers, daemon=True).start()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", int(sys.argv[1])))
        listener.listen()
        print("agent serves port", sys.argv[1], flush=True)
        while True:
            threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()


if __name__ == "__main__":
    main()
