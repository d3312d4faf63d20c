/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line of fte-health-gate.
 */

#include "probe.h"

typedef struct Options {
        HealthCheck check; /* by nothing: nothing is to be probed */
        char **command;    /* into argv, never empty */
} Options;

/*
 * Fills *ret and returns -1, or prints what is to be printed (help, version, a usage error) and
 * returns the exit status.
 */
int options_parse(int argc, char **argv, Options *ret);
