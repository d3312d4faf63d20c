/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A directory of code to a tar archive that has the same bytes whenever the code is the same:
 * sorted, without owners and times. What is made again by every build, and what git keeps, is left
 * out.
 */

#include "base/strbuf.h"

typedef struct Pack {
        uint64_t bytes_max, files_max;
        uint64_t bytes, files;
        StrBuf problem;
} Pack;

/* Writes to out_fd. -EBADMSG: p->problem says which file, and why. */
int pack_run(Pack *p, const char *dir, int out_fd);
