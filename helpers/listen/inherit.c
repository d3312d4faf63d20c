/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * inherit.h: $LISTEN_PID, $LISTEN_FDS and $LISTEN_FDNAMES. The chain keeps its PID, so what was
 * meant for its first program is meant for us and for whom we become.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/parse.h"
#include "base/strbuf.h"
#include "inherit.h"

#define FIRST_FD 3

static size_t count_passed(void) {
        const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
        uint64_t n;

        if (!pid || !fds || parse_uint(pid, INT32_MAX, &n) < 0 || n != (uint64_t) getpid() ||
            parse_uint(fds, INHERITED_MAX, &n) < 0)
                return 0;
        return (size_t) n;
}

int inherit_take(const ListenAddress *a, Inherited *ret) {
        static char nothing[] = "";
        char *names = getenv("LISTEN_FDNAMES");
        size_t n = count_passed();

        *ret = (Inherited){ .own_fd = -EBADF };
        for (size_t i = 0; i < n; i++) {
                char *name = names ? strsep(&names, ":") : NULL;
                int fd = fcntl(FIRST_FD + (int) i, F_DUPFD_CLOEXEC, FIRST_FD + INHERITED_MAX + 1);

                if (fd < 0)
                        return -errno;
                close(FIRST_FD + (int) i);
                if (!name || !streq(name, LISTEN_NAME)) {
                        ret->names[ret->n] = name ? name : nothing;
                        ret->fds[ret->n++] = fd;
                } else if (ret->own_fd < 0 && address_is_of(a, fd))
                        ret->own_fd = fd;
                else {
                        ret->was_other = true;
                        close(fd);
                }
        }
        return 0;
}

static int set_number(const char *name, unsigned long long n) {
        char text[24];

        snprintf(text, sizeof(text), "%llu", n);
        return setenv(name, text, 1) < 0 ? -errno : 0;
}

int inherit_pass(const Inherited *in, int fd) {
        _cleanup_strbuf_ StrBuf names = { 0 };
        int r;

        strbuf_add(&names, LISTEN_NAME);
        /* It may stand there already, and then dup2() would leave it to be closed by exec. */
        if (dup2(fd, FIRST_FD) < 0 || fcntl(FIRST_FD, F_SETFD, 0) < 0)
                return -errno;
        for (size_t i = 0; i < in->n; i++) {
                if (dup2(in->fds[i], FIRST_FD + 1 + (int) i) < 0)
                        return -errno;
                strbuf_addc(&names, ':');
                strbuf_add(&names, in->names[i]);
        }
        r = strbuf_check(&names);
        if (r == 0)
                r = set_number("LISTEN_PID", (unsigned long long) getpid());
        if (r == 0)
                r = set_number("LISTEN_FDS", in->n + 1);
        if (r == 0 && setenv("LISTEN_FDNAMES", strbuf_text(&names), 1) < 0)
                r = -errno;
        return r;
}
