/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line of fte-alert-deliver.
 */

#include "base/macro.h"

typedef struct Options {
        const char *spool;
        uint64_t timeout_usec;     /* of an attempt */
        uint64_t linger_usec;      /* with nothing left to send, before the end */
        uint64_t config_wait_usec; /* from a problem of the configuration to the end */
} Options;

/* 0; 1: all is said (--help, --version); -EINVAL: wrong usage, which is logged. */
int options_parse(int argc, char **argv, Options *ret);
