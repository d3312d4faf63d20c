/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Runs another program to its end and keeps what it says: sshd -T, nginx -t, restic. No shell, none
 * of our descriptors, a fixed environment and a time limit. For programs of the system that are
 * trusted with our privileges; it does not drop any.
 */

#include "base/strbuf.h"

typedef struct RunOptions {
        const char *const *argv;   /* NULL-terminated; argv[0] is searched for in our PATH */
        const char *const *setenv; /* more NAME=VALUE, NULL-terminated; or NULL */
        const char *input;         /* its standard input; NULL: empty */
        size_t input_len;
        uint64_t timeout_usec; /* then its process group is killed; 0: a minute */
        size_t output_max;     /* bytes of output that are kept from its beginning; 0: 64 KiB */
        /* Twice a second, as long as it keeps its outputs open; or NULL. */
        void (*tick)(void *userdata);
        void *userdata;
} RunOptions;

#define RUN_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * Returns its exit status, 128 + the signal that ended it, or: -ENOENT, -EACCES … it could not be
 * started; -ETIMEDOUT; -ENOMEM. What it wrote to standard output and error goes to ret_output, in
 * the order it was written; standard output alone when ret_errors, which takes the other, is not
 * NULL. Each may be NULL: then it is read and thrown away.
 */
int run_program(const RunOptions *o, StrBuf *ret_output, StrBuf *ret_errors);
