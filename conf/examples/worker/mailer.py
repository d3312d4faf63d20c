# SPDX-License-Identifier: LGPL-2.1-or-later
"""A worker that waits for work and says with each round that it is well: the shape, to be filled."""

import os
import pathlib
import signal
import sys
import time

BEAT = pathlib.Path(os.environ["STATE_DIRECTORY"]) / "alive"


def work():
    """Takes what there is to be done. An error that comes out here ends the worker, and systemd
    starts it again."""


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("mailer waits for tickets")
    while True:
        work()
        BEAT.touch()  # after the work: a worker that hangs in it is noticed
        time.sleep(5)


if __name__ == "__main__":
    main()
