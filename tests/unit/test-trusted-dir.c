/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * base/trusted-dir: which ways are walked, which are refused, and which are walked and not trusted.
 */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/fsat.h"
#include "base/trusted-dir.h"

static char dir_path[] = "/tmp/fte-trusted.XXXXXX";
static int root_fd = -EBADF;

static void make_dir(const char *path, mode_t mode) {
        assert_int_equal(mkdirat(root_fd, path, 0700), 0);
        assert_int_equal(fchmodat(root_fd, path, mode, 0), 0);
}

/* A directory of each kind, and one in each of them. */
static int setup(void **state _unused_) {
        static const struct {
                const char *path;
                mode_t mode;
        } dirs[] = {
                { "good", 0755 },   { "good/in", 0755 },   { "group", 0775 },  { "group/in", 0755 },
                { "all", 0777 },    { "all/in", 0755 },    { "sticky", 01777 }, { "sticky/in", 0755 },
                { "theirs", 0755 }, { "theirs/in", 0755 },
        };

        if (!mkdtemp(dir_path))
                return -1;
        root_fd = fsat_open_dir(AT_FDCWD, dir_path);
        for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
                make_dir(dirs[i].path, dirs[i].mode);
        close(fsat_write(root_fd, "file", "", 0));
        assert_int_equal(fsat_symlink("good", root_fd, "link"), 0);
        assert_int_equal(fsat_symlink(dir_path, root_fd, "good/absolute"), 0);
        assert_int_equal(fsat_symlink("../in", root_fd, "good/in/back"), 0);
        return geteuid() == 0 ? fchownat(root_fd, "theirs", 65533, 65533, 0) : 0;
}

static int teardown(void **state _unused_) {
        char command[64];

        close(root_fd);
        snprintf(command, sizeof(command), "rm -r %s", dir_path);
        return system(command);
}

static const struct {
        const char *path;
        int r;
        bool trusted, needs_root;
        size_t bad_bytes;
        const char *base;
} rows[] = {
        { "/f", 0, true, false, 0, "f" },
        { "f", 0, true, false, 0, "f" },
        { "/good/in/f", 0, true, false, 0, "f" },
        { "//good//./in///f", 0, true, false, 0, "f" },
        { "/group/f", 0, false, false, 6, "f" },
        { "/group/in/f", 0, false, false, 6, "f" },
        { "/all/in/f", 0, false, false, 4, "f" },
        { "/theirs/f", 0, false, true, 7, "f" },
        { "/theirs/in/f", 0, false, true, 7, "f" },
        { "/sticky/f", 0, false, false, 7, "f" },
        { "/sticky/in/f", 0, true, false, 0, "f" },
        { "/link/f", -ELOOP, false, false, 5, NULL },
        { "/link/in/f", -ELOOP, false, false, 5, NULL },
        { "/good/absolute/f", -ELOOP, false, false, 14, NULL },
        { "/good/in/back/f", -ELOOP, false, false, 13, NULL },
        { "/good/../good/f", -EINVAL, false, false, 8, NULL },
        { "/good/in/..", -EINVAL, false, false, 0, NULL },
        { "/good/in/.", -EINVAL, false, false, 0, NULL },
        { "/", -EINVAL, false, false, 0, NULL },
        { "", -EINVAL, false, false, 0, NULL },
        { "/good/", -EINVAL, false, false, 0, NULL },
        { "/none/f", -ENOENT, false, false, 5, NULL },
        { "/file/f", -ENOTDIR, false, false, 5, NULL },
};

static void test_ways(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                TrustedDir d;
                int r;

                if (rows[i].needs_root && geteuid() != 0)
                        continue;
                r = trusted_dir_open(root_fd, rows[i].path, false, &d);
                if (r != rows[i].r || (r < 0) != (d.fd < 0) || d.bad_bytes != rows[i].bad_bytes)
                        fail_msg("%s: %d, %zu", rows[i].path, r, d.bad_bytes);
                if (r == 0 && (d.trusted != rows[i].trusted || !streq(d.base, rows[i].base)))
                        fail_msg("%s: %d, %s", rows[i].path, d.trusted, d.base);
                trusted_dir_close(&d);
        }
}

static void test_make(void **state _unused_) {
        TrustedDir d;

        assert_int_equal(trusted_dir_open(root_fd, "/good/new/f", true, &d), 0);
        assert_true(d.trusted);
        trusted_dir_close(&d);
        assert_int_equal(trusted_dir_open(root_fd, "/good/a/b/f", true, &d), -ENOENT);
        assert_int_equal(trusted_dir_open(root_fd, "/all/new/f", true, &d), -EPERM);
        assert_int_equal(faccessat(root_fd, "all/new", F_OK, 0), -1);
        assert_int_equal(faccessat(root_fd, "good/a", F_OK, 0), -1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ways),
                cmocka_unit_test(test_make),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
