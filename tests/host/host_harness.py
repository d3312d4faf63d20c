# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the host share: a root of its own with stand-ins for nginx, sshd, nft, ufw and certbot
in it, which say what they were asked. Standard library only."""

import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))

# Refuses what has "refuse-me" in it; version in etc/nginx/version.
NGINX = """#!/bin/sh
root=${0%/usr/sbin/nginx}
echo "$*" >>"$root/nginx.log"
case $1 in
-v) echo "nginx version: nginx/$(cat "$root/etc/nginx/version")" >&2 ;;
-t)
        cat "$root"/etc/nginx/conf.d/* "$root"/etc/nginx/sites-enabled/* >"$root/seen" 2>/dev/null
        if grep -q 'fte/proxy/current' "$root/seen"; then
                cat "$root"/var/lib/fte/proxy/current/*.conf >>"$root/seen"
        fi
        if grep -n refuse-me "$root/seen"; then
                echo "nginx: [emerg] bad word" >&2
                exit 1
        fi
esac
"""

SSHD = """#!/bin/sh
root=${0%/usr/sbin/sshd}
case $1 in
-T) cat "$root"/etc/ssh/first "$root"/etc/ssh/sshd_config.d/* 2>/dev/null |
        tr A-Z a-z | grep -v '^#' | awk '!seen[$1]++'; echo "port 22"
    echo "authorizedkeysfile .ssh/authorized_keys" ;;
-t) ! grep -q bad "$root"/etc/ssh/first 2>/dev/null ;;
esac
"""

LOG = """#!/bin/sh
me=${0##*/}
root=${0%/usr/*}
echo "$me $*" >>"$root/programs.log"
[ ! -e "$root/$me-fails" ] || exit 1
[ ! -e "$root/$me-says" ] || cat "$root/$me-says"
"""


class Root:
    def __init__(self):
        self.proxy, self.ftectl = map(os.path.abspath, sys.argv[1:3])
        self.path = tempfile.mkdtemp(prefix="fte-host.")
        for path in ("etc/fte", "etc/nginx/conf.d", "etc/nginx/sites-enabled", "etc/ssh/sshd_config.d",
                     "proc/net", "proc/self", "usr/lib/fte", "var/lib"):
            os.makedirs(self.path + "/" + path)
        for name in ("ai", "strict", "trusted"):
            self.file("usr/lib/fte/plugins/%s.conf" % name, "[Service]\n")
        self.file("etc/nginx/version", "1.22.1\n")
        self.file("proc/net/if_inet6", "")
        self.file("proc/sys/kernel/random/boot_id", "one\n")
        self.program("nginx", NGINX)

    def file(self, path, content="", mode=0o644):
        full = self.path + "/" + path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w") as f:
            f.write(content)
        os.chmod(full, mode)
        return full

    def program(self, name, text=LOG):
        self.file("usr/sbin/" + name, text, 0o755)

    def read(self, path):
        with open(self.path + "/" + path) as f:
            return f.read()

    def there(self, path):
        return os.path.exists(self.path + "/" + path)

    def agent(self, name, proxy, port=8000):
        self.file("etc/fte/%s.conf" % name,
                  "[Agent]\nExec=/bin/true\n[Health]\nURL=http://127.0.0.1:%d/health\n[Proxy]\n%s\n"
                  % (port, proxy))

    def site(self, name):
        return self.read("var/lib/fte/proxy/current/%s.conf" % name)

    def shared(self):
        return self.read("etc/nginx/sites-enabled/zz-systemd-fte.conf")

    def run(self, *argv, status=0):
        p = subprocess.run(argv, text=True, capture_output=True, timeout=120, check=False,
                           env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC",
                                "FTE_ROOT": self.path})
        assert p.returncode == status, "exit status %d, wanted %d\n%s%s" % (p.returncode, status,
                                                                            p.stdout, p.stderr)
        return p.stdout + p.stderr

    def run_in_place(self, *argv, status=0):
        """As where a process may have no view of its own: a container without CAP_SYS_ADMIN."""
        drop = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"] if os.getuid() == 0 else []
        return self.run(*drop, *argv, status=status)

    def run_proxy(self, *args, status=0):
        return self.run(self.proxy, *args, status=status)

    def host(self, *args, status=0):
        return self.run(self.ftectl, "host", *args, status=status)

    def snapshot(self):
        """Every file below etc with all that a revert must bring back."""
        result = {}
        for top, dirs, files in os.walk(self.path + "/etc"):
            for name in files:
                full = os.path.join(top, name)
                st = os.lstat(full)
                with open(full, "rb") as f:
                    result[full] = (f.read(), st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns)
        return result


def golden(name, text):
    """The text is that of the file; UPDATE_GOLDEN=1 in the environment writes it."""
    path = "%s/golden/%s" % (HERE, name)
    if os.environ.get("UPDATE_GOLDEN"):
        with open(path, "w") as f:
            f.write(text)
    with open(path) as f:
        want = f.read()
    assert text == want, "not %s:\n%s" % (name, text)


def main(module):
    def call(function):
        root = Root()
        try:
            function(root)
        finally:
            shutil.rmtree(root.path, ignore_errors=True)

    found = tap.functions(module)
    if len(sys.argv) > 3:
        found = [f for f in found if any(a in f[0] for a in sys.argv[3:])]
    tap.run(found, call)
