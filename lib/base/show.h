/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What may be shown on a terminal of a text that somebody else wrote. A terminal obeys control
 * characters, and characters of format make a line read otherwise than it is; either could forge
 * what a program says. The one place where that is decided.
 */

#include "base/strbuf.h"

/*
 * Looks at the first character of s, which has len > 0 bytes. Returns its length, 1 for a byte that
 * is no valid UTF-8, and says whether it may be shown: not control characters (line ends and tabs
 * among them), C1 controls, line separators and the characters of format that cannot be seen or
 * that change the order of what is around them.
 */
size_t show_step(const char *s, size_t len, bool *ret_visible);

/* Appends len bytes of s, with instead for each character that may not be shown. */
void show_bytes(StrBuf *b, const char *s, size_t len, char instead);

/* The same of text of our own that holds others' words: its line ends stay. */
void show_lines(StrBuf *b, const char *s, size_t len, char instead);

static inline void show_string(StrBuf *b, const char *s) {
        show_bytes(b, s, strlen(s), '?');
}
