# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests and the benchmark of fte-alert-deliver share: a certificate authority made for the
test, a real HTTPS receiver that answers in every good and bad way, a spool, and the program as a
process. Loopback only; standard library and openssl(1)."""

import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402
from tap import Skip  # noqa: E402, F401

PROGRAM = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else 'fte-alert-deliver'


# --- certificates -------------------------------------------------------------------------------

def openssl(*words):
    subprocess.run(['openssl', *words], check=True, capture_output=True)


class Authority:
    """A CA, and servers' certificates by it."""

    def __init__(self, directory):
        self.directory = directory
        self.file = f'{directory}/ca.pem'
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                '-subj', '/CN=fte test CA', '-days', '2', '-keyout', f'{directory}/ca.key',
                '-out', self.file)

    def certificate(self, name, names, days=2):
        """PEM file with key and certificate for the subject alternative names."""
        base = f'{self.directory}/{name}'
        with open(f'{base}.ext', 'w') as f:
            f.write(f'subjectAltName={names}\n')
        openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj',
                f'/CN={name}', '-keyout', f'{base}.key', '-out', f'{base}.csr')
        openssl('x509', '-req', '-in', f'{base}.csr', '-CA', self.file, '-CAkey',
                f'{self.directory}/ca.key', '-days', str(days), '-extfile', f'{base}.ext', '-out',
                f'{base}.crt')
        with open(f'{base}.pem', 'w') as out:
            for part in ('key', 'crt'):
                with open(f'{base}.{part}') as f:
                    out.write(f.read())
        return f'{base}.pem'

    def context(self, pem):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context


# --- the receiver -------------------------------------------------------------------------------

class Request:
    def __init__(self, path, headers, body, connection):
        self.path, self.headers, self.body, self.connection = path, headers, body, connection
        self.time = time.time()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def id(self):
        return self.headers['Idempotency-Key']


