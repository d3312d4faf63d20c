/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The rules of a single line, for the reader in ini.c: which bytes it may hold, where a comment
 * hides behind a value, and what looks like a key. Lines come without their end and without white
 * space around them.
 */

#include "base/macro.h"

/* One look at each byte of a line; the classes of all of them together tell what to look for. */
enum {
        LINE_NUL = 1 << 0,
        LINE_CONTROL = 1 << 1,
        LINE_NOT_ASCII = 1 << 2,
        LINE_COMMENT = 1 << 3, /* ; or #, which may begin one */
};

unsigned line_class(const char *s, size_t len);

/* What no line may contain, whatever it is, as a sentence; NULL when it is fine. */
const char *line_problem(const char *s, size_t len, unsigned class);

/* The same for a value: a comment behind it, outside quotes. */
const char *line_value_problem(const char *s, size_t len, unsigned class);

/* The length of "Key" in "Key = value", or 0 when the line has no such form. */
size_t line_key_length(const char *s, size_t len);

/* "  User=root" under "Exec=…" is a slip of the indent, not a part of the command. */
bool line_looks_like_directive(const char *s, size_t len);

static inline bool line_is_blank(char c) {
        return c == ' ' || c == '\t';
}
