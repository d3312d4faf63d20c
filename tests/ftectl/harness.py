# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of ftectl share: a root of their own with a configuration in it, the program run
below it, and TAP. Every run looks for the planted secret in what was printed. Standard library only."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402
from tap import Skip  # noqa: E402, F401

SECRET = "sk-live-51Hq7vGmNoBodyMaySeeThis"
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Result:
    def __init__(self, process):
        self.status, self.out, self.err = process.returncode, process.stdout, process.stderr
        self.lines = self.out.splitlines()

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return "status %d, stdout:\n%s\nstderr:\n%s" % (self.status, self.out, self.err)


class Root:
    """A directory that stands for /, with the sandbox profiles in it."""

    def __init__(self):
        self.program, self.generator = map(os.path.abspath, sys.argv[1:3])
        self.path = tempfile.mkdtemp(prefix="fte-ctl.")
        self.mkdir("etc/fte")
        shutil.copytree(SOURCE + "/conf/plugins", self.mkdir("usr/lib/fte") + "/plugins")

    def mkdir(self, path):
        os.makedirs(self.path + "/" + path, exist_ok=True)
        return self.path + "/" + path

    def file(self, path, content="", mode=0o644):
        full = self.path + "/" + path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", errors="surrogateescape") as f:
            f.write(content)
        os.chmod(full, mode)
        return full

    def link(self, path, target):
        full = self.path + "/" + path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        os.symlink(target, full)

    def agent(self, name, content):
        return self.file("etc/fte/%s.conf" % name, content)

    def good(self, name="good", more=""):
        """An agent about which there is nothing to say."""
        self.file("opt/%s/run" % name, "\x7fELF", 0o755)
        self.file("etc/%s/.env" % name, "A=1\n", 0o600)
        return self.agent(name, "[Agent]\nExec=/opt/%s/run\n[Health]\nURL=http://127.0.0.1:80/\n%s"
                          % (name, more))

    def run(self, *args, env=None, cwd=None, stdin=None):
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC",
                       "FTE_ROOT": self.path, **(env or {})}
        result = Result(subprocess.run([self.program, *args], input=stdin or "", text=True,
                                       capture_output=True, timeout=60, env=environment, cwd=cwd,
                                       errors="surrogateescape"))
        assert SECRET not in result.out + result.err, "a secret was printed: %r" % result
        return result

    def generate(self):
        """What a daemon-reload does."""
        out = self.mkdir("run/systemd/generator")
        shutil.rmtree(out)
        os.mkdir(out)
        return subprocess.run([self.generator, out], env={"FTE_ROOT": self.path}, text=True,
                              capture_output=True, check=False)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


def says(result, status, *texts):
    assert result.status == status, result
    for text in texts:
        assert text in result.out + result.err, "no %r in %r" % (text, result)
    return result


def main(module):
    """Runs every test_ function of the module, each with a root of its own."""

    def call(function):
        root = Root()
        try:
            function(root)
        finally:
            root.remove()

    tap.run(tap.functions(module), call)
