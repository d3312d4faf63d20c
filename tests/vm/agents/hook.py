#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A receiver of alerts on loopback: hook.py PORT DIRECTORY. Answers with the number in the file
DIRECTORY/status and keeps each body as a line of DIRECTORY/bodies."""

import http.server
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[2] + "/bodies", "ab") as f:
            f.write(body.replace(b"\n", b" ") + b"\n")
        with open(sys.argv[2] + "/status", encoding="ascii") as f:
            self.send_response(int(f.read()))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