class Receiver:
    """HTTPS (or HTTP, without a context) on loopback. answers[PATH] is a function of the handler
    and the number of the request to that path (from 1), or it is answered 200 "ok"."""

    def __init__(self, context=None, port=0):
        self.requests, self.answers, self.counts = [], {}, {}
        self.connections = 0
        self.lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            timeout = 30

            def setup(self):
                if context:  # the handshake in this thread, not in the one that accepts
                    self.request.settimeout(30)
                    self.request = context.wrap_socket(self.request, server_side=True)
                self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                super().setup()
                with receiver.lock:
                    receiver.connections += 1
                    self.number = receiver.connections

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
                with receiver.lock:
                    receiver.requests.append(Request(self.path, self.headers, body, self.number))
                    n = receiver.counts[self.path] = receiver.counts.get(self.path, 0) + 1
                receiver.answers.get(self.path, says())(self, n)

            def reply(self, status, body=b'ok', headers=()):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_):
                pass  # refused handshakes and cut connections are what is tested

        self.server = Server(('127.0.0.1', port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.scheme = 'https' if context else 'http'

    def url(self, path, host='127.0.0.1'):
        return f'{self.scheme}://{host}:{self.port}{path}'

    def of(self, path):
        with self.lock:
            return [r for r in self.requests if r.path == path]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def says(status=200, body=b'ok', headers=()):
    return lambda handler, n: handler.reply(status, body, headers)


def says_first(times, first, then=None):
    """Another answer the first times."""
    return lambda handler, n: (first if n <= times else then or says())(handler, n)


def raw(*pieces, pause=0.0):
    def answer(handler, n):
        handler.close_connection = True
        for piece in pieces:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause)
    return answer


# --- the spool ----------------------------------------------------------------------------------

def escape(text):
    return ''.join(f'\\x{ord(c):02x}' if ord(c) < 32 and c != '\n' else
                   {'\\': '\\\\', '\n': '\\n'}.get(c, c) for c in str(text))


def credential_id(path):
    h = 0xcbf29ce484222325
    for byte in path.encode():
        h = (h ^ byte) * 0x100000001b3 % 2**64
    return f'alert-{h:016x}'


class Spool:
    """A spool directory and the credentials that systemd would pass."""

    def __init__(self):
        self.top = tempfile.mkdtemp(prefix='fte-deliver.')
        self.path, self.credentials = f'{self.top}/spool', f'{self.top}/credentials'
        os.mkdir(self.credentials)
        for box in ('', 'waiting', 'dead', 'sent'):
            os.mkdir(f'{self.path}/{box}', 0o700)
        self.next = int(time.time() * 1e6)
        self.files = 0

    def secret(self, content):
        """Makes a secret file known and returns its path as the alert names it."""
        self.files += 1
        path = f'/etc/fte/secret-{self.files}'
        with open(f'{self.credentials}/{credential_id(path)}', 'w') as f:
            f.write(content)
        return path

    def add(self, *targets, lines=(), **fields):
        """Stores an alert; a target is (CHANNEL, {FIELD: VALUE}). Returns its ID."""
        self.next += 1
        identifier = f'{self.next:032x}'
        values = dict(id=identifier, kind='failure', agent='support-bot',
                      unit='support-bot.service', host='web1', result='exit-code', code='exited',
                      status='1/FAILURE', time=self.next)
        values.update(fields)
        text = 'alert=1\n' + ''.join(f'{k}={escape(v)}\n' for k, v in values.items())
        text += ''.join(f'line={escape(line)}\n' for line in lines)
        for channel, target in targets:
            text += f'target={channel}\n'
            text += ''.join(f'target.{k}={escape(v)}\n' for k, v in target.items())
        self.write(f'{self.next:020}-{identifier}', text + 'end\n')
        return identifier

    def write(self, name, text):
        temporary = f'{self.path}/.add-{name}'
        with open(temporary, 'w') as f:
            f.write(text)
        os.chmod(temporary, 0o600)
        os.rename(temporary, f'{self.path}/waiting/{name}')

    def names(self, box):
        return sorted(os.listdir(f'{self.path}/{box}'))

    def ids(self, box):
        return [name.split('-')[1] for name in self.names(box)]

    def read(self, box, identifier):
        for name in self.names(box):
            if name.endswith(identifier):
                with open(f'{self.path}/{box}/{name}') as f:
                    return f.read()
        raise AssertionError(f'no {identifier} in {box}/, but {self.names(box)}')

    def answers(self, box, identifier):
        return [line.split('=', 1)[1] for line in self.read(box, identifier).splitlines()
                if line.startswith('target.answer=')]

    def close(self):
        shutil.rmtree(self.top, ignore_errors=True)


# --- the program --------------------------------------------------------------------------------

class Deliver:
    def __init__(self, spool, *options, ca=None, notify=None, env=None, program=PROGRAM,
                 **more):
        environment = {'PATH': os.environ['PATH'], 'CREDENTIALS_DIRECTORY': spool.credentials}
        # For the sanitizers of the build under test.
        environment.update({k: v for k, v in os.environ.items() if k.endswith('SAN_OPTIONS')})
        if ca:
            environment['SSL_CERT_FILE'] = ca
        if notify:
            environment['NOTIFY_SOCKET'] = notify
        environment.update(env or {})
        self.log = ''
        self.process = subprocess.Popen(
            [program, f'--spool={spool.path}', '--linger=0', *options], env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', **more)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.log += line

    def wait(self, timeout=30, status=0):
        try:
            seen = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.end()
            raise AssertionError(f'did not end in {timeout} s; its log:\n{self.log}')
        self.reader.join(5)
        assert seen == status, f'exit status {seen}, wanted {status}; its log:\n{self.log}'
        return self

    def end(self, how=signal.SIGKILL):
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait()
        self.reader.join(5)


def wait_for(condition, timeout=20, what='the condition'):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f'{what} was not met in {timeout} s')


# --- cases and their runner ---------------------------------------------------------------------

tests = []


def test(title):
    def add(function):
        tests.append((title, function))
        return function
    return add


class Case:
    """A spool, a receiver with a good certificate, and whatever else; all end with the test."""

    def __init__(self):
        self.spool = Spool()
        self.things = [self.spool.close]
        self.ca = Case.authority.file

    def receiver(self, context='good', port=0):
        receiver = Receiver(Case.contexts[context] if context else None, port)
        self.things.append(receiver.close)
        return receiver

    def target(self, channel, content, **more):
        return (channel, dict(path=self.spool.secret(content), **more))

    def deliver(self, *options, **how):
        deliver = Deliver(self.spool, *options, ca=self.ca, **how)
        self.things.append(deliver.end)
        return deliver

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in reversed(self.things):
            end()


def equal(seen, wanted, what=''):
    assert seen == wanted, f'{what} saw {seen!r}, wanted {wanted!r}'


def contains(text, part):
    assert part in text, f'no {part!r} in:\n{text}'


GOOD_NAMES = ('IP:127.0.0.1,DNS:localhost,DNS:mail.test,DNS:api.telegram.org,'
              'DNS:events.pagerduty.com,DNS:receiver.test')


def prepare(directory):
    Case.authority = Authority(directory)
    Case.contexts = {
        'good': Case.authority.context(Case.authority.certificate('good', GOOD_NAMES)),
        'wrong': Case.authority.context(Case.authority.certificate('wrong', 'DNS:other.test')),
        'expired': Case.authority.context(Case.authority.certificate('expired', GOOD_NAMES, -1)),
    }
    os.mkdir(f'{directory}/other')
    other = Authority(f'{directory}/other')
    Case.contexts['unknown'] = other.context(other.certificate('unknown', GOOD_NAMES))


def run_tests():
    chosen = tap.select(tests)
    if not shutil.which('openssl'):
        def skip(_):
            raise Skip('openssl(1) is not installed')
        tap.run(chosen, skip)
    with tempfile.TemporaryDirectory(prefix='fte-ca.') as directory:
        prepare(directory)
        tap.run(chosen)
