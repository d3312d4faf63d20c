/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * env/value.h. Whatever ends it, the terminal gets its echo back.
 */

#include <signal.h>
#include <stdio.h>
#include <termios.h>

#include "base/log.h"

#include "value.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int signal _unused_) {
        interrupted = 1;
}

/*
 * Until the end, on a terminal until the end of the line: without that somebody gave up, or the
 * connection is gone. Signals end it, so that echo comes back.
 */
static int read_bytes(bool terminal, char *value, size_t *ret_n) {
        size_t n = 0;

        while (n < VALUE_MAX_BYTES && !interrupted) {
                ssize_t k = read(STDIN_FILENO, value + n, VALUE_MAX_BYTES - n);

                if (k < 0 && errno != EINTR)
                        return -errno;
                if (k == 0)
                        break;
                n += k > 0 ? (size_t) k : 0;
                if (terminal && n > 0 && value[n - 1] == '\n')
                        break;
        }
        *ret_n = n;
        if (interrupted)
                return -ECANCELED;
        if (terminal && n > 0 && value[n - 1] != '\n' && n < VALUE_MAX_BYTES)
                return -EPIPE;
        return n < VALUE_MAX_BYTES ? 0 : -EFBIG;
}

static int read_hidden(const char *name, char *value, size_t *ret_n) {
        static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
        struct termios before, quiet;
        int r;

        if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0)
                return read_bytes(false, value, ret_n);
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
                sigaction(signals[i], &(struct sigaction){ .sa_handler = on_signal }, NULL);
        fprintf(stderr, "Value of %s (it is not shown): ", name);
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t) ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
        r = read_bytes(true, value, ret_n);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
        return r;
}

static const char *describe(int error) {
        static const struct {
                int error;
                const char *text;
        } rows[] = {
                { -EFBIG, "the value is too long" },
                { -EINVAL, "the value holds a NUL byte" },
                { -ECANCELED, "interrupted" },
                { -EPIPE, "the input ended in the middle of the line" },
                { -ENODATA, "no value came; to empty or remove a variable use an editor" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (rows[i].error == error)
                        return rows[i].text;
        return strerror(-error);
}

/* One line end, as "echo" adds it, is not part of the value. */
int env_value_read(const char *name, char *value) {
        size_t n = 0;
        int r = read_hidden(name, value, &n);

        if (n > 0 && value[n - 1] == '\n')
                n--;
        value[n] = 0;
        if (r == 0 && strlen(value) != n)
                r = -EINVAL;
        /* Never meant: a pipe whose first command failed, or Ctrl-D. */
        if (r == 0 && n == 0)
                r = -ENODATA;
        if (r < 0)
                log_line(LOG_ERR, "%s: nothing is changed: %s", name, describe(r));
        return r;
}
