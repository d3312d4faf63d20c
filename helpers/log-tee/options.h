/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line of fte-log-tee.
 */

#include "base/macro.h"

/* What is to be written where. */
typedef struct LogSettings {
        const char *path; /* absolute */
        const char *name; /* its last part */
        uint64_t max_bytes;
        unsigned keep;
        bool compress;
} LogSettings;

typedef struct Options {
        LogSettings log;
        char **command; /* into argv, never empty */
} Options;

/*
 * Fills *ret and returns -1, or prints what is to be printed (help, version, a usage error) and
 * returns the exit status.
 */
int options_parse(int argc, char **argv, Options *ret);
