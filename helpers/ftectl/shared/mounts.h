/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which mount a path lies on, from the text of /proc/PID/mountinfo (proc(5)): statfs(2) tells the
 * flags, but not what to remount. Pure.
 */

#include "base/arena.h"

/* A file system with less space than that for users has none. */
#define FULL_BYTES ((uint64_t) 64 * 1024)

typedef struct Mount {
        const char *point, *type, *source;
        bool read_only, noexec;
} Mount;

typedef struct Mounts {
        Mount *items; /* in the order of the table: what is mounted over another stands behind it */
        size_t n;
} Mounts;

/* text is changed, and must live as long. */
int mounts_parse(char *text, Arena *arena, Mounts *ret);

/* The mount that path, absolute and without links, lies on; NULL when there is none. */
const Mount *mounts_find(const Mounts *m, const char *path);
