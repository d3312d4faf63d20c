#!/usr/bin/python3 -IS
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent of a person: agent.py, which also tells at /facts what its sandbox lets it do, a word
each: what it may write and read, whom it reaches, and what of its process holds."""

import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import agent  # noqa: E402

ask = agent.answer


def can(what, *args):
    try:
        what(*args)
        return "yes"
    except OSError:
        return "no"


def write(directory):
    path = directory + "/.probe"
    with open(path, "w") as f:
        f.write("x")
    os.unlink(path)


def connect(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)


def facts(home):
    run = f"/run/user/{os.getuid()}"
    status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
    return " ".join(f"{name}={value}" for name, value in (
        ("state", can(write, os.environ["HOME"])),
        ("home", can(write, home)),
        ("read-home", can(os.listdir, home)),
        ("keys", can(os.listdir, home + "/.ssh")),
        ("elsewhere", can(write, "/srv/fte-test-open")),
        ("tmp", can(write, "/tmp")),
        ("shared-tmp", can(os.stat, "/tmp/fte-test-marker")),
        ("manager", can(connect, run + "/systemd/private")),
        ("namespace", can(os.unshare, os.CLONE_NEWUSER) if hasattr(os, "unshare") else "no"),
        ("privileges", "no" if status["NoNewPrivs"].strip() == "1" else "yes"),
        ("capabilities", "no" if int(status["CapBnd"], 16) == 0 else "yes"),
        ("filter", "yes" if status["Seccomp"].strip() == "2" else "no"),
    ))


HOME = sys.argv.pop(2)  # agent.py takes a number there
agent.answer = lambda path: facts(HOME) if path == "/facts" else ask(path)
if __name__ == "__main__":
    agent.main()
