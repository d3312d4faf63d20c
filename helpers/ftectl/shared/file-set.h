/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The files that configure agents, with their bytes: as they are in /etc/fte, or as they were kept.
 * Files that belong together have a group: an agent's name for its INI file, fragments and
 * overlays, "fte" for the host's, and of each plugin its own path.
 */

#include <sys/stat.h>

#include "base/arena.h"
#include "base/strbuf.h"

#define FILE_SET_HOST "fte"

typedef struct SetFile {
        const char *path; /* relative to /etc/fte */
        const char *group;
        const char *data; /* what one reads through it; "" of a mask */
        size_t len;
        struct stat st; /* of what was read; of a mask the link's */
        bool is_mask;   /* a link to /dev/null */
} SetFile;

typedef struct FileSet {
        Arena arena;
        SetFile *files; /* by path */
        size_t n, size;
} FileSet;

/*
 * Reads what is below dir_fd, which has the shape of /etc/fte. What is no file (a link to
 * nothing, a directory) is not in the set. Returns 0, -ENOMEM, or the error of reading any of it.
 */
int file_set_read(FileSet *s, int dir_fd);
void file_set_done(FileSet *s);

const SetFile *file_set_find(const FileSet *s, const char *path);
/* Whether the same is read there, with the same mode and owner. Both may be NULL. */
bool set_file_is_same(const SetFile *a, const SetFile *b);
bool file_set_has_group(const FileSet *s, const char *group);
/* Whether a group has the same files in both. */
bool file_set_group_is_same(const FileSet *a, const FileSet *b, const char *group);

/* "bot" of "bot.conf.d/10-x.conf"; NULL: no file of ours. In the arena. */
const char *file_set_group_of(const char *path, Arena *arena);

/*
 * Makes the file in place of what is there: whole or not at all, with mode, owner and time of f.
 * With sync its bytes are on the disk before it has its name.
 */
int set_file_write(const SetFile *f, int dir_fd, bool sync);
