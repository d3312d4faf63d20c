#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The blocks of code in a document, each with what the comment before it says that a test does with it:

    <!-- test: run -->                         as root on a machine with the package; ends with 0
    <!-- test: run, exit status 1 or 2 -->     ends with one of these
    <!-- test: run, ends at Ctrl-C -->         runs until it is interrupted
    <!-- test: file /etc/fte/bot.conf -->      the content of this file
    <!-- test: lint bot -->                    an agent's INI file that lint finds no error in
    <!-- test: dev -->                         ./dev on the developer's machine; its words are checked
    <!-- test: skip, REASON -->                only where no machine of the tests can

A block of the language "text" is no command and needs none. A test never edits a document.
usage: blocks.py DOCUMENT DIRECTORY    writes each block to DIRECTORY/NUMBER and the list DIRECTORY/index:
                                       NUMBER, KIND, ARGUMENT and the LINE in the document, tab between"""

import os
import re
import sys

KINDS = ('run', 'file', 'lint', 'dev', 'skip')
# Where a person would type a secret.
ASKS = re.compile(r'^(ftectl env \S+ set \w+)$', re.M)


class Block:
    def __init__(self, line, language, mark):
        self.line, self.language, self.lines = line, language, []
        words = re.match(r'(\w+)(?:, | |$)(.*)', mark or '')
        self.kind, self.argument = words.groups() if words else ('', '')

    def text(self):
        return '\n'.join(self.lines) + '\n'

    def wanted(self):
        """The exit statuses that it may end with."""
        if self.argument == 'ends at Ctrl-C':
            return '124'
        told = re.match(r'exit status (.*)', self.argument)
        return ' '.join(re.findall(r'\d+', told.group(1))) if told else '0'


def read(path):
    """Its blocks; a block within a list is indented."""
    found, mark, block = [], None, None
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file.read().splitlines(), 1):
            fence = re.match(r'( *)```(\S*)$', line)
            if block is not None and fence and not fence.group(2):
                found.append(block)
                block = mark = None
            elif block is not None:
                block.lines.append(line.removeprefix(block.indent))
            elif fence:
                block = Block(number, fence.group(2), mark)
                block.indent = fence.group(1)
            elif line.strip():
                comment = re.match(r' *<!-- test: (.*) -->$', line)
                mark = comment.group(1) if comment else None
    assert block is None, f'{path}:{block.line}: the block has no end'
    return found


def main(document, directory):
    os.makedirs(directory, exist_ok=True)
    with open(f'{directory}/index', 'w', encoding='utf-8') as index:
        for number, block in enumerate(b for b in read(document) if b.language != 'text'):
            text = block.text()
            if block.kind == 'run':
                text = ASKS.sub(r"echo sk-documents-4f9c1a7e | \1", text)
            with open(f'{directory}/{number}', 'w', encoding='utf-8') as file:
                file.write(text)
            argument = block.wanted() if block.kind == 'run' else block.argument
            print(number, block.kind, argument or '-', block.line, sep='\t', file=index)


if __name__ == '__main__':
    main(*sys.argv[1:3])
