# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the benchmarks share: a root full of agents, a pack for the baseline, paired timing."""

import os
import shutil
import statistics
import subprocess
import tempfile
import time

INI = '''[Agent]
Description=Customer support Digital FTE number {i}
Exec=/opt/agent-{i}/venv/bin/uvicorn main:app --host 127.0.0.1 --port {port}
[Environment]
Required=OPENAI_API_KEY DATABASE_URL
[Health]
URL=http://127.0.0.1:{port}/health
'''

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def scratch():
    """A directory in memory, where the disk does not add its noise (and where systemd has /run)."""
    return tempfile.TemporaryDirectory(prefix='fte-bench-',
                                       dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None)


def make_root(root, agents, plugindir='/usr/lib/fte/plugins'):
    os.makedirs(root + '/etc/fte')
    os.makedirs(root + plugindir)
    for name in ('ai', 'strict', 'trusted'):
        shutil.copy(f'{SOURCE}/conf/plugins/{name}.conf', root + plugindir)
    for i in range(agents):
        with open(f'{root}/etc/fte/agent-{i}.conf', 'w') as f:
            f.write(INI.format(i=i, port=10000 + i))


def make_pack(out, pack):
    """Everything below out, in an order in which it can be written."""
    with open(pack, 'wb') as f:
        for here, dirs, files in os.walk(out):
            rel = os.path.relpath(here, out)
            if rel != '.':
                f.write(f'd {rel}\n'.encode())
            for name in sorted(files):
                path = os.path.normpath(os.path.join(rel, name))
                full = os.path.join(out, path)
                if os.path.islink(full):
                    f.write(f'l {path} {os.readlink(full)}\n'.encode())
                else:
                    data = open(full, 'rb').read()
                    f.write(f'f {path} {len(data)}\n'.encode() + data)


def once(argv, env=None):
    """Runs a command; returns its CPU seconds, user and system."""
    pid = os.posix_spawn(argv[0], argv, env or dict(os.environ))
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        raise SystemExit(f'{argv[0]}: status {status}')
    return usage.ru_utime + usage.ru_stime


def wall(argv, env=None):
    start = time.perf_counter()
    once(argv, env)
    return time.perf_counter() - start


def paired(runs, *jobs):
    """Each job in turn, `runs` times; returns the median of each. A job returns its own figure."""
    seen = [[] for _ in jobs]
    for _ in range(runs):
        for job, figures in zip(jobs, seen):
            figures.append(job())
    return [statistics.median(f) for f in seen]


def system_calls(argv, env, into):
    subprocess.run(['strace', '-f', '-qq', '-o', into] + argv, env=env, check=True)
    return sum(1 for line in open(into, errors='replace') if '(' in line)


def own_work(env):
    """meson has malloc fill what it gives out, which is neither our program's work nor its memory."""
    return {k: v for k, v in env.items() if k != 'MALLOC_PERTURB_'}


def instructions(argv, env, into):
    env = own_work(env)
    subprocess.run(['valgrind', '-q', '--tool=callgrind', f'--callgrind-out-file={into}'] + argv,
                   env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for line in open(into):
        if line.startswith(('summary:', 'totals:')):
            return int(line.split()[1])
    raise SystemExit('callgrind wrote no total')
