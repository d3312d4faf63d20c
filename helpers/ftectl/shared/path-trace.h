/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where a path leads, link by link, below a root. Unlike realpath(3) it tells which link led where,
 * and stops at places of interest on the way: a venv's python may be a link to a link into /root.
 */

#include <limits.h>

#include "base/macro.h"

typedef struct Trace {
        char path[PATH_MAX];   /* the end: no link in it; with an error as far as it got */
        char link[PATH_MAX];   /* the last link that was followed, "" without one */
        char target[PATH_MAX]; /* what that link says */
        const char *hidden;    /* the first of the prefixes that the way led into, or NULL */
        char hidden_link[PATH_MAX];   /* the link that led there, "" when the path itself did */
        char hidden_target[PATH_MAX]; /* what it says */
        int error;             /* 0; -ENOENT: the end or a link's target is missing; -ELOOP … */
} Trace;

/*
 * Follows path, which is absolute, below root_fd. prefixes are directories without a slash at their
 * end, NULL-terminated.
 */
void path_trace(int root_fd, const char *path, const char *const *prefixes, Trace *ret);
