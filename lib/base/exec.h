/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The last act of every helper in the chain: become the next program. One place for the search in
 * $PATH, for the exit statuses 127 and 126, and for telling people why a program does not start,
 * where execve() says "No such file" and means the script's interpreter.
 */

#include "base/strbuf.h"

/*
 * Replaces this process by argv, found as execvp() finds it in the PATH of envp; unlike execvp() it
 * never falls back to a shell. Returns only when that fails: the exit status to end with (127 when
 * there is no such program, else 126), and a sentence without the program's name in *reason, which
 * is meant to follow it: "is not executable; chmod +x".
 */
int exec_or_explain(char *const *argv, char *const *envp, StrBuf *reason);

/*
 * The interpreter that the first line of a script names, into buf. -ENOTSUP: it is a program of its
 * own (ELF); -ENOEXEC: neither; or why it cannot be read (a program may be executable only).
 */
int exec_read_interpreter(const char *file, char *buf, size_t size_bytes);
