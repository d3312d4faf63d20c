/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Text to values, strictly: all of the text must be the value. Each returns 0, -EINVAL when the
 * text is not of the form, or -ERANGE when the value does not fit; ret_ is untouched on failure.
 */

#include "base/arena.h"

/* "10s", "2min 30s", "1.5s", "infinity"; a bare number is seconds (systemd.time(7)). */
int parse_usec(const char *s, uint64_t *ret_usec);
/* "512M", "1.5G", "100K", "4096"; powers of 1024. */
int parse_bytes(const char *s, uint64_t *ret_bytes);
/* "80%" or "150%": whole percents. */
int parse_percent(const char *s, unsigned *ret_percent);
/* yes/no, true/false, on/off, 1/0, any letter case. */
int parse_boolean(const char *s, bool *ret);
int parse_uint(const char *s, uint64_t max, uint64_t *ret);

typedef enum ParseWordsFlags {
        PARSE_WORDS_PLAIN = 0,
        PARSE_WORDS_QUOTED = 1 << 0, /* quotes and C escapes, as systemd's ExecStart= */
} ParseWordsFlags;

/*
 * Splits s at white space into a NULL-terminated array that lives in the arena. With
 * PARSE_WORDS_QUOTED: '…' and "…" group, \n \t \s \xNN \NNN \uNNNN … mean what
 * systemd.service(5) says. -EINVAL: an unterminated quote, an unknown escape, or one that
 * makes a word that is not valid UTF-8; -ENOMEM.
 */
int parse_words(Arena *a, const char *s, ParseWordsFlags flags, char ***ret);

/* The first of the words between separators that is word, of len bytes; NULL: none is. */
const char *word_find(const char *text, const char *separators, const char *word, size_t len);

size_t strv_length(char *const *strv);
bool strv_contains(char *const *strv, const char *s);
