/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * base/show: what reaches a terminal. The ranges are also compared with what each of their
 * neighbours must be: shown.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/show.h"
#include "base/utf8.h"

static const struct {
        const char *text, *shown;
} rows[] = {
        { "", "" },
        { "plain ~ \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80", "plain ~ \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80" },
        { "a\033]0;pwn\007b\033[31m", "a?]0;pwn?b?[31m" },
        { "a\nb\r\tc\x7f", "a?b??c?" },
        { "\xc2\x9b" "31m \xc2\x80\xc2\x9f\xc2\xa0", "?31m ??\xc2\xa0" },
        { "\x9b" "31m", "?31m" },
        { "a\xe2\x80\xae" "b\xe2\x81\xa6" "c\xe2\x80\x8f" "d\xd8\x9c", "a?b?c?d?" },
        { "a\xe2\x80\xa8" "b\xe2\x80\xa9", "a?b?" },
        { "\xef\xbb\xbf" "a\xe2\x80\x8b\xc2\xad", "?a??" },
        { "\xf3\xa0\x81\x81", "?" },
        { "\xe2\x80\x8d\xe2\x80\x8c", "\xe2\x80\x8d\xe2\x80\x8c" }, /* joiners */
        { "\xe2\x80", "??" },           /* cut off */
        { "\xc0\x9b\xed\xa0\x80", "?????" }, /* overlong, surrogate */
        { "\xff\xfe" "x", "??x" },
};

static void test_rows(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                show_string(&b, rows[i].text);
                if (!streq(strbuf_text(&b), rows[i].shown))
                        fail_msg("row %zu: %s", i, strbuf_text(&b));
        }
}

static void test_lines(void **state _unused_) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        show_lines(&b, "a\n\033b\r\n", 6, ' ');
        assert_string_equal(strbuf_text(&b), "a\n b \n");
}

static const struct {
        uint32_t from, to;
} hidden[] = {
        { 0, 0x1f },        { 0x7f, 0x9f },     { 0x200e, 0x200f }, { 0x2028, 0x202e },
        { 0x2060, 0x206f }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe00ff },
};

static bool is_shown(uint32_t code) {
        bool visible;
        char text[4];
        size_t n = utf8_encode(code, text);

        assert_int_equal(show_step(text, n, &visible), n);
        return visible;
}

static void test_ranges(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
                for (uint32_t code = hidden[i].from; code <= hidden[i].to; code++)
                        if (is_shown(code))
                                fail_msg("U+%04X is shown", code);
                /* U+DFFFF is no character. */
                assert_true(hidden[i].from == 0 || hidden[i].from == 0xe0000 ||
                            is_shown(hidden[i].from - 1));
                assert_true(is_shown(hidden[i].to + 1));
        }
}

/* The logger of every program: one line, whatever it is given. */
static void test_log(void **state _unused_) {
        char text[256] = "";
        int fds[2], saved;
        ssize_t n;

        assert_int_equal(pipe(fds), 0);
        saved = dup(STDERR_FILENO);
        dup2(fds[1], STDERR_FILENO);
        log_open("test", false);
        log_line(LOG_ERR, "\t%s", "a\nb\033[31m\xc2\x9b" "1m\xe2\x80\xae\xc3\xa4");
        dup2(saved, STDERR_FILENO);
        n = read(fds[0], text, sizeof(text) - 1);
        assert_true(n > 0);
        assert_string_equal(text, "test: \ta?b?[31m?1m?\xc3\xa4\n");
        close(saved);
        close(fds[0]);
        close(fds[1]);
}

static uint64_t linger_msec(void) {
        uint64_t begun = clock_usec(CLOCK_MONOTONIC);

        log_linger();
        return (clock_usec(CLOCK_MONOTONIC) - begun) / USEC_PER_MSEC;
}

/* It need not wait, so one of three looks is fast on any machine. */
static void assert_no_linger(void) {
        uint64_t least = UINT64_MAX;

        for (unsigned i = 0; i < 3; i++)
                least = MIN(least, linger_msec());
        assert_in_range(least, 0, 250);
}

/* Only where a person's manager has started it and the journal is what it writes to. */
static void test_linger(void **state _unused_) {
        int fds[2], saved = dup(STDERR_FILENO);
        struct stat st;
        char stream[64];

        assert_int_equal(pipe(fds), 0);
        assert_int_equal(fstat(fds[1], &st), 0);
        snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long) st.st_dev,
                 (unsigned long long) st.st_ino);
        unsetenv("MANAGERPID");
        setenv("JOURNAL_STREAM", stream, 1);
        dup2(fds[1], STDERR_FILENO);
        log_open("test", false);
        assert_no_linger();
        setenv("MANAGERPID", "1", 1);
        assert_in_range(linger_msec(), 300, UINT64_MAX);
        dup2(saved, STDERR_FILENO); /* inherited, and not what is written to */
        log_open("test", false);
        assert_no_linger();
        unsetenv("JOURNAL_STREAM");
        unsetenv("MANAGERPID");
        close(saved);
        close(fds[0]);
        close(fds[1]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_lines),
                cmocka_unit_test(test_ranges),
                cmocka_unit_test(test_log),
                cmocka_unit_test(test_linger),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
