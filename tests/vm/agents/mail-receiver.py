#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A mail server on loopback that wants STARTTLS and a login: mail-receiver.py PORT FILE CERTIFICATE
LOGIN, where LOGIN is a file with user and password. Each mail becomes a line of FILE: whether it came
by TLS, the user, the envelope's addresses and the Message-ID."""

import re
import ssl
import sys
import time

from smtp_server import SmtpServer

port, path, certificate, login = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate)
with open(login) as f:
    server = SmtpServer(context, login=tuple(f.read().split()[:2]), port=int(port))
while True:
    time.sleep(0.1)
    while server.mails:
        mail = server.mails.pop(0)
        identifier = re.search('^Message-ID: (.*?)\r?$', mail.text, re.M)[1]
        with open(path, 'a') as f:
            print('tls' if mail.secure else 'plain', mail.user, mail.sender, *mail.recipients,
                  identifier, file=f)
