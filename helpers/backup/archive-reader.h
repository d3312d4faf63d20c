/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reads an archive from its beginning to its end, judges every member before anybody acts on it and
 * checks every sum. An archive may come from anyone: what could harm is refused by name.
 */

#include "member.h"

typedef struct ReaderEvents {
        /* The first member has been read. Each of these may be NULL; negative ends the reading. */
        int (*info)(void *userdata, const Info *info);
        /* A member, and below which of info's paths it is (number). path is its clean name. */
        int (*member)(void *userdata, struct archive_entry *e, const char *path, int number);
        int (*data)(void *userdata, const void *data, size_t len, int64_t offset);
        int (*member_end)(void *userdata);
} ReaderEvents;

typedef struct Reader {
        int fd;            /* to read from: a file or a pipe; the caller's */
        int staging_fd;    /* a directory for a file without a name */
        const char *agent; /* whose backup it must be; NULL: any */
        const ReaderEvents *events;
        void *userdata;
        /* results */
        Info info;
        uint64_t n_entries, bytes;
        StrBuf notes;
        StrBuf problem; /* what is wrong, with the name of the member */
        Arena arena;
        /* inside */
        struct archive *archive;
        Sums sums;
        Spool manifest;
        StrBuf path, last_path;
        bool has_info, has_notes, has_manifest;
} Reader;

/*
 * 0: all of it is good. -EBADMSG: damaged, or refused: r->problem says what and where. Else what an
 * event returned, or the error of reading.
 */
int reader_run(Reader *r);
/* The info alone: for a list. */
int reader_peek(Reader *r);
void reader_done(Reader *r);
