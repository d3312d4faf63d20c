/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Directories with all that is in them, relative to a descriptor, never through a link.
 */

#include "base/macro.h"

/* Opens a directory, made with this mode where it is missing. -ELOOP: a link, -ENOTDIR: no
 * directory. */
int tree_open_dir(int dir_fd, const char *name, unsigned mode);

/* The directories in front of the last "/" of path, each made with mode 0755 where it is missing.
 */
int tree_make_parents(int dir_fd, const char *path);

/*
 * Removes a file, a link, or a directory with everything below it, however deep. What is not there
 * is fine. -EXDEV: something is mounted in it, and has been left alone.
 */
int tree_remove(int dir_fd, const char *name);
