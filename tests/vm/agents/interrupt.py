#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Presses Ctrl-C when a program on a terminal shows a text, and says what it shows then. Its exit status
is that of the program, and 99 when the first text is not there in the end.
usage: interrupt.py AFTERWARDS TEXT PROGRAM..."""

import os
import pty
import sys

afterwards, text, *argv = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
said, pressed = b'', False
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError: # it has ended
        break
    if not piece:
        break
    said += piece
    if not pressed and text.encode() in said:
        os.write(terminal, b'\x03')
        pressed = True
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(said.decode('utf-8', 'replace'), file=sys.stderr)
sys.exit(99 if not pressed or afterwards.encode() not in said else status & 127)
