/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Writes a bundle (handoff.h): into a directory of another name beside, which is then renamed, so
 * that what has the name is complete. A rename takes the place of an empty directory and of nothing
 * else.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/log.h"

#include "handoff.h"

/* "NAME.conf.d/10-x.conf": its directory, one level is all there is. */
static int make_parent(int dir_fd, const char *path) {
        const char *slash = strchr(path, '/');
        char parent[NAME_MAX + 1];
        int r;

        if (!slash)
                return 0;
        snprintf(parent, sizeof(parent), "%.*s", (int) (slash - path), path);
        r = fsat_mkdir(dir_fd, parent);
        if (r == 0 && fchmodat(dir_fd, parent, 0755, 0) < 0)
                r = -errno;
        return r;
}

static int write_file(int dir_fd, const BundleFile *f) {
        const FsatContent content = { strbuf_text(&f->text), f->text.len, f->mode, true };
        int r = make_parent(dir_fd, f->path);

        return r < 0 ? r : fsat_create(dir_fd, f->path, &content);
}

static void remove_all(const Bundle *b, int dir_fd, const char *dir) {
        for (size_t i = 0; i < b->n; i++)
                (void) unlinkat(dir_fd, b->files[i].path, 0);
        for (size_t i = 0; i < b->n; i++) {
                const char *slash = strchr(b->files[i].path, '/');
                char parent[NAME_MAX + 1];

                if (!slash)
                        continue;
                snprintf(parent, sizeof(parent), "%.*s", (int) (slash - b->files[i].path),
                         b->files[i].path);
                (void) unlinkat(dir_fd, parent, AT_REMOVEDIR);
        }
        (void) rmdir(dir);
}

static int complain(const char *dir, int error) {
        if (error == -ENOTEMPTY || error == -EEXIST)
                log_line(LOG_ERR,
                         "%s: is not empty, and nothing in it is replaced; name another directory",
                         dir);
        else if (error == -EBUSY || !*dir)
                log_line(LOG_ERR, "%s: name the new directory itself, such as ./bundle",
                         *dir ? dir : "\"\"");
        else
                log_line(LOG_ERR, "%s: %s", dir, strerror(-error));
        return error;
}

static int fill(const Bundle *b, int dir_fd) {
        int r = fchmod(dir_fd, 0755) < 0 ? -errno : 0;

        for (size_t i = 0; i < b->n && r == 0; i++)
                r = write_file(dir_fd, &b->files[i]);
        return r == 0 && fsync(dir_fd) < 0 ? -errno : r;
}

int bundle_write(const Bundle *b, const char *dir) {
        _cleanup_close_ int fd = -EBADF;
        char temporary[PATH_MAX];
        int n = (int) strlen(dir), r;

        while (n > 1 && dir[n - 1] == '/')
                n--;
        if (snprintf(temporary, sizeof(temporary), "%.*s.ftectl-%d", n, dir, getpid()) >=
            (int) sizeof(temporary))
                return complain(dir, -ENAMETOOLONG);
        if (mkdir(temporary, 0700) < 0)
                return complain(dir, -errno);
        fd = fsat_open_dir(AT_FDCWD, temporary);
        r = fd < 0 ? fd : fill(b, fd);
        if (r == 0 && rename(temporary, dir) < 0)
                r = -errno;
        if (r == 0)
                return 0;
        if (fd >= 0)
                remove_all(b, fd, temporary);
        return complain(dir, r);
}
