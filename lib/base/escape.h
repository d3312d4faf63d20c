/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Values to the text of a unit file, so that systemd reads back exactly the value. One place for
 * quoting: whoever renders a line calls one of these and never quotes by hand.
 */

#include "base/strbuf.h"

typedef enum EscapeFlags {
        ESCAPE_PERCENT = 1 << 0, /* % is a specifier in this setting: double it */
        ESCAPE_DOLLAR = 1 << 1,  /* $ is expanded in this setting (ExecStart=): double it */
} EscapeFlags;

/*
 * One word of a setting that is split at white space (ExecStart=, Environment=), quoted if needed.
 */
void escape_word(StrBuf *b, const char *word, EscapeFlags flags);

/* The length of a text in which nothing needs quoting or doubling, else 0. */
size_t escape_plain_length(const char *word);

/* A value that is taken whole (Description=, paths): only % is doubled. */
void escape_value(StrBuf *b, const char *value);

/* A word as a shell takes it: in single quotes when it would take it apart otherwise. */
void escape_shell_word(StrBuf *b, const char *word);
