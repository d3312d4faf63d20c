/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Variables in a command line, by the rules of systemd.service(5), "Command lines":
 *   ${NAME}   anywhere in a word: replaced as it is
 *   $NAME     as a whole word: split at white space, quotes honoured, into no, one or more words
 *   $$        a dollar sign
 *   a$NAME    literal, as every other $ inside a word
 * Unlike systemd, what has no value or no meaning is a problem instead of an empty string.
 */

#include "base/arena.h"
#include "base/strbuf.h"

/* Returns the value of a name of name_len bytes, or NULL. */
typedef const char *(*ExpandLookup)(const void *env, const char *name, size_t name_len);

typedef struct ExpandEnv {
        ExpandLookup lookup;
        const void *env;
} ExpandEnv;

/*
 * Expands every word of the NULL-terminated array into a new one, which lives in the arena.
 * Appends a line to problems for each trouble, naming variables but no values. Returns 0 (also
 * with problems: *ret must not be used then) or -ENOMEM.
 */
int expand_words(Arena *a, char *const *words, const ExpandEnv *env, StrBuf *problems,
                 char ***ret);
