/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reads back numbered lines from a log and its rotated files. Pure but for the reading.
 */

#include "base/macro.h"

#define FLOOD_LINES     5000
#define FLOOD_MAX_BYTES (64 * 1024)
#define FLOOD_KEEP      3
#define FLOOD_PADDING                                                                              \
        "........................................................................................" \
        "........"
#define FLOOD_FORMAT "flood %08.0f " FLOOD_PADDING

typedef struct FloodResult {
        size_t files, lines;
        const char *problem; /* static, or NULL: all is well */
} FloodResult;

/* Of app.log, app.log.1 … in a directory. Negative errno when it cannot be read. */
int flood_read(int dir_fd, const char *path, FloodResult *ret);
