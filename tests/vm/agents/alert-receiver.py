#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Takes alerts: alert-receiver.py PORT FILE [CERTIFICATE]. Plain HTTP on loopback, or with the PEM
file of a certificate and its key HTTPS on all addresses. Each request becomes a line of FILE: its
path, the kind, the ID and how often it was repeated. A path that begins with /404 is refused for
good."""

import http.server
import json
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        alert = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        with open(sys.argv[2], 'a') as f:
            f.write(f'{self.path} {alert["kind"]} {alert["id"]} {alert["repeated"]}\n')
        self.send_response(404 if self.path.startswith('/404') else 200)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass


class SecureHandler(Handler):
    """The handshake is made here, in the connection's own thread."""

    def setup(self):
        self.request.settimeout(30)
        self.request = context.wrap_socket(self.request, server_side=True)
        super().setup()


if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3])
    address, handler = '', SecureHandler
else:
    address, handler = '127.0.0.1', Handler
http.server.ThreadingHTTPServer((address, int(sys.argv[1])), handler).serve_forever()
