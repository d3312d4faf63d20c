/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parts of ftectl that work on texts of files and on paths: differences, links that are
 * followed, env files with a variable set.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "ftectl/env/text.h"
#include "ftectl/shared/diff.h"
#include "ftectl/shared/path-trace.h"

/* ---- differences ---- */

static const struct {
        const char *old, *new, *hunks;
} diff_rows[] = {
        { "", "", "" },
        { "a\nb\n", "a\nb\n", "" },
        { "", "a\n", "@@ -0,0 +1,1 @@\n+a\n" },
        { "a\n", "", "@@ -1,1 +0,0 @@\n-a\n" },
        { "a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n" },
        { "a\nb", "a\nb\nc", "@@ -1,2 +1,3 @@\n a\n b\n+c\n" },
        { "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\nx\n",
          "@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+x\n" },
        { "a\n1\n2\n3\n4\n5\n6\n7\n8\nb\n", "x\n1\n2\n3\n4\n5\n6\n7\n8\ny\n",
          "@@ -1,4 +1,4 @@\n-a\n+x\n 1\n 2\n 3\n@@ -7,4 +7,4 @@\n 6\n 7\n 8\n-b\n+y\n" },
};

static void test_diff(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(diff_rows); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                assert_int_equal(diff_unified(diff_rows[i].old, diff_rows[i].new, &b), 0);
                if (!streq(strbuf_text(&b), diff_rows[i].hunks))
                        fail_msg("row %zu: %s", i, strbuf_text(&b));
        }
}

/* ---- links ---- */

static void test_trace(void **state _unused_) {
        static const char *const hidden[] = { "/root", NULL };
        char dir[] = "/tmp/test-ftectl.XXXXXX";
        Trace t;
        int fd;

        assert_non_null(mkdtemp(dir));
        fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(mkdirat(fd, "a", 0755), 0);
        assert_int_equal(mkdirat(fd, "root", 0755), 0);
        assert_int_equal(symlinkat("../a/../link", fd, "a/relative"), 0);
        assert_int_equal(symlinkat("/root/x", fd, "link"), 0);
        assert_int_equal(symlinkat("loop", fd, "loop"), 0);
        assert_int_equal(symlinkat("/rootless", fd, "near"), 0);

        path_trace(fd, "/a", hidden, &t);
        assert_int_equal(t.error, 0);
        assert_string_equal(t.path, "/a");
        assert_null(t.hidden);

        path_trace(fd, "/a/relative", hidden, &t);
        assert_int_equal(t.error, -ENOENT);
        assert_string_equal(t.hidden, "/root");
        assert_string_equal(t.hidden_link, "/link");
        assert_string_equal(t.hidden_target, "/root/x");

        path_trace(fd, "/loop", hidden, &t);
        assert_int_equal(t.error, -ELOOP);

        path_trace(fd, "/near", hidden, &t);
        assert_int_equal(t.error, -ENOENT);
        assert_null(t.hidden);
        assert_string_equal(t.link, "/near");

        path_trace(fd, "//a/./../root/", hidden, &t);
        assert_int_equal(t.error, 0);
        assert_string_equal(t.hidden, "/root");
        assert_string_equal(t.hidden_link, "");

        unlinkat(fd, "a/relative", 0);
        unlinkat(fd, "link", 0);
        unlinkat(fd, "loop", 0);
        unlinkat(fd, "near", 0);
        unlinkat(fd, "a", AT_REMOVEDIR);
        unlinkat(fd, "root", AT_REMOVEDIR);
        close(fd);
        assert_int_equal(rmdir(dir), 0);
}

/* ---- env files ---- */

static const struct {
        const char *text, *name, *value;
        int r;
        const char *result;
} env_rows[] = {
        { "", "A", "1", 0, "A=1\n" },
        { "", "A", "", 0, "A=\"\"\n" },
        { "# c\nA=1\n\nB=2\n", "A", "x", 0, "# c\nA=x\n\nB=2\n" },
        { "A=1\nB=2", "C", "3", 0, "A=1\nB=2\nC=3\n" },
        { "A=1\nB=2", "B", "3", 0, "A=1\nB=3\n" },
        { "A='1\n2\n3'\nB=2\n", "A", "x", 0, "A=x\nB=2\n" },
        { "A=1\\\n2\nB=2\n", "A", "x", 0, "A=x\nB=2\n" },
        { "export A=1\nB=2\n", "A", "x", 0, "A=x\nB=2\n" },
        { "A=1\n", "AB", "x", 0, "A=1\nAB=x\n" },
        { "AB=1\n", "A", "x", 0, "AB=1\nA=x\n" },
        { "", "A", "a b", 0, "A=\"a b\"\n" },
        { "", "A", "it's \"$5\" \\ `x`", 0, "A=\"it's \\\"\\$5\\\" \\\\ \\`x\\`\"\n" },
        { "", "A", "#no comment", 0, "A=\"#no comment\"\n" },
        { "", "A", "line\nline", 0, "A=\"line\nline\"\n" },
        { "", "A", " \t", 0, "A=\" \t\"\n" },
        { "", "A", "\xc3\xa4", 0, "A=\"\xc3\xa4\"\n" },
        { "", "A", "\xff", -EINVAL, NULL },
        { "", "A", "a\x1b", -EINVAL, NULL },
        { "nonsense\n", "A", "1", -EBADMSG, NULL },
        { "A='1\n", "A", "1", -EBADMSG, NULL },
};

static void test_env_text(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(env_rows); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };
                int r = env_text_set(env_rows[i].text, strlen(env_rows[i].text), env_rows[i].name,
                                     env_rows[i].value, &b);

                if (r != env_rows[i].r || (r == 0 && !streq(strbuf_text(&b), env_rows[i].result)))
                        fail_msg("row %zu: %d, %s", i, r, strbuf_text(&b));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_diff),
                cmocka_unit_test(test_trace),
                cmocka_unit_test(test_env_text),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
