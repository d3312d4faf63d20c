/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The full files beside a log file: PATH.1 is the newest, each plain or compressed (.zst). Moves,
 * counts and removes them, and knows nothing of what is being written or compressed. All calls are
 * relative to the directory, follow no link, and are quick: what takes time is left to a child.
 */

#include "cut.h"

/*
 * Makes place for a new PATH.1 and removes what keep does not allow. The numbers below *ret_gap
 * have moved up. 0, or negative errno when an old file is in the way; then some may have moved, and
 * a second try goes on from there.
 */
int rotated_make_place(int dir_fd, const char *name, unsigned keep, unsigned *ret_gap);

/* The sum of the sizes of all full files. */
uint64_t rotated_total_bytes(int dir_fd, const char *name, unsigned keep);

/* The number of the newest full file that is not compressed, 0 when there is none but those. */
unsigned rotated_next_plain(int dir_fd, const char *name, unsigned keep, const NumberSet *but);

/* Opens one for reading. The descriptor, or -1 with errno. */
int rotated_open(int dir_fd, const char *file);

/* Removes a file, which need not be there. The blocks of a large one are freed by a child. */
int rotated_remove(int dir_fd, const char *file);

/* Closes the last descriptor of a file that may be large and has no name any more. */
void rotated_close_unlinked(int fd);
