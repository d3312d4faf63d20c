/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The line that a finding is about: where in it the cause stands, and how much of it may be shown.
 * The reader of the configuration keeps lines and no columns (it runs at every daemon-reload), so
 * lint looks at the line again. Pure text.
 */

#include "base/strbuf.h"

/* In characters; column counts from 1. length 0: the column alone. */
typedef struct LineSpan {
        unsigned column, length;
} LineSpan;

/*
 * Where a message about key (NULL: about the line) points to in line, which need not be valid
 * UTF-8. With a word in "quotes" that is part of the value, at that word.
 */
LineSpan line_span(const char *line, const char *key, const char *message);

/*
 * Appends the line as it may be shown in a terminal or a log: what base/show.h hides replaced, and
 * what could be a secret masked, character by character so that columns stay.
 */
typedef enum LineHide {
        HIDE_WORDS, /* what looks like a secret */
        HIDE_VALUE, /* what stands behind the "=" or "[" */
        HIDE_ALL,
} LineHide;

void line_show(const char *line, LineHide hide, StrBuf *b);

/*
 * Splits "what is wrong; what to do" at the first "; ". Returns the length of the first part and
 * sets *ret_hint to the second, or to NULL.
 */
size_t message_split(const char *message, const char **ret_hint);
