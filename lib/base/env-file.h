/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The env file: NAME=VALUE lines by the grammar of systemd's EnvironmentFile= (systemd.exec(5)),
 * read strictly. What systemd would skip, guess at or overwrite in silence is a problem with a
 * line number here; what is accepted has the very value systemd would give it. Two additions: a
 * UTF-8 byte order mark and a leading `export ` are accepted.
 * Values are secrets: nothing here puts one, or any text that is not a valid name, into a problem.
 */

#include "base/strbuf.h"

#define ENV_FILE_MAX_BYTES ((size_t) 1024 * 1024)

typedef struct EnvEntry {
        char *assignment; /* NAME=VALUE, terminated: as execve() wants it */
        size_t name_len;
        unsigned line;
        bool bad;         /* the value has a problem: do not use it, nor call the name missing */
} EnvEntry;

typedef struct EnvProblem {
        unsigned line;
        unsigned other_line; /* where the text ends in "line", else 0 */
        const char *name;    /* of name_len bytes, or NULL; lives as long as the EnvFile */
        size_t name_len;
        const char *text;    /* static */
} EnvProblem;

/* The entries in the order of the file, and what is wrong with it in the order of its lines. */
typedef struct EnvFile {
        EnvEntry *entries;
        size_t n_entries;
        EnvProblem *problems;
        size_t n_problems;
        EnvEntry **by_name; /* sorted */
        char *text;         /* holds the assignments */
        size_t text_bytes;
} EnvFile;

/*
 * Parses len bytes of text, which need not be terminated. 0: *ret is filled, and its problems say
 * whether it may be used. -EFBIG when len is over ENV_FILE_MAX_BYTES, -ENOMEM.
 */
int env_file_parse(const char *text, size_t len, EnvFile *ret);

/* The entry of a name of name_len bytes (the first, should it be there twice), or NULL. */
const EnvEntry *env_file_find(const EnvFile *f, const char *name, size_t name_len);

static inline const char *env_entry_value(const EnvEntry *e) {
        return e->assignment + e->name_len + 1;
}

/* [A-Za-z_][A-Za-z0-9_]* */
bool env_name_is_valid(const char *name);
/* Bytes of s that form a valid name, 0 when it does not begin with one. */
size_t env_name_span(const char *s, size_t len);

/*
 * True for the variables that carry systemd's side of a conversation with the service: were the env
 * file to override one, readiness, the watchdog or credentials would break.
 */
bool env_name_is_reserved(const char *name, size_t name_len);

/* Appends "PATH:LINE: NAME: what is wrong\n". */
void env_problem_describe(const EnvProblem *p, const char *path, StrBuf *b);

/* Overwrites the values, then frees all. */
void env_file_done(EnvFile *f);
