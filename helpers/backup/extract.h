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
        /* inside */
        ExtractRoot *current;
        Arena arena;
        StrBuf name;
        bool failed_database;
};

/* The events for a reader whose userdata is the Extract. What goes wrong is logged. */
extern const ReaderEvents extract_events;

/* Sets what directories must have in the end, and syncs everything to the disk. */
int extract_finish(Extract *x);
void extract_done(Extract *x);

/* Removes what is called name in dir_fd, all of it; that it is not there is fine. */
int remove_tree(int dir_fd, const char *name);
