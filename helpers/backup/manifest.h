/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The texts inside an archive. ".fte-backup/info", the first member, says what it is a backup of;
 * ".fte-backup/notes" what is to be known of it and a sum over the names, owners and modes; and
 * ".fte-backup/manifest", the last, has the sums of all files, as sha256sum(1) reads them. Pure.
 */

#include "base/arena.h"
#include "base/strbuf.h"

#define MEMBER_PREFIX   ".fte-backup/"
#define MEMBER_INFO     MEMBER_PREFIX "info"
#define MEMBER_NOTES    MEMBER_PREFIX "notes"
#define MEMBER_MANIFEST MEMBER_PREFIX "manifest"

#define SUM_BYTES       32 /* SHA-256 */
#define SUM_HEX_CHARS   (2 * SUM_BYTES)
#define INFO_BYTES_MAX  ((size_t) 256 * 1024)
#define NOTES_BYTES_MAX ((size_t) 1024 * 1024)
#define INFO_PATHS_MAX  256

typedef struct Info {
        const char *agent, *host;
        const char *time; /* "2026-11-24T15:03:51Z" */
        uint64_t bytes;   /* about so much space it takes when restored */
        char **paths;     /* absolute, NULL-terminated */
        size_t n_paths;
} Info;

void info_format(const Info *info, StrBuf *b);
/*
 * Reads len bytes of text, which may come from anyone. Strings go to the arena. -EBADMSG with
 * *ret_line; -ENOMEM.
 */
int info_parse(const char *text, size_t len, Arena *arena, Info *ret, unsigned *ret_line);
/* The path of info that path (without a leading slash) is or lies below: its number, or -ENOENT. */
int info_find(const Info *info, const char *path);

/* Names of members, and targets of hard links: relative, no "..", no empty part. */
bool member_name_is_valid(const char *path);

void manifest_add_line(StrBuf *b, const unsigned char sum[static SUM_BYTES], const char *path);
/* The path of a line of len bytes without its end, in b. -EBADMSG: it is none of ours. */
int manifest_parse_line(const char *line, size_t len, StrBuf *ret_path);

/* The last lines of the notes. */
typedef struct Seal {
        uint64_t n_entries;
        char metadata[SUM_HEX_CHARS + 1];
} Seal;

void note_add(StrBuf *b, const char *what, const char *path);
void seal_format(const Seal *seal, StrBuf *b);
/* -EBADMSG: the notes do not end in a seal. */
int seal_parse(const char *text, size_t len, Seal *ret);

void sum_to_hex(const unsigned char sum[static SUM_BYTES], char hex[static SUM_HEX_CHARS + 1]);
