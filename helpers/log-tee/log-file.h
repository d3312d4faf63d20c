/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The file's side: appends the agent's output in whole lines, begins a new file before the limit is
 * exceeded, and notices when somebody took the file away. Whatever goes wrong with the file stops
 * the file and never the agent: it is said once on the journal, tried again now and then, and said
 * again when it is over, with the number of bytes that the file lacks.
 */

#include "compressor.h"
#include "journal.h"
#include "options.h"

typedef struct LogFile {
        const LogSettings *settings;
        Journal *journal;
        Compressor compressor;
        int dir_fd, fd; /* -EBADF while the file is stopped */
        Fill fill;
        uint64_t old_bytes;       /* of the full files, when the compressor was started */
        NumberSet incompressible; /* full files that do not get half as long */
        uint64_t missing_bytes;   /* of output that is not in the file */
        uint64_t now_usec, check_usec, retry_usec, retry_delay_usec;
        bool is_mid_line;     /* the last byte of the agent's output was no line end */
        bool skips_line;      /* the file goes on with the next line */
        bool must_rotate;     /* this file is full, and the next one could not be had */
        bool is_stopped;      /* and that was said */
        bool compress_failed; /* and that was said */
} LogFile;

void log_file_open(LogFile *f, const LogSettings *settings, Journal *journal, uint64_t now_usec);

/* Output of the agent, at least a byte. */
void log_file_write(LogFile *f, const char *data, size_t len, uint64_t now_usec);

/* Opens the path anew: whoever moved the file away wants another one. */
void log_file_reopen(LogFile *f);

/* The output is at its end, and so is the process. */
void log_file_finish(LogFile *f);
