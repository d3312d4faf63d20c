/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Unpacks whatever comes as the code of a release, below a directory of its own: it must say what
 * is wrong, and leave no link that leads out, no device and nothing beside that directory. And the
 * names of members, links and wheels alone.
 */

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/tree.h"
#include "name.h"
#include "unpack.h"
#include "wheel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int look(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        char real[PATH_MAX];

        if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode) && !S_ISLNK(st->st_mode))
                abort();
        if (st->st_mode & (S_ISUID | S_ISGID))
                abort();
        if (S_ISLNK(st->st_mode) && realpath(path, real) && !startswith(real, "/tmp/fte-fuzz."))
                abort();
        return 0;
}

static void unpack(const char *text, size_t size) {
        _cleanup_close_ int fd = memfd_create("fuzz", MFD_CLOEXEC), parent_fd = -EBADF;
        Unpack u = { .dir_fd = -EBADF, .bytes_max = 1 << 20, .files_max = 1000 };
        char dir[] = "/tmp/fte-fuzz.XXXXXX", tree[64];
        _cleanup_strbuf_ StrBuf wheel = { 0 };
        int r;

        if (!mkdtemp(dir) || fd_write_all(fd, text, size) < 0 || lseek(fd, 0, SEEK_SET) != 0)
                return;
        snprintf(tree, sizeof(tree), "%s/tree", dir);
        parent_fd = fsat_open_dir(AT_FDCWD, dir);
        u.dir_fd = tree_open_dir(parent_fd, "tree", 0755);
        (void) wheel_name(fd, &wheel);
        (void) lseek(fd, 0, SEEK_SET);
        r = unpack_run(&u, fd);
        if (r < 0 && r != -ENOMEM && u.problem.len == 0)
                abort(); /* it must say what is wrong */
        if (r == 0)
                (void) nftw(tree, look, 16, FTW_PHYS);
        if (r == 0)
                (void) unpack_flatten(u.dir_fd);
        close(u.dir_fd);
        unpack_done(&u);
        (void) tree_remove(parent_fd, "tree");
        if (rmdir(dir) < 0)
                abort(); /* there is something beside the tree */
}

static void names(const char *text) {
        _cleanup_strbuf_ StrBuf clean = { 0 }, again = { 0 }, wheel = { 0 };

        if (name_clean(text, &clean) == 0) {
                const char *s = strbuf_text(&clean);

                if (*s == '/' || streq(s, "..") || startswith(s, "../") || strstr(s, "/../") ||
                    name_clean(s, &again) < 0 || !streq(strbuf_text(&again), s))
                        abort();
                (void) name_link_is_inside(s, text);
        }
        if (wheel_name_from("desk-1.0.dist-info", text, &wheel) == 0 &&
            strchr(strbuf_text(&wheel), '/'))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char *text;

        if (size == 0 || data[0] != 'N') {
                unpack((const char *) data, size);
                return 0;
        }
        text = strndup((const char *) data + 1, size - 1);
        if (text)
                names(text);
        free(text);
        return 0;
}
