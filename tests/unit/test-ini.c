/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The strict INI reader, line by line: what is accepted arrives exactly, what is not is reported
 * with its line, and nothing is ever taken for something else. Golden trees test the whole way.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "config/ini.h"

/* Everything the sink was told, as text: "[S] K=V@line\n". */
typedef struct Seen {
        Arena arena;
        Problems problems;
        StrBuf text;
} Seen;

static void on_assign(void *userdata, const IniAssignment *a) {
        Seen *seen = userdata;

        strbuf_addf(&seen->text, "[%s] %s=%s@%u\n", a->section, a->key, a->value, a->line);
}

static void read_bytes(Seen *seen, const char *text, size_t len) {
        IniSink sink = { .assign = on_assign, .userdata = seen };

        seen->problems.arena = &seen->arena;
        assert_int_equal(ini_read(text, len, "f", &sink, &seen->problems), 0);
}

static void done(Seen *seen) {
        strbuf_done(&seen->text);
        arena_done(&seen->arena);
}

static void assert_reads(const char *text, const char *expected) {
        Seen seen = { 0 };

        read_bytes(&seen, text, strlen(text));
        if (seen.problems.first)
                fail_msg("line %u: %s", seen.problems.first->place.line,
                         seen.problems.first->message);
        assert_string_equal(strbuf_text(&seen.text), expected);
        done(&seen);
}

/* Exactly one problem, on that line, whose message has the words in it. */
static void assert_refuses(const char *text, unsigned line, const char *words) {
        Seen seen = { 0 };

        read_bytes(&seen, text, strlen(text));
        assert_int_equal(seen.problems.n, 1);
        assert_int_equal(seen.problems.first->place.line, line);
        if (!strstr(seen.problems.first->message, words))
                fail_msg("\"%s\" lacks \"%s\"", seen.problems.first->message, words);
        done(&seen);
}

static void test_assignments(void **state _unused_) {
        assert_reads("", "");
        assert_reads("\n\n# c\n; c\n", "");
        assert_reads("[A]\nK=v\n", "[A] K=v@2\n");
        assert_reads("[A]\nK=v", "[A] K=v@2\n");
        assert_reads("[A]\nK=\nL=1\n", "[A] K=@2\n[A] L=1@3\n");
        assert_reads("[A]\n  \nK = v w \n[B]\nK\t=\tx=y\n", "[A] K=v w@3\n[B] K=x=y@5\n");
        assert_reads("\xEF\xBB\xBF[A]\r\nK=v\r\n", "[A] K=v@2\n");
        assert_reads("[A]\nK=a:b\nK=[x]\n", "[A] K=a:b@2\n[A] K=[x]@3\n");
        assert_reads("[A]\nK=caf\xC3\xA9\n", "[A] K=caf\xC3\xA9@2\n");
}

static void test_continuation(void **state _unused_) {
        assert_reads("[A]\nK=a\n b\n\tc\nL=d\n", "[A] K=a b c@2\n[A] L=d@5\n");
        assert_reads("[A]\nK=a\n# between\n  b\n", "[A] K=a b@2\n");
        assert_reads("[A]\nK=\n b\n", "[A] K=b@2\n");
        assert_reads("[A]\nK=a\n [1, 2]\n", "[A] K=a [1, 2]@2\n");
        assert_refuses("[A]\nK=a\n [Sandbox]\n", 3, "first column");
        assert_reads("[A]\nK=a\n b=c\n", "[A] K=a b=c@2\n");
        assert_reads("[A]\nK=a\n NAME=c\n", "[A] K=a NAME=c@2\n");
        assert_refuses("[A]\nK=a\n User=root\n", 3, "first column");
        assert_refuses("[A]\n b\n", 2, "none above");
        assert_refuses("[A]\nK=a\n\n b\n", 4, "none above");
        assert_refuses("[A]\nK=a\n[B]\n b\n", 4, "none above");
}

