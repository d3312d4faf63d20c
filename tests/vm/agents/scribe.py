#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An agent that prints: a few lines at its start, 5,000 on SIGUSR1, 3,000 and kill -9 of itself on
SIGUSR2, 1,000 and its end on SIGTERM. Each line is a write of its own."""

import os
import signal
import sys


def lines(word, count):
    for i in range(count):
        os.write(1, f'{word} {i} {"." * 40}\n'.encode())


def burst(*_):
    lines('burst', 3000)
    os.kill(os.getpid(), signal.SIGKILL)


def goodbye(*_):
    lines('goodbye', 1000)
    sys.exit(0)


signal.signal(signal.SIGUSR1, lambda *_: lines('flood', 5000))
signal.signal(signal.SIGUSR2, burst)
signal.signal(signal.SIGTERM, goodbye)
with open(os.path.expanduser('~/pid'), 'w') as f:
    f.write(str(os.getpid()))
os.write(1, b'a plain line\n<3>an error\n<7>for debugging\n')
os.write(2, b'on stderr\n')
while True:
    signal.pause()
