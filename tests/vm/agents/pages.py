#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Web pages for a browser: pages.py PORT. /page has its text from a script; /slow is not loaded before
/open was asked for, so that the process that renders it can be looked at."""

import http.server
import sys
import threading

PAGE = b"""<!doctype html><title>Loading</title><p id=p>no script ran</p><script>
let sum = 0;
for (let i = 0; i < 3e6; i++)
        sum = (sum + i * 7) % 1000003;
document.title = 'Rendered';
document.getElementById('p').textContent = 'sum ' + sum;
</script>"""
opened = threading.Event()


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/picture":
            opened.wait(120)
        elif self.path == "/open":
            opened.set()
        body = {"/page": PAGE, "/slow": PAGE + b"<img src=/picture>"}.get(self.path, b"")
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Pages).serve_forever()
