/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Text for a service that has a markup of its own and a limit: escaped, cut between characters, and
 * of many log lines the last ones that fit. Input is valid UTF-8 without control characters but the
 * tab: alert_clean() of summary.h has seen to that.
 */

#include "base/strbuf.h"

/* What stands for a character that the markup would take for its own; ended by a row of 0. */
typedef struct TextEscape {
        char from;
        const char *to;
} TextEscape;

typedef enum TextUnit {
        TEXT_BYTES,
        TEXT_UTF16, /* what JavaScript and Java call characters: an emoji is two */
} TextUnit;

typedef struct TextStyle {
        const TextEscape *escapes; /* NULL: none */
        TextUnit unit;             /* of the limits, which count what stands for a character */
} TextStyle;

/* The limit in units of a text that is cut only when it is absurd. */
#define TEXT_LONG 1000

size_t text_units(const char *s, TextUnit unit);

/* Appends s, cut to max units; a cut is marked by "…". Returns the units appended. */
size_t text_add(StrBuf *b, const char *s, const TextStyle *style, size_t max);

/*
 * Appends the last of lines (NULL-terminated, or NULL) that fit into max units, with "\n" between
 * them, and before them how many earlier ones are left out. A last line that is too long alone is
 * cut. Returns the units appended.
 */
size_t text_add_lines(StrBuf *b, char *const *lines, const TextStyle *style, size_t max);
