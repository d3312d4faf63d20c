/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a terminal gets that a pipe does not: colours, and progress (base/progress.h). And the shapes in
 * which times and sizes are shown to people by every subcommand.
 */

#include "base/progress.h"
#include "base/strbuf.h"

typedef enum Style {
        STYLE_PLAIN,
        STYLE_BOLD,
        STYLE_RED,
        STYLE_GREEN,
        STYLE_YELLOW,
        STYLE_GREY,
        _STYLE_MAX,
} Style;

/* The escape sequence that begins a style, or "" when standard output is to have none. */
const char *style(Style s);

/* Columns of the terminal on standard output, 0 when it is none. */
unsigned terminal_columns(void);

/* "1.2G", "512M", "0": rounded to what is worth reading. */
void show_size(StrBuf *b, uint64_t bytes);
/* "2026-11-24 15:03:51", local time, of CLOCK_REALTIME. */
void show_time(StrBuf *b, uint64_t usec);
/* Text of foreign origin on a terminal: what base/show.h hides is a blank, cut to max bytes at a
 * character. */
void show_text(StrBuf *b, const char *text, size_t max);

uint64_t now_usec(void); /* CLOCK_REALTIME */
