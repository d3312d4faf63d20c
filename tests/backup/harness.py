# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of fte-backup share: a root with one agent "bot" below a temporary directory, and
the program run in it. It asks systemd nothing then."""

import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402
from tap import Skip  # noqa: E402

INI = '[Agent]\nExec=/bin/true\n'
BACKUP = TOP = None
GOOD, BAD, USAGE, INCOMPLETE = 0, 1, 2, 3


class Place:
    """A root with the agent bot, which has no data yet."""

    def __init__(self, more=''):
        self.root = tempfile.mkdtemp(dir=TOP)
        os.chmod(self.root, 0o755)
        os.makedirs(f'{self.root}/etc/fte')
        self.data = f'{self.root}/var/lib/bot'
        os.makedirs(self.data)
        self.store = f'{self.root}/var/backups/fte/bot'
        self.state = f'{self.root}/var/lib/fte-backup'
        self.configure(more)
        self.said = ''

    def configure(self, more):
        self.write('/etc/fte/bot.conf', INI + more, top=self.root)

    def write(self, path, text, top=None):
        path = (top or self.data) + '/' + path.lstrip('/')
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def start(self, *words, **kwargs):
        return subprocess.Popen([BACKUP, *words, f'--root={self.root}'], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=TOP, **kwargs)

    def run(self, *words, wanted=GOOD, **kwargs):
        p = self.start(*words, **kwargs)
        self.said = p.communicate(timeout=240)[0].decode('utf-8', 'replace')
        assert wanted is None or p.returncode == wanted, \
            f'{words}: exit status {p.returncode}, wanted {wanted}; said:\n{self.said}'
        return self.said

    def archives(self):
        try:
            return sorted(n for n in os.listdir(self.store) if not n.startswith('.'))
        except FileNotFoundError:
            return []

    def leftovers(self):
        """What only a run under way may have there."""
        found = [n for n in os.listdir(self.store) if n.startswith('.')] if os.path.isdir(self.store) else []
        lib = os.listdir(f'{self.root}/var/lib')
        return found + [n for n in lib if n.endswith('.fte-restore')] + \
            [n for n in os.listdir(self.state) if n.endswith('.restore')]

    def restore_to(self, *words, wanted=GOOD):
        """Restores into a new directory and returns where the data are there."""
        to = tempfile.mkdtemp(dir=TOP)
        self.run('restore', 'bot', f'--to={to}', *words, wanted=wanted)
        return f'{to}/var/lib/bot'


def tree(top):
    """Every name below top with what counts: kind, mode, owner, time, content or target, attributes."""
    found = {}
    top = os.fsencode(top)
    for here, dirs, files in os.walk(top):
        for name in dirs + files:
            path = os.path.join(here, name)
            st = os.lstat(path)
            what = None
            if os.path.islink(path):
                what = os.readlink(path)
            elif os.path.isfile(path):
                with open(path, 'rb') as f:
                    what = f.read()
            attributes = {} if os.path.islink(path) else {
                a: os.getxattr(path, a) for a in os.listxattr(path)}
            found[path[len(top) + 1:]] = (oct(st.st_mode), st.st_uid, st.st_gid,
                                          st.st_mtime_ns if not os.path.isdir(path) else 0, what, attributes)
    return found


def same(a, b):
    a, b = tree(a), tree(b)
    for path in sorted(a.keys() | b.keys()):
        if a.get(path) != b.get(path):
            x, y = (repr(t.get(path, 'missing'))[:300] for t in (a, b))
            raise AssertionError(f'{path!r}: {x} and {y}')


def need_root():
    if os.geteuid() != 0:
        raise Skip('needs root')


def main(module, description=''):
    global BACKUP, TOP
    BACKUP = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix='backup-') as TOP:
        os.chmod(TOP, 0o755)
        try:
            tap.run(tap.select(tap.functions(module)))
        finally:
            subprocess.run(['chmod', '-R', 'u+rwX', TOP], check=False)
