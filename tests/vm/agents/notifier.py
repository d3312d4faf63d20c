#!/usr/bin/python3 -IS
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An agent that speaks sd_notify itself: ready at once, feeds the watchdog until $HOME/stop is
there. It never serves a health check, so under Notify=probe it must not get ready."""

import os
import socket
import time

path = os.environ.get("NOTIFY_SOCKET", "")
print("NOTIFY_SOCKET is", "set" if path else "not set", flush=True)
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
    while True:
        if path and not os.path.exists(os.path.join(os.environ["HOME"], "stop")):
            manager.sendto(b"READY=1\nWATCHDOG=1", path.replace("@", "\0", 1))
        time.sleep(0.3)
