/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The way to a path of an agent's data. An administrator may have moved the data away and left a
 * link in their place; a link counts when nobody but root can have made it, in a backup and in a
 * restore alike.
 */

#include "base/strbuf.h"
#include "base/trusted-dir.h"

typedef struct Top {
        TrustedDir dir; /* that holds the last part; its base is in path */
        StrBuf path;    /* absolute, below the root, without links */
} Top;

#define TOP_CLOSED ((Top){ .dir = TRUSTED_DIR_CLOSED })

/*
 * -ENOENT: a directory on the way does not exist; the last part itself may be missing. -EPERM: a
 * link that others than root could have made; -ELOOP: a relative link, one on the way, or too many.
 * top_close() is due even then.
 */
int top_open(int root_fd, const char *path, Top *ret);
void top_close(Top *t);
