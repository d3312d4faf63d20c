/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The journal's side: what was standard output before the tee stood in between. Every byte goes
 * there unchanged and waits for room; our own messages go there too, between two lines.
 */

#include "base/macro.h"

typedef struct Journal {
        int fd; /* -EBADF: the reader is gone for good */
        bool is_mid_line;
        size_t note_len; /* of the messages that wait for the end of a line */
        char note[1024];
} Journal;

/* Returns when all is written, or nobody is there to read it. */
void journal_write(Journal *j, const char *data, size_t len);

/*
 * A message of ours about a file, with a priority of syslog's (LOG_ERR …). What is too long is cut:
 * the path at its front, the text at its end. When the agent is in the middle of a line it waits
 * for that line's end.
 */
void journal_note(Journal *j, int priority, const char *path, const char *format, ...)
        _printf_(4, 5);

/* At the end of the output: a message that still waits is written, after a line end. */
void journal_finish(Journal *j);
