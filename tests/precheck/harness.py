# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of fte-env-precheck share: a directory that an ordinary user may enter, the
program run as such a user, and TAP. Every run looks for the planted secret in what was printed.
Standard library only."""

import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402
from tap import Skip  # noqa: E402, F401

SECRET = "Pl4ntedS3cret"
UID = 65533 if os.getuid() == 0 else os.getuid()
ROOT = os.getuid() == 0


class Result:
    def __init__(self, process):
        self.status = process.returncode
        self.out = process.stdout
        self.text = process.stderr.decode(errors="replace")
        self.lines = self.text.splitlines()

    def __repr__(self):
        return "status %d, stdout %r, stderr:\n%s" % (self.status, self.out[:300], self.text)


def drop():
    if ROOT:
        os.setgroups([])
        os.setgid(UID)
        os.setuid(UID)


def may_be_entered(path):
    while path != "/":
        if not os.stat(path).st_mode & 0o001:
            return False
        path = os.path.dirname(path)
    return True


class Directory:
    """A directory of the ordinary user's, with a copy of the program beside it."""

    def __init__(self, program):
        here = os.getcwd()
        where = here if not ROOT or may_be_entered(here) else tempfile.gettempdir()
        self.path = tempfile.mkdtemp(prefix="fte-precheck.", dir=where)
        os.chmod(self.path, 0o755)
        self.program = os.path.join(self.path, "fte-env-precheck")
        shutil.copy(program, self.program)
        os.chmod(self.program, 0o755)
        self.count = 0

    def name(self, suffix=""):
        self.count += 1
        return os.path.join(self.path, "f%d%s" % (self.count, suffix))

    def file(self, content, mode=0o600, owner=UID, path=None):
        """A new file with that content; returns its path."""
        path = path or self.name()
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        os.chmod(path, mode)
        if ROOT:
            os.chown(path, owner, 0)
        return path

    def directory(self, mode=0o755, owner=UID):
        path = self.name(".d")
        os.mkdir(path)
        os.chmod(path, mode)
        if ROOT:
            os.chown(path, owner, 0)
        return path

    def credential(self, content):
        """$CREDENTIALS_DIRECTORY with that content as env."""
        path = self.directory()
        self.file(content, 0o400, UID, os.path.join(path, "env"))
        return path

    def run(self, *args, env=None, leak=True, user=drop, cwd=None):
        """Runs the program. leak: fail if the planted secret is in its messages."""
        process = subprocess.run(
            [self.program, *args], stdin=subprocess.DEVNULL, capture_output=True, cwd=cwd,
            preexec_fn=user, timeout=60, env=dict({"PATH": "/usr/bin:/bin"}, **(env or {})))
        result = Result(process)
        if leak:
            assert SECRET not in result.text, "a value was printed: %r" % result
        return result

    def remove(self):
        subprocess.run(["chmod", "-R", "u+rwx", self.path], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.path, ignore_errors=True)


def refused(result, *texts, lines=None):
    """Exit status 78, nothing on standard output, and each text in some line."""
    assert result.status == 78 and result.out == b"", result
    for text in texts:
        assert any(text in line for line in result.lines), "no %r in %r" % (text, result)
    for line in result.lines:
        assert line.startswith("fte-env-precheck: "), result
        assert line.isprintable(), result
    assert lines is None or len(result.lines) == lines, "%d lines wanted: %r" % (lines, result)


def child_environment(result):
    assert result.status == 0 and result.text == "", result
    pairs = [x.split(b"=", 1) for x in result.out.split(b"\0") if x]
    assert len(pairs) == len({p[0] for p in pairs}), "a name twice: %r" % pairs
    return dict(pairs)


def main(module):
    """Runs every test_ function of the module, with the program that argv names."""

    def call(function):
        directory = Directory(sys.argv[1])
        try:
            function(directory)
        finally:
            directory.remove()

    tap.run(tap.functions(module), call)
