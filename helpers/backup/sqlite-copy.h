/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * SQLite databases: told by what they begin with, copied as they are at one instant while the agent
 * writes, checked after a restore. SQLite runs in a child with the rights of the file's owner, for
 * opening a database may roll back a journal that the agent has put there.
 */

#include "base/macro.h"

#include <sys/stat.h>

/* Whether the file begins as a database does. */
bool sqlite_is_database(int fd);

/*
 * The length of a database's name in that of a file which SQLite keeps beside it ("x.db-wal"), else
 * 0.
 */
size_t sqlite_companion_base(const char *name);

/*
 * Copies the database name, whose state is st, from dir_fd into to_fd, an empty file. What goes
 * wrong is logged with path. -EBADMSG: it is damaged or none; -EBUSY: somebody held a lock all the
 * time; -ENOSPC; -EIO, also where SQLite would be led astray as root.
 */
int sqlite_copy(int dir_fd, const char *name, const struct stat *st, const char *path, int to_fd);

/*
 * PRAGMA integrity_check of the file fd, as nobody. 0; -EBADMSG after logging what it says;
 * -EOPNOTSUPP: it needs functions of the agent's own, logged; -EIO.
 */
int sqlite_check(int fd, const char *path);
