/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Why a configuration file cannot be read, as a sentence behind its name.
 */

#include <dirent.h>
#include <sys/types.h>

#include "base/macro.h"

/*
 * NULL when path is a regular file, or a link to one. type is the DT_* of the entry: a regular one
 * costs no system call.
 */
const char *file_odd_kind_problem(int dir_fd, const char *path);
static inline const char *file_kind_problem(int dir_fd, const char *path, unsigned char type) {
        return type == DT_REG ? NULL : file_odd_kind_problem(dir_fd, path);
}

/* For a negative errno of fsat_read(). */
const char *file_read_problem(ssize_t error);
