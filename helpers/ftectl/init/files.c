/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The two files of ftectl init. Each appears whole or not at all, and never in the place of
 * another.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/log.h"
#include "base/scope.h"
#include "base/tree.h"
#include "base/trusted-dir.h"

#include "init.h"

typedef struct NewFile {
        const char *path; /* below the root */
        FsatContent content;
} NewFile;

static int complain(const Init *in, const char *path, int error) {
        if (error == -EEXIST)
                log_line(LOG_ERR, "%s%s: exists, and nothing is replaced; move it away first",
                         in->args->root, path);
        else if (error == -ELOOP)
                log_line(LOG_ERR, "%s%s: there is a link on the way to it", in->args->root, path);
        else
                log_line(LOG_ERR, "%s%s: %s", in->args->root, path, strerror(-error));
        return error;
}

static int move_new(int dir_fd, const char *temporary, const char *name) {
        if (renameat2(dir_fd, temporary, dir_fd, name, RENAME_NOREPLACE) < 0) {
                int r = -errno;

                (void) unlinkat(dir_fd, temporary, 0);
                return r;
        }
        return fsync(dir_fd) < 0 ? -errno : 0;
}

static int create(const Init *in, const NewFile *f) {
        _cleanup_(trusted_dir_close) TrustedDir dir = TRUSTED_DIR_CLOSED;
        char temporary[NAME_MAX + 1];
        int r;

        r = trusted_dir_open(in->root_fd, f->path, true, &dir);
        if (r < 0)
                return complain(in, f->path, r);
        if (!dir.trusted) {
                log_line(LOG_ERR,
                         "%s%s: others than root may write into a directory on the way to it; "
                         "correct "
                         "its owner and mode",
                         in->args->root, f->path);
                return -EPERM;
        }
        if (snprintf(temporary, sizeof(temporary), ".%s.ftectl-%d", dir.base, getpid()) > NAME_MAX)
                return complain(in, f->path, -ENAMETOOLONG);
        r = fsat_create(dir.fd, temporary, &f->content);
        if (r == 0)
                r = move_new(dir.fd, temporary, dir.base);
        return r < 0 ? complain(in, f->path, r) : 0;
}

/* The configuration last: it is what a daemon-reload would take up. */
int init_write(const Init *in) {
        const NewFile env = { in->env_file, { in->env_text.text, in->env_text.len, 0600, true } };
        const NewFile conf = { in->file, { in->text.text, in->text.len, 0644, true } };
        /* A person who has no agent yet has no ~/.config/fte either. */
        int r = scope->is_user ? tree_make_parents(in->root_fd, in->file + 1) : 0;

        if (r < 0)
                return complain(in, in->file, r);
        r = in->env_file ? create(in, &env) : 0;

        if (r < 0)
                return r;
        r = create(in, &conf);
        if (r < 0 && in->env_file)
                (void) unlinkat(in->root_fd, in->env_file + 1, 0);
        return r;
}
