/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The pure parts of the log tee: where a file ends and the next begins, and what old files are
 * called. Nothing here touches a file.
 */

#include <limits.h>

#include "base/macro.h"

/* What a file holds that lines are appended to. */
typedef struct Fill {
        uint64_t size_bytes;
        uint64_t line_start; /* behind its last line end: == size_bytes when no line is open */
} Fill;

typedef struct Cut {
        size_t append_bytes; /* so much of the data goes to this file */
        bool rotate;         /* and the rest to the next one */
} Cut;

/* While a line is moved nobody reads the agent's output: a longer one is split instead. */
#define MOVED_LINE_BYTES_MAX (64 << 10)

/* Whether the line that is open at the file's end may be moved. */
bool fill_may_move_line(const Fill *fill);

/*
 * Where to cut data that is to follow what the file holds, which never exceeds limit_bytes. A line
 * that is open at the file's end and does not fit must move to the next file if it may and is not
 * the only one: the caller sees that in line_start > 0 with line_start < size_bytes after
 * appending.
 */
Cut cut_find(const Fill *fill, uint64_t limit_bytes, const char *data, size_t len);

/* Counts data that was appended. */
void fill_append(Fill *fill, const char *data, size_t len);

typedef enum RotatedKind {
        ROTATED_PLAIN,
        ROTATED_ZSTD,
        _ROTATED_KIND_MAX,
} RotatedKind;

/* The most that --keep= may be. */
#define KEEP_MAX 1000

/* Some of the full files, by number. */
typedef struct NumberSet {
        uint8_t bits[KEEP_MAX / 8 + 1];
} NumberSet;

bool number_set_has(const NumberSet *set, unsigned number);
void number_set_add(NumberSet *set, unsigned number);

/* The full files below number gap have moved up by one, and number 1 is new. */
void number_set_move_up(NumberSet *set, unsigned gap);

#define LOG_NAME_BYTES_MAX (NAME_MAX - sizeof(".1000.zst.tmp"))

/* "app.log.1" or "app.log.1.zst"; name has at most LOG_NAME_BYTES_MAX bytes. */
void rotated_name(char buf[static NAME_MAX + 1], const char *name, unsigned number,
                  RotatedKind kind);

/* What the compressor writes to. */
void rotated_temporary(char buf[static NAME_MAX + 1], const char *name);
