/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which files with several names are in the archive already, and by which name: a few bytes a file,
 * for package managers make hundreds of thousands. Of one file system.
 */

#include "base/arena.h"

#include "walk.h"

typedef struct LinkSlot {
        uint64_t inode;
        struct timespec born; /* or an inode that was used again would bring another's content */
        const char *path;     /* NULL: empty */
} LinkSlot;

typedef struct Links {
        LinkSlot *slots; /* a power of two of them, half of them empty */
        size_t n, size;
        Arena arena;
} Links;

/* 1: e is the file that is known by the path *ret. 0: it is new, and known from now on. -ENOMEM. */
int links_find(Links *l, const WalkEntry *e, const char **ret);
/* Forgets all. */
void links_done(Links *l);
