/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Makes an archive of what walk.h visits: a tar file that any tar reads, with sums of its own. One
 * pass, bounded memory; where it goes is the sink's matter.
 */

#include "links.h"
#include "member.h"
#include "walk.h"

typedef struct Sink {
        /* All of it, or negative errno. */
        int (*write)(void *userdata, const void *data, size_t len);
        /* Whether the staging directory may grow by so much for a while: 0 or -ENOSPC. */
        int (*room)(void *userdata, uint64_t bytes);
        void *userdata;
} Sink;

typedef struct Writer {
        Sink sink;
        int staging_fd; /* a directory for files without a name */
        struct archive *archive, *disk;
        struct archive_entry *entry;
        Links links; /* of the path at hand */
        char *buf;
        Sums sums;
        Spool manifest;
        StrBuf notes;
        int sink_error;
        uint64_t n_files, n_databases, bytes;
        uint64_t n_changed; /* files that were written to all the time */
        uint64_t n_missing; /* not read, or no consistent copy: the backup is not complete */
} Writer;

/* staging_fd must stay open. compress: by zstd. */
int writer_open(Writer *w, const Sink *sink, int staging_fd, bool compress);
int writer_begin(Writer *w, const Info *info);
/* Before each walk(): no member links to one below another path, for each is restored by itself. */
void writer_next_path(Writer *w);
/* For walk(): what is wrong with single files is logged and noted. */
int writer_add(void *userdata, const WalkEntry *e);
void writer_skipped(void *userdata, const char *path, WalkSkip why, int error);
/* The end of the archive; without it the archive is not valid. */
int writer_end(Writer *w);
void writer_done(Writer *w);
