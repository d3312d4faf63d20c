# SPDX-License-Identifier: LGPL-2.1-or-later
"""What bash, fish and zsh offer for command lines, each asked by its own completion and not by a copy of it.
Each function takes lines that end where Tab is pressed, and returns a list of words for each."""

import os
import pty
import re
import shutil
import subprocess
import threading

from harness import Skip


def prepare(root, shell, file):
    """The environment of a shell in which there is ftectl, and its completion."""
    if not shutil.which(shell):
        raise Skip("%s is not installed" % shell)
    script = root.file(file, root.run("--completion=" + shell).out)
    bin_dir = root.mkdir("bin")
    if not os.path.exists(bin_dir + "/ftectl"):
        os.symlink(os.path.abspath(root.program), bin_dir + "/ftectl")
    return script, {"PATH": bin_dir + ":/usr/bin:/bin", "FTE_ROOT": root.path, "TERM": "dumb",
                    "HOME": root.mkdir("home"), "LC_ALL": "C.UTF-8"}


def run(root, command, env, **more):
    out = subprocess.run(command, text=True, capture_output=True, check=True, cwd=root.mkdir("here"), env=env,
                         timeout=60, **more)
    assert not out.stderr, out
    return out.stdout


def bash(root, lines):
    script, env = prepare(root, "bash", "completion/ftectl.bash")
    code = "compopt() { :; }; . %s\n" % script
    for line in lines:
        words = re.findall(r"=|[^ =]+", line) + [""] * (line[-1:] in " =")  # as bash does
        code += "COMP_WORDS=(%s); COMP_CWORD=%d; _ftectl; printf '%%s\\n' \"${COMPREPLY[@]}\" ==\n" % (
            " ".join("'%s'" % w for w in words), len(words) - 1)
    return [words.split() for words in run(root, ["bash", "-c", code], env).split("==\n")[:-1]]


def fish(root, lines):
    script, env = prepare(root, "fish", "completion/ftectl.fish")
    code = "source %s\n" % script + "".join("complete -C '%s'; echo ==\n" % line for line in lines)
    out = run(root, ["fish", "--no-config", "-c", code], env)
    return [[w.split("\t")[0] for w in words.splitlines()] for words in out.split("==\n")[:-1]]


ZSH = r"""
fpath=(%s $fpath)
autoload -Uz compinit
compinit -D -u
compadd() {
        local -a hits
        if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
                builtin compadd -O hits "$@"
                print -rl -- $hits >>../out
        fi
        builtin compadd "$@"
}
ask() {
        while IFS= read -r BUFFER; do
                CURSOR=$#BUFFER
                zle list-choices
                print -r -- '==' >>../out
        done <../lines
        BUFFER=exit
        zle .accept-line
}
zle -N zle-line-init ask
"""


def zsh(root, lines):
    """Its completion takes its line editor, and that a terminal; the editor gets the lines by itself."""
    script, env = prepare(root, "zsh", "completion/_ftectl")
    root.file("home/.zshrc", ZSH % os.path.dirname(script))
    for name, text in ("out", ""), ("lines", "".join(line + "\n" for line in lines)):
        root.file(name, text)
    leader, terminal = pty.openpty()
    shell = subprocess.Popen(["zsh", "-i", "-d"], cwd=root.mkdir("here"), env=env, stdin=terminal, stdout=terminal,
                             stderr=terminal, start_new_session=True)
    os.close(terminal)
    end = threading.Timer(60, shell.kill)
    end.start()
    said = b""
    try:
        while True:
            said += os.read(leader, 4096)
    except OSError:  # it has ended
        end.cancel()
    os.close(leader)
    assert shell.wait() == 0, said
    with open(root.path + "/out") as f:
        return [words.split() for words in f.read().split("==\n")[:-1]]
