/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The last log lines of an agent's run, for whatever quotes them: without the secrets that the run
 * was given, or not at all, with the reason.
 */

#include "config/model.h"

#include "json.h"

typedef struct LogLinesQuery {
        const char *root;   /* "": the running system; of another one nothing can be shown */
        const Agent *agent; /* as the run was configured: name, user and env file are looked at */
        const char
                *invocation; /* 32 hexadecimal digits; NULL: the run that is on, or the last one */
        size_t n;
} LogLinesQuery;

typedef struct LogLines {
        char **lines;       /* oldest first, NULL-terminated, safe on a terminal; NULL: none */
        const char *reason; /* why there are none, a sentence without its stop; NULL with lines */
        bool hidden; /* there may be some, but their secrets could not be taken out of them */
} LogLines;

/* Everything is in the arena. Always fills *ret; negative (-ENOMEM) only when even that cannot be.
 */
int log_lines_read(const LogLinesQuery *q, Arena *arena, LogLines *ret);

/* A line each behind before, or the reason in brackets. */
void log_lines_show(const LogLines *l, const char *before, StrBuf *b);

/* A list of strings, or null. */
json_t *log_lines_to_json(const LogLines *l);
