#!/usr/bin/python3 -IS
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An agent of the deployment tests: versioned.py PORT. Answers / with the version that it was
started with and the one that is beside it now; a release whose version begins with "broken" says
why it cannot work and ends, one with "sick" never gets healthy."""

import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

here = os.path.dirname(__file__)  # as it was started: a link that moves would show


def version():
    with open(here + "/VERSION") as f:
        return f.read().strip()


started_with = version()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        sick = self.path == "/health" and started_with.startswith("sick")
        body = (self.path == "/" and "%s %s\n" % (started_with, version()) or "ok\n").encode()
        self.send_response(500 if sick else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


if started_with.startswith("broken"):
    print("the configuration of", started_with, "has no model", os.environ.get("API_KEY", ""), flush=True)
    sys.exit(3)
print("version", started_with, "starts", flush=True)
time.sleep(0.2)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
