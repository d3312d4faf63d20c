/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Takes secrets out of log lines before they leave the host: every value that the agent's env file
 * holds, however it is written (percent-encoded, in JSON), and what looks like a key. Pure.
 */

#include "base/arena.h"
#include "base/strbuf.h"

#define REDACT_LINE_BYTES_MAX 500 /* of what comes out */
#define REDACT_VALUE_MIN      4   /* shorter values stand everywhere in a log */
#define REDACTED              "[redacted]"

/* What is not to be seen; lives in an arena. Needles may be added at any time. */
typedef struct Redactor {
        Arena *arena;
        char **needles;
        size_t n, size;
        bool failed; /* memory is out: use no line */
} Redactor;

/* A value of the env file; NULL and short ones are passed over. */
void redact_add_value(Redactor *r, const char *value);

/*
 * Everything that may be a value in the text of an env file, well-formed or not: for when it could
 * not be parsed, and beside that.
 */
void redact_add_text(Redactor *r, const char *text, size_t len);

/*
 * Appends a line as it may be shown: valid UTF-8, no control characters or terminal sequences, no
 * secret, at most REDACT_LINE_BYTES_MAX. The line need not be terminated or valid.
 */
void redact_line(const Redactor *r, const char *line, size_t len, StrBuf *out);

/* Between redact.c and redact-shapes.c: marks in mask, of len bytes, what looks like a secret. */
void redact_shapes(const char *line, size_t len, char *mask);
