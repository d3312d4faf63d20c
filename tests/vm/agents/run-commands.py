#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs every command of a document of ftectl, which is standard input, in its order, and prints TAP-like
lines: those of "sh" blocks, then once each those of the column "Check" of a table and those in back
quotes in lists. A comment behind a command says what it may end with besides 0. Exits 1 when one ended otherwise.
run-commands.py [--list]"""

import re
import subprocess
import sys

PROGRAMS = ("ftectl", "systemctl", "journalctl", "chmod", "chown", "sha256sum", "curl", "stat", "test", "ls")
SECONDS = 400


def of_block(lines):
    block = False
    for line in lines:
        if line.startswith("```"):
            block = line == "```sh"
        elif block and line and not line.startswith("#"):
            yield line


def of_tables(lines):
    column = None
    for line in lines:
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line)]
        if not line.startswith("|"):
            column = None
        elif column is None:
            column = cells.index("Check") if "Check" in cells else -1
        elif column > 0 and cells[column].startswith("`"):
            yield cells[column].strip("`").replace("\\|", "|")


def of_lists(lines):
    for line in lines:
        if line.startswith("- "):
            yield from (c for c in re.findall("`([^`]+)`", line) if c.split()[0] in PROGRAMS)


def run(command):
    """Its exit status and those that are as told."""
    told = re.search(r"# exit status ([0-9]+(?:(?:, | or )[0-9]+)*)", command)
    wanted = [0] + [int(n) for n in re.findall("[0-9]+", told.group(1))] if told else [0]
    endless = command.rstrip().endswith("# ends at Ctrl-C")
    asks = re.match(r"ftectl env \S+ set ", command)
    shell = ["timeout", "3" if endless else str(SECONDS), "sh", "-c", command]
    r = subprocess.run(shell, input="a-new-value\n" if asks else "", text=True, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, check=False, errors="replace")
    return r.returncode, [124] if endless else wanted, r.stdout


def main():
    lines = sys.stdin.read().splitlines()
    commands = [*of_block(lines), *dict.fromkeys([*of_tables(lines), *of_lists(lines)])]
    failed = 0
    if "--list" in sys.argv:
        print("\n".join(commands))
        return 0
    for command in commands:
        status, wanted, output = run(command)
        if status not in wanted:
            failed += 1
            print("FAILED with %d instead of %s: %s\n%s" % (status, wanted, command, output[-2000:]))
    print("%d commands, %d failed" % (len(commands), failed))
    return failed > 0 or not commands


sys.exit(main())
