/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The rules on the env file itself: what it is, whose it is, who may read it, where it lies. They
 * are checked on the original path even when systemd has handed over the content, because a
 * credential is always tidy: 0400, and empty when the file is missing.
 */

#include <sys/stat.h>

#include "base/strbuf.h"

/* The service's user, who may own the file beside root. */
typedef struct FileUser {
        const char *name; /* for the commands that are proposed; NULL: not known */
        uid_t uid;
} FileUser;

/*
 * Appends a line to problems for each rule that path breaks. Returns true when path is a regular
 * file, with *ret_st filled: only then is there any sense in looking at its content.
 */
bool file_check(const char *path, const FileUser *user, StrBuf *problems, struct stat *ret_st);

/*
 * NULL when a file system of this statfs(2) f_type keeps owners and modes, else its name. name is
 * what /proc/self/mountinfo calls it, needed for FUSE only ("" if it is not known).
 */
const char *file_system_without_modes(uint64_t f_type, const char *name);
