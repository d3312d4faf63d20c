# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests and the benchmark of fte-health-gate share: a service manager's socket that
keeps what it was told, servers that answer in every good and bad way, and the gate as a process.
Standard library only."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402
from tap import Skip  # noqa: E402, F401


class Manager:
    """Stands for systemd: receives the datagrams, with the sender's PID."""

    def __init__(self, abstract=False):
        self.directory = tempfile.mkdtemp(prefix="fte-gate.")
        path = os.path.join(self.directory, "notify")
        self.name = "@fte-gate-%d-%d" % (os.getpid(), time.monotonic_ns()) if abstract else path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.bind("\0" + self.name[1:] if abstract else path)
        self.prober = 0
        self.seen = []

    def receive(self, timeout):
        """(time, message), or None when nothing comes."""
        self.socket.settimeout(timeout)
        try:
            data, controls, _, _ = self.socket.recvmsg(4096, 256)
        except (TimeoutError, socket.timeout):
            return None
        for level, kind, value in controls:
            if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                self.prober = int.from_bytes(value[:4], "little")
        self.seen.append(data.decode())
        return time.monotonic(), data.decode()

    def wait_for(self, part, timeout=5.0):
        """The first message that holds part; AssertionError with all that came instead."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            got = self.receive(max(end - time.monotonic(), 0.001))
            if got and part in got[1]:
                return got
        raise AssertionError("no %r in %g s, but %r" % (part, timeout, self.seen))

    def collect(self, seconds):
        end = time.monotonic() + seconds
        messages = []
        while time.monotonic() < end:
            got = self.receive(max(end - time.monotonic(), 0.001))
            if got:
                messages.append(got[1])
        return messages

    def close(self):
        self.socket.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class Server:
    """Answers each connection by answer(connection, number), in a thread of its own."""

    def __init__(self, answer, family=socket.AF_INET, path=None, port=0, listen=True):
        self.answer = answer
        self.count = 0
        self.requests = []
        self.open = []
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if family != socket.AF_UNIX:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        hosts = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
        self.socket.bind(path if path else (hosts[family], port))
        self.port = 0 if path else self.socket.getsockname()[1]
        if listen:
            self.listen()

    def listen(self):
        self.socket.listen(16)
        listened = time.monotonic()
        threading.Thread(target=self._accept, daemon=True).start()
        return listened

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.count += 1
            self.open.append(connection)
            threading.Thread(target=self._serve, args=(connection, self.count), daemon=True).start()

    def _serve(self, connection, number):
        try:
            request = b""
            while b"\r\n\r\n" not in request:
                data = connection.recv(4096)
                if not data:
                    break
                request += data
            self.requests.append(request)
            self.answer(connection, number)
        except OSError:
            pass
        finally:
            connection.close()

    def close(self):
        # accept() in the other thread returns only on shutdown.
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
        for connection in self.open:
            connection.close()


def says(*pieces, pause=0.0):
    """An answer in pieces, then close."""

    def answer(connection, number):
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return answer


def hang(connection, number):
    time.sleep(5)


def http(body=b"ok", status=b"200 OK", version=b"1.1"):
    return b"HTTP/%s %s\r\nContent-Length: %d\r\n\r\n%s" % (version, status, len(body), body)


class Gate:
    """The gate with its options and command; the process is the agent once it has execed."""

    def __init__(self, program, manager, options, command=("sleep", "60"), **more):
        environment = {k: v for k, v in os.environ.items() if k != "NOTIFY_SOCKET"}
        environment.update(WATCHDOG_USEC="1000000", WATCHDOG_PID="1", SECRET="do-not-keep")
        environment.update(more.pop("env", {}))
        if manager:
            environment["NOTIFY_SOCKET"] = manager.name
        self.process = subprocess.Popen([program, *options, "--", *command], env=environment, **more)
        self.pid = self.process.pid

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def is_alive(pid):
    """Neither gone nor a zombie that nobody has reaped yet."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def wait_gone(pid, timeout):
    """How long the process took to end, or None."""
    start = time.monotonic()
    while time.monotonic() < start + timeout:
        if not is_alive(pid):
            return time.monotonic() - start
        time.sleep(0.001)
    return None


def status_field(pid, name):
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith(name + ":"):
                return line.split(":", 1)[1].strip()
    raise KeyError(name)


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        return f.read().split()


# --- cases and their runner -------------------------------------------------------------------

PROGRAM = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "fte-health-gate"
FAST = ["--interval=0.1", "--timeout=0.4", "--failures=3"]
tests = []


def test(title):
    def add(function):
        tests.append((title, function))
        return function

    return add


class Case:
    """A manager, a server and a gate that end with the test."""

    def __init__(self, abstract=False):
        self.manager = Manager(abstract)
        self.things = []

    def serve(self, answer, **how):
        server = Server(answer, **how)
        self.things.append(server.close)
        return server

    def gate(self, url, *options, command=("sleep", "60"), **more):
        gate = Gate(PROGRAM, self.manager, ["--url=" + url, *FAST, *options], command, **more)
        self.things.append(gate.end)
        return gate

    def probe(self, answer, *options, url="http://127.0.0.1:%d/health", **how):
        """A server with this answer and a gate that probes it."""
        server = self.serve(answer, **how)
        return server, self.gate(url % server.port, *options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in reversed(self.things):
            end()
        self.manager.close()


def equal(seen, wanted):
    assert seen == wanted, "saw %r, wanted %r" % (seen, wanted)


def run(*arguments, **more):
    environment = dict(os.environ)
    environment.pop("NOTIFY_SOCKET", None)
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=20,
                          env=environment, **more)


def run_tests():
    # Whoever is orphaned here comes to us, as to PID 1: nothing is left behind by a failed test.
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    tap.run(tap.select(tests))
