/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Memory, files relative to a directory, and the small inline functions of macro.h.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/fsat.h"
#include "base/strbuf.h"

static void test_strbuf(void **state) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        assert_string_equal(strbuf_text(&b), "");
        strbuf_add(&b, "");
        strbuf_addf(&b, "%s-%d", "x", 7);
        strbuf_addc(&b, '!');
        strbuf_add_uint(&b, 0);
        strbuf_add_uint(&b, UINT64_MAX);
        assert_string_equal(strbuf_text(&b), "x-7!018446744073709551615");
        strbuf_reset(&b);
        for (int i = 0; i < 5000; i++)
                strbuf_add_bytes(&b, "ab\0", 3);
        assert_int_equal(b.len, 15000);
        assert_int_equal(b.text[b.len], 0);
        assert_memory_equal(b.text + 14997, "ab", 3);
        assert_int_equal(strbuf_check(&b), 0);
}

static void test_strbuf_failure_is_remembered(void **state) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        strbuf_add(&b, "kept");
        assert_int_equal(strbuf_reserve(&b, SIZE_MAX - 2), -ENOMEM);
        assert_int_equal(strbuf_check(&b), -ENOMEM);
        assert_string_equal(strbuf_text(&b), "kept");
        strbuf_reset(&b);
        assert_int_equal(strbuf_check(&b), 0);
}

static void test_arena(void **state) {
        _cleanup_arena_ Arena a = { 0 };
        char *big, *s = arena_printf(&a, "%d-%s", 5, "x");

        assert_string_equal(s, "5-x");
        assert_string_equal(arena_strdup(&a, ""), "");
        assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
        for (size_t n = 1; n < 3000; n += 7) {
                char *p = arena_alloc(&a, n);

                assert_int_equal((uintptr_t) p % _Alignof(max_align_t), 0);
                for (size_t i = 0; i < n; i++)
                        assert_int_equal(p[i], 0);
                memset(p, 0xAA, n);
                arena_alloc_text(&a, n % 5); /* puts the next out of line */
        }
        big = arena_alloc(&a, 1000000);
        memset(big, 1, 1000000);
        assert_string_equal(s, "5-x");
        assert_false(arena_failed(&a));
        arena_reset(&a);
        memset(arena_alloc_text(&a, 900000), 2, 900000);
}

static void test_arena_failure_is_remembered(void **state) {
        _cleanup_arena_ Arena a = { 0 };

        assert_non_null(arena_alloc(&a, 3));
        assert_null(arena_alloc(&a, SIZE_MAX));
        assert_null(arena_alloc(&a, SIZE_MAX - 20));
        assert_null(arena_alloc_text(&a, SIZE_MAX - 5));
        assert_true(arena_failed(&a));
        assert_non_null(arena_alloc(&a, 3));
        arena_done(&a);
        assert_true(arena_failed(&a));
}

typedef struct TestDir {
        char path[64];
        int fd;
} TestDir;

