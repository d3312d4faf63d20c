/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The logger of log.h. Owns one descriptor and the program's name. Must never be called with a
 * value that could be a secret: that is each caller's duty, nothing here can tell.
 */

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/show.h"

/* The kernel keeps at most about 1 KiB of a record, systemd's reader a little less. */
#define KMSG_BYTES  960
#define LINGER_USEC 300000

static struct {
        const char *program;
        int fd;
        bool kmsg;
        bool prefix;
        void (*before)(void);
} state = { .program = "fte", .fd = STDERR_FILENO };

/* Others inherit the variable and write elsewhere, so systemd.exec(5) says to compare. */
static bool is_journal(int fd) {
        const char *stream = getenv("JOURNAL_STREAM");
        unsigned long long device, inode;
        struct stat st;

        return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(fd, &st) == 0 &&
               st.st_dev == device && st.st_ino == inode;
}

void log_open(const char *program, bool to_kmsg) {
        state.program = program;
        state.fd = -EBADF;
        if (to_kmsg)
                state.fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
        state.kmsg = state.fd >= 0;
        if (!state.kmsg)
                state.fd = STDERR_FILENO;
        state.prefix = state.kmsg || is_journal(state.fd);
}

void log_before_line(void (*before)(void)) {
        state.before = before;
}

void log_linger(void) {
        if (state.prefix && !state.kmsg && getenv("MANAGERPID"))
                usleep(LINGER_USEC);
}

/*
 * What others wrote into names and values must not reach a terminal, nor begin a line of its own.
 */
static size_t clean(char *line, size_t len) {
        size_t out = 0;

        for (size_t i = 0, n; i < len; i += n) {
                bool visible;

                n = show_step(line + i, len - i, &visible);
                if (!visible && line[i] != '\t') {
                        line[out++] = '?';
                        continue;
                }
                memmove(line + out, line + i, n);
                out += n;
        }
        return out;
}

void log_line(int priority, const char *format, ...) {
        char line[8192];
        size_t limit = state.kmsg ? KMSG_BYTES : sizeof(line) - 1;
        va_list ap;
        int n = 0;

        if (state.prefix)
                n = snprintf(line, sizeof(line), "<%d>",
                             state.kmsg ? LOG_DAEMON | priority : priority);
        if (state.kmsg)
                n += snprintf(line + n, sizeof(line) - (size_t) n, "%s[%d]: ", state.program,
                              getpid());
        else
                n += snprintf(line + n, sizeof(line) - (size_t) n, "%s: ", state.program);
        va_start(ap, format);
        n += vsnprintf(line + n, sizeof(line) - (size_t) n, format, ap);
        va_end(ap);
        if ((size_t) n >= limit)
                n = (int) limit;
        n = (int) clean(line, (size_t) n);
        if (!state.kmsg)
                line[n++] = '\n';
        if (state.before)
                state.before();
        if (write(state.fd, line, (size_t) n) < 0) {
                /* Nowhere is left to say so. */
        }
}
