# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a built program must be like so that a bug in it is hard to use, read from its ELF file with
readelf. Knows nothing of where programs are."""

import re
import subprocess


def readelf(*args):
    env = {'LC_ALL': 'C', 'PATH': '/usr/local/bin:/usr/bin:/bin'}
    return subprocess.run(['readelf', '-W', *args], check=True, capture_output=True, text=True, env=env).stdout


def problems(path, optimized=True):
    """What is missing in the program at PATH; nothing when all is well."""
    header, segments = readelf('-h', path), readelf('-l', path)
    dynamic, symbols = readelf('-d', path), readelf('--dyn-syms', path)
    stack = re.search(r'GNU_STACK .* (R\S*) +0x', segments)
    imported = set(re.findall(r'UND (\w+)', symbols))
    rows = [
        (re.search(r'Type: +DYN', header) and re.search(r'FLAGS_1.*\bPIE\b', dynamic),
         'is no position independent executable'),
        ('GNU_RELRO' in segments, 'has no RELRO segment'),
        (re.search(r'FLAGS_1?\).*\b(BIND_NOW|NOW)\b', dynamic), 'binds its symbols lazily (no BIND_NOW)'),
        (stack and 'E' not in stack.group(1), 'has an executable stack'),
        (not re.search(r'\((RPATH|RUNPATH)\)', dynamic), 'has an RPATH'),
        (not re.search(r'\(TEXTREL\)|FLAGS\).*TEXTREL', dynamic), 'has text relocations'),
        ('__stack_chk_fail' in imported, 'has no guarded stack (__stack_chk_fail)'),
        # Every program of ours formats text.
        (not optimized or '__vsnprintf_chk' in imported, 'does not check its copies (__vsnprintf_chk)'),
    ]
    return [text for good, text in rows if not good]


def elf_files(top):
    """The ELF files below the directory TOP (a pathlib.Path), relative to it."""
    found = []
    for path in sorted(top.rglob('*')):
        if path.is_file() and not path.is_symlink():
            with path.open('rb') as file:
                if file.read(4) == b'\x7fELF':
                    found.append(path)
    return found
