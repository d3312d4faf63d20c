# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs tests written in Python and prints TAP: what all harnesses share. Knows nothing of what is tested."""

import sys
import traceback


class Skip(Exception):
    """Raised by a test that cannot run here; its text says why."""


def select(tests):
    """Of (title, function) pairs those that the arguments behind the program's name parts of."""
    return [t for t in tests if len(sys.argv) < 3 or any(a in t[0] for a in sys.argv[2:])]


def functions(module):
    """The test_ functions of a module as (title, function) pairs."""
    return [(n[5:].replace('_', ' '), f) for n, f in vars(module).items() if n.startswith('test_')]


def run(tests, call=lambda function: function()):
    """Runs (title, function) pairs by call(function), and exits 1 when one failed."""
    failed = 0
    print(f'1..{len(tests)}', flush=True)
    for number, (title, function) in enumerate(tests, 1):
        try:
            call(function)
            print(f'ok {number} - {title}', flush=True)
        except Skip as reason:
            print(f'ok {number} - {title} # SKIP {reason}', flush=True)
        except Exception:
            failed += 1
            print(f'not ok {number} - {title}')
            for line in traceback.format_exc().splitlines():
                print('# ' + line, flush=True)
    sys.exit(1 if failed else 0)
