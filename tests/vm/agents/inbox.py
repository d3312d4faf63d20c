#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stands for a chat in the demo: takes alerts of a webhook on loopback and keeps what people would read.
inbox.py PORT FILE"""

import http.server
import json
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        alert = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        with open(sys.argv[2], 'a') as f:
            f.write(f'{alert["kind"]}: {alert["headline"]}\n')
            for line in alert['log']['lines'][-2:]:
                f.write(f'    {line}\n')
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
