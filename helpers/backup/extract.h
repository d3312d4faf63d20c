/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Members of an archive to files. Everything goes below directories that only root can enter, by
 * names relative to them, never through a link.
 */

#include "archive-reader.h"

typedef struct ExtractRoot {
        int fd;           /* a directory of root's alone; the caller's */
        const char *prefix; /* the members' common beginning, without a slash at its end … */
        const char *as;     /* … and what stands for it below fd; NULL: names as they are */
        struct archive *disk;
        bool no_attributes; /* the file system has none */
} ExtractRoot;

typedef struct Extract Extract;

struct Extract {
        /* Called when the info has been read, before any member: fills the rest. Or NULL. */
        int (*prepare)(Extract *x, const Info *info);
        void *context;
        ExtractRoot *roots; /* one for each of info's paths, or one for all */
        size_t n_roots;
        const char *only; /* NULL: all; else this member and what is below it */
        bool check_databases;
        uint64_t n_members, n_databases;
        bool is_told;     /* why it failed has been logged */
        uint64_t n_bare; /* without attributes, which the file system does not have */
        /* inside */
        ExtractRoot *current;
        Arena arena;
        StrBuf name;
        uint64_t room_countdown; /* bytes until the free space is looked at again */
        bool failed_database;
};

/* The events for a reader whose userdata is the Extract. What goes wrong is logged. */
extern const ReaderEvents extract_events;

/* Sets what directories must have in the end, and syncs everything to the disk. */
int extract_finish(Extract *x);
void extract_done(Extract *x);
