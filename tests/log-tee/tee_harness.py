# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of fte-log-tee share: a stand-in for the journal, an agent that prints what it is
told, and the files that come of it. The runner of cases is that of the gate's tests."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gate'))

from gate_harness import (PROGRAM, Skip, children, equal, is_alive, run, run_tests,  # noqa: F401
                          status_field, test)


class Journal:
    """Keeps all that comes, read in a thread; may be told to read nothing for a while."""

    def __init__(self, reads=True):
        self.write, self.socket = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.data = bytearray()
        self.reading = threading.Event()
        if reads:
            self.reading.set()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        self.reading.wait()
        try:
            while data := self.socket.recv(1 << 20):
                self.data += data
        except OSError:
            pass

    def notes(self):
        """The tee's own lines."""
        return [l for l in self.text().splitlines() if re.match(r'<\d>fte-log-tee: ', l)]

    def text(self):
        return bytes(self.data).decode(errors='replace')

    def wait_for(self, part, timeout=10):
        until(lambda: part in self.text(), timeout, lambda: f'no {part!r} in {self.text()[-2000:]!r}')

    def end(self):
        """All that came, when the other side is closed."""
        self.thread.join(20)
        assert not self.thread.is_alive(), 'the journal side is still open'
        return bytes(self.data)


def until(condition, timeout=10, what=lambda: 'it never came true'):
    """Waits for a condition; a file that is not there yet makes it false."""
    end = time.monotonic() + timeout
    while True:
        try:
            if condition():
                return
        except FileNotFoundError:
            pass
        assert time.monotonic() < end, what()
        time.sleep(0.005)


class Log:
    """A directory of its own with the log file, and the tees that write to it."""

    def __init__(self, directory=None):
        self.top = tempfile.mkdtemp(prefix='fte-tee.')
        self.directory = directory or self.top
        self.path = os.path.join(self.directory, 'app.log')
        self.things = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in reversed(self.things):
            end()
        shutil.rmtree(self.top, ignore_errors=True)

    def tee(self, *options, **how):
        tee = Tee(self.path, options, **how)
        self.things.append(tee.kill)
        return tee

    def write(self, name, data):
        with open(os.path.join(self.directory, name), 'wb') as f:
            f.write(data)

    def read(self, name='app.log'):
        path = os.path.join(self.directory, name)
        if name.endswith('.zst'):
            return subprocess.run(['zstd', '-dc', path], check=True, capture_output=True).stdout
        with open(path, 'rb') as f:
            return f.read()

    def names(self):
        return sorted(os.listdir(self.directory))

    def numbers(self):
        """The numbers of the full files, the oldest first."""
        found = {int(m.group(1)) for n in self.names() if (m := re.match(r'app\.log\.(\d+)(\.zst)?$', n))}
        return sorted(found, reverse=True)

    def parts(self):
        """The contents of all files in order."""
        names = self.names()
        for n in self.numbers():
            yield self.read(f'app.log.{n}.zst' if f'app.log.{n}.zst' in names else f'app.log.{n}')
        yield self.read()

    def all(self):
        return b''.join(self.parts())

    def total(self):
        sizes = 0
        for name in self.names():
            try:
                sizes += os.stat(os.path.join(self.directory, name)).st_size
            except FileNotFoundError:
                pass
        return sizes


class Tee:
    """The tee and its agent, by default a cat that prints what say() gives it."""

    def __init__(self, path, options=(), command=('cat',), journal=None, program=PROGRAM, **more):
        self.journal = journal or Journal()
        more.setdefault('stdin', subprocess.PIPE)
        more.setdefault('stdout', self.journal.write)
        more.setdefault('stderr', subprocess.STDOUT)
        # A cat that gets large pieces prints large pieces.
        self.process = subprocess.Popen([program, f'--file={path}', *options, '--', *command],
                                        bufsize=0, **more)
        self.pid = self.process.pid
        self.journal.write.close()
        self.companion = self._find_companion()

    def _find_companion(self):
        """A sibling of the agent: our child with the tee's name."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            for pid in children(os.getpid()):
                try:
                    with open(f'/proc/{pid}/comm') as f:
                        if int(pid) != self.pid and f.read().strip() == 'fte-log-tee' and \
                                self._is_mine(pid):
                            return int(pid)
                except OSError:
                    pass
            if self.process.poll() is not None:
                break
            time.sleep(0.002)
        return None

    def _is_mine(self, pid):
        with open(f'/proc/{pid}/cmdline', 'rb') as f:
            mine = f.read()
        return any(a.encode() in mine for a in self.process.args if a.startswith('--file='))

    def say(self, data):
        view = memoryview(data if isinstance(data, bytes) else data.encode())
        while view:
            view = view[self.process.stdin.write(view):]

    def close(self, timeout=20):
        """The end of the output; returns when both sides are done."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.wait(timeout)
        return self.finish(timeout)

    def finish(self, timeout=20):
        data = self.journal.end()
        if self.companion:
            wait_reaped(self.companion, timeout)
            self.companion = None
        return data

    def kill(self):
        for pid in (self.pid if self.process.poll() is None else None, self.companion):
            if pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        self.process.wait()
        if self.companion:
            wait_reaped(self.companion, 5)


def wait_reaped(pid, timeout):
    end = time.monotonic() + timeout
    while True:
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return
        except ChildProcessError:
            return
        assert time.monotonic() < end, f'process {pid} did not end'
        time.sleep(0.002)


def numbered(first, last, width=50):
    return b''.join(b'%d %s\n' % (i, b'.' * (i % width)) for i in range(first, last))
