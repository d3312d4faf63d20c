# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small SMTP server on loopback: TLS from the start or by STARTTLS, AUTH PLAIN and LOGIN, and the
refusals that a test asks for. A thread for each connection; standard library only."""

import base64
import socket
import threading


class Mail:
    def __init__(self):
        self.sender, self.recipients, self.data = None, [], b''
        self.secure, self.user, self.connection = False, None, 0

    @property
    def text(self):
        return self.data.decode()


class SmtpServer:
    """replies[COMMAND] is a list of answers to give to it in place of the usual one, first to last;
    None is the usual one. COMMAND is MAIL, RCPT, DATA, "." (the end of the mail), AUTH, STARTTLS or
    HELLO (the greeting)."""

    def __init__(self, context, smtps=False, starttls=True, login=None, port=0):
        self.context, self.smtps, self.starttls, self.login = context, smtps, starttls, login
        self.mails, self.replies, self.connections = [], {}, 0
        self.seen = []
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(('127.0.0.1', port))
        self.socket.listen(16)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection, self.connections),
                             daemon=True).start()

    def serve(self, connection, number):
        try:
            connection.settimeout(30)
            if self.smtps:
                connection = self.context.wrap_socket(connection, server_side=True)
            Session(self, connection, number).run()
        except OSError:
            pass
        finally:
            connection.close()

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


class Session:
    def __init__(self, server, connection, number):
        self.server, self.number = server, number
        self.secure, self.user, self.mail = server.smtps, None, None
        self.attach(connection)

    def attach(self, connection):
        self.connection, self.file = connection, connection.makefile('rb')

    def say(self, text):
        self.connection.sendall(text.encode() + b'\r\n')

    def line(self):
        line = self.file.readline()
        if not line.endswith(b'\r\n'):
            raise OSError('cut')
        return line[:-2].decode()

    def answer(self, command, usual):
        """True when the usual answer was given."""
        planned = self.server.replies.get(command)
        text = planned.pop(0) if planned else None
        self.say(text or usual)
        return not text

    def run(self):
        if not self.answer('HELLO', '220 test ESMTP'):
            return
        while True:
            line = self.line()
            self.server.seen.append(line)
            verb, _, rest = line.partition(' ')
            handler = getattr(self, 'on_' + verb.lower(), None)
            if not handler:
                self.say('502 what?')
            elif handler(rest):
                return

    def on_ehlo(self, rest):
        features = ['test', 'SIZE 10000000', '8BITMIME']
        if self.server.starttls and not self.secure:
            features.append('STARTTLS')
        if self.server.login and (self.secure or not self.server.starttls):
            features.append('AUTH PLAIN LOGIN')
        for feature in features[:-1]:
            self.say('250-' + feature)
        self.say('250 ' + features[-1])

    def on_helo(self, rest):
        self.say('250 test')

    def on_starttls(self, rest):
        if self.answer('STARTTLS', '220 go ahead'):
            self.attach(self.server.context.wrap_socket(self.connection, server_side=True))
            self.secure = True

    def on_auth(self, rest):
        mechanism, _, first = rest.partition(' ')
        if mechanism == 'PLAIN':
            if not first:
                self.say('334 ')
                first = self.line()
            user, password = base64.b64decode(first).decode().split('\0')[1:]
        else:
            self.say('334 VXNlcm5hbWU6')
            user = base64.b64decode(self.line()).decode()
            self.say('334 UGFzc3dvcmQ6')
            password = base64.b64decode(self.line()).decode()
        if (user, password) != self.server.login:
            self.say('535 5.7.8 bad credentials')
        elif self.answer('AUTH', '235 welcome'):
            self.user = user

    def on_mail(self, rest):
        if self.server.login and not self.user:
            self.say('530 5.7.0 authentication required')
        elif self.answer('MAIL', '250 ok'):
            self.mail = Mail()
            self.mail.sender = rest[len('FROM:'):].split()[0].strip('<>')

    def on_rcpt(self, rest):
        if self.answer('RCPT', '250 ok'):
            self.mail.recipients.append(rest[len('TO:'):].strip('<>'))

    def on_data(self, rest):
        if not self.answer('DATA', '354 go on'):
            return
        lines = []
        while (line := self.file.readline()) != b'.\r\n':
            if not line.endswith(b'\r\n'):
                raise OSError('cut')
            lines.append(line[1:] if line.startswith(b'.') else line)
        self.mail.data = b''.join(lines)
        self.mail.secure, self.mail.user = self.secure, self.user
        self.mail.connection = self.number
        self.server.mails.append(self.mail)
        self.answer('.', '250 2.0.0 queued')

    def on_rset(self, rest):
        self.say('250 ok')

    def on_quit(self, rest):
        self.say('221 bye')
        return True
