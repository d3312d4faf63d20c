/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One ftectl apply at a time, and one deployment of an agent: a lock that ends with the process,
 * and in the file who holds it.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/log.h"
#include "base/show.h"
#include "base/tree.h"

#include "apply.h"
#include "ftectl/shared/terminal.h"

static int open_lock(const char *root, const char *name) {
        _cleanup_close_ int run_fd = -EBADF, dir_fd = -EBADF;
        char path[PATH_MAX];
        int fd;

        if (snprintf(path, sizeof(path), "%s/run", root) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        run_fd = fsat_open_dir(AT_FDCWD, path);
        if (run_fd < 0)
                return run_fd;
        dir_fd = tree_open_dir(run_fd, "fte", 0755);
        if (dir_fd < 0)
                return dir_fd;
        /* A lock on a file that others can open could be held by them. */
        fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        return fd < 0 ? -errno : fd;
}

static void add_holder(int fd, StrBuf *b) {
        char text[256];
        ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

        text[MAX(n, (ssize_t) 0)] = 0;
        text[strcspn(text, "\n")] = 0;
        if (*text)
                show_string(b, text);
        else
                strbuf_add(b, "a process that does not say who it is");
}

static void write_holder(int fd) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        const char *user = getenv("SUDO_USER"), *terminal = ttyname(STDIN_FILENO);

        strbuf_addf(&b, "PID %d", getpid());
        if (!isempty(user))
                strbuf_addf(&b, " of %.64s", user);
        if (terminal)
                strbuf_addf(&b, " on %.64s", terminal);
        strbuf_add(&b, ", since ");
        show_time(&b, now_usec());
        strbuf_addc(&b, '\n');
        if (ftruncate(fd, 0) == 0)
                (void) !pwrite(fd, strbuf_text(&b), b.len, 0);
}

int apply_lock_for(const char *root, const char *name, const char *what, uint64_t wait_usec) {
        _cleanup_close_ int fd = open_lock(root, name);
        _cleanup_strbuf_ StrBuf holder = { 0 };
        int r = fd < 0 ? fd : fsat_lock(fd, 0);

        if (r == -EAGAIN) {
                add_holder(fd, &holder);
                log_line(LOG_NOTICE, "another %s is at work (%s); waiting for it", what,
                         strbuf_text(&holder));
                r = fsat_lock(fd, wait_usec);
        }
        if (r == -EAGAIN) {
                strbuf_reset(&holder);
                add_holder(fd, &holder);
                log_line(LOG_ERR,
                         "another %s is still at work (%s); nothing was done, try again when it is "
                         "over",
                         what, strbuf_text(&holder));
        } else if (r < 0)
                log_line(LOG_ERR, "%s/run/fte/%s: %s", root, name, strerror(-r));
        if (r < 0)
                return r;
        write_holder(fd);
        return TAKE_FD(fd);
}

int apply_lock(const char *root, uint64_t wait_usec) {
        return apply_lock_for(root, "apply.lock", "ftectl apply", wait_usec);
}
