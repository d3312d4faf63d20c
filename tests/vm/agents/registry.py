#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An npm registry with one package: registry.py PORT TARBALL. Notes each request on standard error."""

import base64
import hashlib
import http.server
import json
import sys
import urllib.parse

PORT, TARBALL = int(sys.argv[1]), open(sys.argv[2], "rb").read()
NAME, VERSION = "@example/desk-tools", "1.4.2"
MANIFEST = {
    "name": NAME, "version": VERSION, "bin": {"desk-tools": "server.js"},
    "dist": {"tarball": "http://127.0.0.1:%d/tarball" % PORT,
             "integrity": "sha512-" + base64.b64encode(hashlib.sha512(TARBALL).digest()).decode()},
}
PAGES = {
    "/" + NAME: json.dumps({"name": NAME, "dist-tags": {"latest": VERSION},
                            "versions": {VERSION: MANIFEST}}).encode(),
    "/tarball": TARBALL,
}


class Registry(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        page = PAGES.get(urllib.parse.unquote(self.path))
        self.send_response(200 if page else 404)
        self.send_header("Content-Length", str(len(page or b"")))
        self.end_headers()
        self.wfile.write(page or b"")


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Registry).serve_forever()
