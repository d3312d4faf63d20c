/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Two ways in which SQLite opens files here, as VFS names of sqlite3_open_v2(). Paths are how an
 * agent could lead root astray, so one of them has none and the other never leaves a directory.
 */

#include "base/macro.h"

/*
 * The database is the file of an open descriptor, and no other file is ever opened: a destination
 * that is written without a journal, or with FD_VFS_IMMUTABLE one that nobody changes while it is
 * read. The name given to sqlite3_open_v2() is of no matter. One descriptor at a time.
 */
#define FD_VFS "fte-fd"
int fd_vfs_register(int fd, bool immutable);

/*
 * The system's own, but names stay as they are: relative ones are opened from the working
 * directory, whatever is renamed above it meanwhile, and the database itself must not be a link.
 */
#define HERE_VFS "fte-here"
int here_vfs_register(void);