static int dir_setup(void **state) {
        static TestDir d;

        strcpy(d.path, "/tmp/fte-test-base-XXXXXX");
        if (!mkdtemp(d.path))
                return -1;
        d.fd = open(d.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        *state = &d;
        return d.fd < 0 ? -1 : 0;
}

static int dir_teardown(void **state) {
        static const char *const names[] = { "a", "b", "fifo", "link", "loop", "file" };
        TestDir *d = *state;

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                (void) unlinkat(d->fd, names[i], 0);
        (void) unlinkat(d->fd, "dir", AT_REMOVEDIR);
        close(d->fd);
        return rmdir(d->path);
}

#define assert_written(...)                                                                        \
        do {                                                                                       \
                int _fd = fsat_write(__VA_ARGS__);                                                 \
                assert_true(_fd >= 0);                                                             \
                close(_fd);                                                                        \
        } while (0)

static void test_fsat_read_write(void **state) {
        TestDir *d = *state;
        struct stat st;
        char buf[9];

        umask(022);
        assert_written(d->fd, "a", "12345678", 8);
        assert_int_equal(fstatat(d->fd, "a", &st, 0), 0);
        assert_int_equal(st.st_mode, S_IFREG | 0644);
        assert_int_equal(fsat_read(d->fd, "a", buf, sizeof(buf)), 8);
        assert_string_equal(buf, "12345678");
        assert_int_equal(fsat_read(d->fd, "a", buf, 8), -EFBIG);
        assert_written(d->fd, "a", "xy", 2);
        assert_int_equal(fsat_read(d->fd, "a", buf, 3), 2);
        assert_string_equal(buf, "xy");
        assert_written(d->fd, "a", "", 0);
        assert_int_equal(fsat_read(d->fd, "a", buf, 1), 0);
        assert_int_equal(fsat_read(d->fd, "none", buf, sizeof(buf)), -ENOENT);
        assert_int_equal(fsat_write(d->fd, "none/a", "", 0), -ENOENT);
}

static void test_fsat_odd_files(void **state) {
        TestDir *d = *state;
        char buf[16];

        assert_int_equal(mkfifoat(d->fd, "fifo", 0600), 0);
        assert_int_equal(fsat_read(d->fd, "fifo", buf, sizeof(buf)), 0); /* and does not block */
        assert_int_equal(fsat_read(d->fd, ".", buf, sizeof(buf)), -EISDIR);
        assert_int_equal(fsat_symlink("loop", d->fd, "loop"), 0);
        assert_int_equal(fsat_read(d->fd, "loop", buf, sizeof(buf)), -ELOOP);
        assert_int_equal(fsat_write(d->fd, "loop", "x", 1), -ELOOP);
}

/* A link is no output file, and what it points to is left alone. */
static void test_fsat_write_follows_no_link(void **state) {
        TestDir *d = *state;

        assert_int_equal(fsat_symlink("file", d->fd, "link"), 0);
        assert_int_equal(fsat_write(d->fd, "link", "x", 1), -ELOOP);
        assert_int_equal(faccessat(d->fd, "file", F_OK, 0), -1);
}

static void test_fsat_symlink(void **state) {
        TestDir *d = *state;
        char buf[16] = "";

        assert_int_equal(fsat_symlink("one", d->fd, "b"), 0);
        assert_int_equal(fsat_symlink("two", d->fd, "b"), 0);
        assert_int_equal(readlinkat(d->fd, "b", buf, sizeof(buf)), 3);
        assert_string_equal(buf, "two");
        assert_int_equal(fsat_mkdir(d->fd, "dir"), 0);
        assert_true(fsat_symlink("x", d->fd, "dir") < 0);
}

static void test_fsat_mkdir(void **state) {
        TestDir *d = *state;
        int fd;

        assert_int_equal(fsat_mkdir(d->fd, "dir"), 0);
        assert_int_equal(fsat_mkdir(d->fd, "dir"), 0);
        assert_written(d->fd, "file", "", 0);
        assert_int_equal(fsat_mkdir(d->fd, "file"), -ENOTDIR);
        assert_int_equal(fsat_mkdir(d->fd, "none/dir"), -ENOENT);
        fd = fsat_open_dir(d->fd, "dir");
        assert_true(fd >= 0);
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        close(fd);
        assert_int_equal(fsat_open_dir(d->fd, "file"), -ENOTDIR);
        assert_int_equal(fsat_open_dir(d->fd, "none"), -ENOENT);
}

static void test_macros(void **state) {
        assert_true(streq_ptr(NULL, NULL));
        assert_false(streq_ptr("a", NULL));
        assert_string_equal(startswith("abc", "ab"), "c");
        assert_null(startswith("a", "ab"));
        assert_string_equal(endswith("abc", "bc"), "bc");
        assert_null(endswith("c", "bc"));
        assert_true(isempty(NULL) && isempty("") && !isempty("a"));
}

#define dir_test(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_strbuf),
                cmocka_unit_test(test_strbuf_failure_is_remembered),
                cmocka_unit_test(test_arena),
                cmocka_unit_test(test_arena_failure_is_remembered),
                dir_test(test_fsat_read_write),
                dir_test(test_fsat_odd_files),
                dir_test(test_fsat_write_follows_no_link),
                dir_test(test_fsat_symlink),
                dir_test(test_fsat_mkdir),
                cmocka_unit_test(test_macros),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
