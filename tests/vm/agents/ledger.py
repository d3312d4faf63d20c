#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An agent that commits the numbers 1, 2, 3 … to SQLite (WAL) as fast as it can, so that a backup of
it is an instant of its life exactly when no number is missing. usage: ledger.py PORT
It is not healthy while the file "unwell" is in its directory."""

import http.server
import os
import pathlib
import sqlite3
import sys
import threading

HOME = pathlib.Path(os.environ.get('HOME', '.'))


def write():
    db = sqlite3.connect(HOME / 'ledger.db')
    db.execute('PRAGMA journal_mode=WAL')
    db.execute('PRAGMA synchronous=FULL')
    db.execute('CREATE TABLE IF NOT EXISTS ledger (n INTEGER PRIMARY KEY, text TEXT)')
    last = db.execute('SELECT coalesce(max(n), 0) FROM ledger').fetchone()[0]
    while True:
        last += 1
        with db:
            db.execute('INSERT INTO ledger VALUES (?, ?)', (last, 'x' * (last % 300)))
        threading.Event().wait(0.002)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if (HOME / 'unwell').exists() else 200)
        self.end_headers()
        self.wfile.write(b'ok\n')

    def log_message(self, *args):
        pass


(HOME / 'notes').write_text('a note\n')
threading.Thread(target=write, daemon=True).start()
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