/* inih would end a value at " ;", a name at 49 bytes, a line at 199. */
static void test_nothing_is_cut(void **state _unused_) {
        char line[6000], expected[6000];

        assert_reads("[A]\nK=\"a ; b # c\"\n", "[A] K=\"a ; b # c\"@2\n");
        assert_reads("[A]\nK=a;b c#d #e\n", "[A] K=a;b c#d #e@2\n");
        assert_reads("[A]\nK='x\n", "[A] K='x@2\n");
        for (size_t n = 150; n <= INI_VALUE_BYTES_MAX; n += n < 250 ? 1 : 769) {
                snprintf(line, sizeof(line), "[A]\nK=%0*d\nL=x\n", (int) n, 7);
                snprintf(expected, sizeof(expected), "[A] K=%0*d@2\n[A] L=x@3\n", (int) n, 7);
                assert_reads(line, expected);
        }
        snprintf(line, sizeof(line), "[A]\nK=%0*d\n", (int) INI_VALUE_BYTES_MAX, 7);
        snprintf(expected, sizeof(expected), "[A] K=%0*d@2\n", (int) INI_VALUE_BYTES_MAX, 7);
        assert_reads(line, expected);
        snprintf(line, sizeof(line), "[A]\nK=%0*d\n", (int) INI_VALUE_BYTES_MAX + 1, 7);
        assert_refuses(line, 2, "longer than 4095");
        snprintf(line, sizeof(line), "[A]\n%0*d=x\n", (int) INI_NAME_BYTES_MAX + 1, 7);
        assert_refuses(line, 2, "long name");
        snprintf(line, sizeof(line), "[%0*d]\n", (int) INI_NAME_BYTES_MAX + 1, 7);
        assert_refuses(line, 1, "no section");
}

static void test_refusals(void **state _unused_) {
        assert_refuses("[A]\nK=v ; c\n", 2, "comment behind");
        assert_refuses("[A]\nK=v # c\n", 2, "comment behind");
        assert_refuses("[A]\nK=a's ; c\n", 2, "comment behind");
        assert_refuses("[A]\nK=v\\\n", 2, "indent");
        assert_refuses("[A]\nK: v\n", 2, "not a section");
        assert_refuses("[A]\njunk\n", 2, "not a section");
        assert_refuses("[A]\n=v\n", 2, "not a section");
        assert_refuses("K=v\n", 1, "before the first");
        assert_refuses("[A\n", 1, "header");
        assert_refuses("[]\n", 1, "header");
        assert_refuses("[A] x\n", 1, "header");
        assert_refuses("[A]\nK=\x1b[m\n", 2, "control");
        assert_refuses("[A]\nK=\xff\n", 2, "UTF-8");
        assert_refuses("[A]\nK=\xed\xa0\x80\n", 2, "UTF-8");
}

/* A refused line must not leave its value to the key above, nor its continuation to anyone. */
static void test_refused_lines_leave_nothing(void **state _unused_) {
        Seen seen = { 0 };
        static const char text[] = "[A]\nK=1\nBad=2 ; c\n  more\nL=3\njunk\n  more\n[B\nM=4\n[C]\nN=5\n";

        read_bytes(&seen, text, strlen(text));
        assert_string_equal(strbuf_text(&seen.text), "[A] K=1@2\n[A] L=3@5\n[C] N=5@11\n");
        assert_int_equal(seen.problems.n, 3);
        done(&seen);
}

static void test_nul(void **state _unused_) {
        static const char text[] = "[A]\nK=a\0b\n# c\0\nL=1\n";
        Seen seen = { 0 };

        read_bytes(&seen, text, sizeof(text) - 1);
        assert_string_equal(strbuf_text(&seen.text), "[A] L=1@4\n");
        assert_int_equal(seen.problems.n, 2);
        assert_int_equal(seen.problems.first->place.line, 2);
        assert_int_equal(seen.problems.first->next->place.line, 3);
        done(&seen);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_assignments),
                cmocka_unit_test(test_continuation),
                cmocka_unit_test(test_nothing_is_cut),
                cmocka_unit_test(test_refusals),
                cmocka_unit_test(test_refused_lines_leave_nothing),
                cmocka_unit_test(test_nul),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
