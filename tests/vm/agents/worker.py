#!/usr/bin/python3 -IS
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A worker without a port: worker.py FILE. Touches FILE ten times a second while it is well. Stops
doing so, and goes on running, once FILE.hang is there."""

import os
import signal
import sys
import time

signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
path = sys.argv[1]
if os.path.exists(path + ".hang"):
    os.unlink(path + ".hang")
print("worker beats in", path, flush=True)
while True:
    if not os.path.exists(path + ".hang"):
        with open(path, "w") as beat:
            beat.write("x")
    time.sleep(0.1)
