/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program is run to its end, and what it says, how it ends and how long it may take is kept. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

#include "base/run.h"

static int shell(const char *script, StrBuf *output, StrBuf *errors) {
        const char *const argv[] = { "sh", "-c", script, NULL };

        return run_program(&(RunOptions){ .argv = argv, .timeout_usec = 20 * USEC_PER_SEC }, output, errors);
}

static void test_output(void **state) {
        _cleanup_strbuf_ StrBuf b = { 0 }, out = { 0 }, err = { 0 };

        assert_int_equal(shell("echo one; echo two >&2; echo three; exit 3", &b, NULL), 3);
        assert_string_equal(strbuf_text(&b), "one\ntwo\nthree\n");
        assert_int_equal(shell("echo one; echo two >&2", &out, &err), 0);
        assert_string_equal(strbuf_text(&out), "one\n");
        assert_string_equal(strbuf_text(&err), "two\n");
        assert_int_equal(shell("echo nobody reads it; exit 4", NULL, NULL), 4);
}

static void test_end(void **state) {
        const char *const missing[] = { "no-such-program-anywhere", NULL };

        /* One of a person's own may be closed to who builds the package. */
        assert_int_equal(setenv("PATH", RUN_PATH, 1), 0);
        assert_int_equal(shell("kill -TERM $$", NULL, NULL), 128 + SIGTERM);
        assert_int_equal(run_program(&(RunOptions){ .argv = missing }, NULL, NULL), -ENOENT);
        assert_int_equal(shell("exec >&- 2>&-; sleep 0.1; exit 5", NULL, NULL), 5);
}

static void test_input_and_environment(void **state) {
        const char *const argv[] = { "sh", "-c", "cat; echo \"$A|$PATH|${USER-none}\"", NULL };
        const char *const env[] = { "A=b c", NULL };
        _cleanup_strbuf_ StrBuf b = { 0 };
        const RunOptions o = { .argv = argv, .setenv = env, .input = "in\n", .input_len = 3 };

        assert_int_equal(setenv("USER", "somebody", 1), 0);
        assert_int_equal(run_program(&o, &b, NULL), 0);
        assert_string_equal(strbuf_text(&b), "in\nb c|" RUN_PATH "|none\n");
}

/* Also what it started in the background, which holds the pipe. */
static void test_timeout(void **state) {
        const char *const argv[] = { "sh", "-c", "echo early; sleep 60 & sleep 60", NULL };
        const RunOptions o = { .argv = argv, .timeout_usec = 300 * USEC_PER_MSEC };
        _cleanup_strbuf_ StrBuf b = { 0 };
        time_t before = time(NULL);

        assert_int_equal(run_program(&o, &b, NULL), -ETIMEDOUT);
        assert_string_equal(strbuf_text(&b), "early\n");
        assert_true(time(NULL) - before < 20);
}

static void test_much_output(void **state) {
        const char *const argv[] = { "sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; echo end", NULL };
        _cleanup_strbuf_ StrBuf b = { 0 };

        assert_int_equal(run_program(&(RunOptions){ .argv = argv, .output_max = 100 }, &b, NULL), 0);
        assert_int_equal(b.len, 100);
}

static void count_tick(void *userdata) {
        (*(unsigned *) userdata)++;
}

/* At once, and as long as it takes; not for what has closed its outputs. */
static void test_tick(void **state) {
        const char *const argv[] = { "sh", "-c", "sleep 1.2; echo end", NULL };
        const char *const quiet[] = { "sh", "-c", "exec >&- 2>&-; sleep 3", NULL };
        _cleanup_strbuf_ StrBuf b = { 0 };
        unsigned n = 0;
        RunOptions o = { .argv = argv, .tick = count_tick, .userdata = &n };

        assert_int_equal(run_program(&o, &b, NULL), 0);
        assert_string_equal(strbuf_text(&b), "end\n");
        assert_in_range(n, 3, 100);
        o.argv = quiet;
        n = 0;
        assert_int_equal(run_program(&o, NULL, NULL), 0);
        assert_in_range(n, 1, 5); /* it may take a moment to close them */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_output),
                cmocka_unit_test(test_end),
                cmocka_unit_test(test_input_and_environment),
                cmocka_unit_test(test_timeout),
                cmocka_unit_test(test_much_output),
                cmocka_unit_test(test_tick),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
