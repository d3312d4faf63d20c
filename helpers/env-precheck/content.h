/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where the text of the env file comes from: the credential that systemd passed, read as root
 * before the service became an ordinary user, or else the file itself.
 */

#include <sys/stat.h>

#include "base/strbuf.h"

typedef struct Content {
        char *text; /* len bytes; secret */
        size_t len;
} Content;

/*
 * st is what file_check() saw of path. Returns 0 and *ret; -EBADMSG when there is nothing to read,
 * with a line about it in problems; -ENOMEM.
 */
int content_read(const char *path, const struct stat *st, StrBuf *problems, Content *ret);

/* Overwrites the text, then frees it. */
void content_done(Content *c);
