/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The env file parser: that its values are systemd's (env-file-rows.h), what is accepted that
 * systemd would drop, and everything that is refused, with its line.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/env-file.h"
#include "env-file-rows.h"

/* systemd drops these assignments, for their names; people write them all the same. */
static const ValueRow lenient_rows[] = {
        { "\xef\xbb\xbf"
          "A=b\n",
          "b" },
        { "\xef\xbb\xbf# c\nA=b\n", "b" },
        { "export A=b\n", "b" },
        { " export \t A = 'b' \n", "b" },
        { "\xef\xbb\xbf"
          "export A=b\r\n",
          "b" },
};

/* In exactly as much memory as it has, so that AddressSanitizer sees a read behind it. */
static int parse(const char *text, size_t len, EnvFile *ret) {
        char *copy = malloc(len);
        int r;

        if (len > 0)
                assert_non_null(copy);
        if (len > 0)
                memcpy(copy, text, len);
        r = env_file_parse(copy, len, ret);
        free(copy);
        return r;
}

static void check_value(const ValueRow *row) {
        _cleanup_(env_file_done) EnvFile f = { 0 };
        const EnvEntry *e;

        assert_int_equal(parse(row->text, strlen(row->text), &f), 0);
        if (f.n_problems > 0)
                fail_msg("%s: %s", row->text, f.problems[0].text);
        e = env_file_find(&f, "A", 1);
        assert_non_null(e);
        assert_false(e->bad);
        if (!streq(env_entry_value(e), row->a))
                fail_msg("%s: %s", row->text, env_entry_value(e));
        assert_memory_equal(e->assignment, "A=", 2);
}

static void test_values_are_systemds(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(systemd_rows); i++)
                check_value(&systemd_rows[i]);
}

static void test_lenient(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(lenient_rows); i++)
                check_value(&lenient_rows[i]);
}

#define NAMELESS  "neither NAME=VALUE"
#define UNCLOSED  "the quote opened here is never closed"
#define CONTROL   "a control character"
#define NOT_UTF8  "not valid UTF-8"
#define CR_INSIDE "a carriage return inside"
#define COMMENT   "a comment must stand on its own line"
#define CRLF_CONT "a backslash before CR LF"
#define NUL_BYTE  "a NUL byte"

typedef struct ProblemRow {
        const char *text;
        size_t len; /* 0: strlen */
        struct {
                unsigned line;
                const char *name;
                const char *begin; /* of the message */
        } problems[4];
} ProblemRow;

static const ProblemRow problem_rows[] = {
        { "A\n", 0, { { 1, NULL, NAMELESS } } },
        { "A=1\nfoo bar\nB=2\n", 0, { { 2, NULL, NAMELESS } } },
        { "\n\n  A B=1\n", 0, { { 3, NULL, NAMELESS } } },
        { "1A=b", 0, { { 1, NULL, NAMELESS } } },
        { "A-B=c\nA.B=c\n=c\n",
          0,
          { { 1, NULL, NAMELESS }, { 2, NULL, NAMELESS }, { 3, NULL, NAMELESS } } },
        { "\xc3\x84=b\n", 0, { { 1, NULL, NAMELESS } } },
        { "export\n", 0, { { 1, NULL, NAMELESS } } },
        { "export A\n", 0, { { 1, NULL, NAMELESS } } },
        { "export  =A\n\\\n", 0, { { 2, NULL, NAMELESS } } },
        { "exportA=1\n[Service]\n", 0, { { 2, NULL, NAMELESS } } },
        { "A: b\n", 0, { { 1, NULL, NAMELESS } } },
        { "A=1\nA=2\n", 0, { { 2, "A", "is set a second time, first on line" } } },
        { "A=1\nB=1\nA=1\nA=2\n",
          0,
          { { 3, "A", "is set a second time" }, { 4, "A", "is set a second time" } } },
        { "A='x\nB=1\n", 0, { { 1, "A", UNCLOSED } } },
        { "A=\"x\nB=1\nA=2\n", 0, { { 1, "A", UNCLOSED }, { 3, "A", "is set a second" } } },
        { "A=\"x\\\"\n", 0, { { 1, "A", UNCLOSED } } },
        { "A=\"x\\", 0, { { 1, "A", UNCLOSED } } },
        { "A='", 0, { { 1, "A", UNCLOSED } } },
        { "A=\"a\nb\" 'c\nd\n", 0, { { 2, "A", UNCLOSED }, { 3, NULL, NAMELESS } } },
        { "A=\"x\nB=\"y\"\nC\n",
          0,
          { { 2, "A", "a quote in the middle" }, { 3, NULL, NAMELESS } } },
        { "A='a'b'c'\n", 0, { { 1, "A", "a quote in the middle" } } },
        { "A=b\\", 0, { { 1, "A", "a backslash continues the line, but" } } },
        { "A=b\\\n", 0, { { 1, "A", "a backslash continues the line, but" } } },
        { "A=b\\\r\nB=c\r\n", 0, { { 1, "A", CRLF_CONT } } },
        { "A=\"b\\\r\nc\"\r\n", 0, { { 1, "A", CRLF_CONT }, { 2, NULL, NAMELESS } } },
        { "A=b # c\nB=\"b\" # c\nC= # c\nD=b\t#c\n",
          0,
          { { 1, "A", COMMENT }, { 2, "B", COMMENT }, { 3, "C", COMMENT }, { 4, "D", COMMENT } } },
        { "# c\\\nA=b\n", 0, { { 1, NULL, "a comment that ends in a backslash" } } },
        { "A=a\rB=c\n", 0, { { 1, NULL, CR_INSIDE } } },
        { "A=a\r", 0, { { 1, NULL, CR_INSIDE } } },
        { "A=a\r\r\n", 0, { { 1, NULL, CR_INSIDE } } },
        { "A=\x01\nB=\x7f\n#\x1b\n",
          0,
          { { 1, NULL, CONTROL }, { 2, NULL, CONTROL }, { 3, NULL, CONTROL } } },
        { "A=1\nB=\xff\n# \xc3\n", 0, { { 2, NULL, NOT_UTF8 }, { 3, NULL, NOT_UTF8 } } },
        { "A=\xef\xbf\xbe\n", 0, { { 1, NULL, NOT_UTF8 } } },
        { "A=1\nB=a\0b\nfoo\n", 13, { { 2, NULL, NUL_BYTE } } },
        { "\0", 1, { { 1, NULL, NUL_BYTE } } },
        { "A=1\n\0", 5, { { 2, NULL, NUL_BYTE } } },
        { "\xff\xfe"
          "A\0=\0",
          6,
          { { 1, NULL, "this is UTF-16" } } },
        { "\xfe\xff\0A\0=", 6, { { 1, NULL, "this is UTF-16" } } },
};

static void check_problem(const ProblemRow *row, size_t i, const EnvProblem *p) {
        const char *name = row->problems[i].name;

        if (p->line != row->problems[i].line || !startswith(p->text, row->problems[i].begin))
                fail_msg("%s: line %u: %s", row->text, p->line, p->text);
        assert_int_equal(p->name_len, name ? strlen(name) : 0);
        if (name)
                assert_memory_equal(p->name, name, p->name_len);
}

static void test_problems(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(problem_rows); i++) {
                const ProblemRow *row = &problem_rows[i];
                _cleanup_(env_file_done) EnvFile f = { 0 };
                size_t n = 0;

                assert_int_equal(parse(row->text, row->len ? row->len : strlen(row->text), &f), 0);
                while (n < ARRAY_SIZE(row->problems) && row->problems[n].line > 0)
                        n++;
                if (f.n_problems != n)
                        fail_msg("%s: %zu problems", row->text, f.n_problems);
                for (size_t k = 0; k < n; k++)
                        check_problem(row, k, &f.problems[k]);
        }
}

static void test_empty(void **state) {
        static const char *const texts[] = { "",     "\n",           "  \t\n",
                                             "#",    "# c",          ";",
                                             "\r\n", "\xef\xbb\xbf", " # c\n ; d\n\n" };

        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                _cleanup_(env_file_done) EnvFile f = { 0 };

                assert_int_equal(parse(texts[i], strlen(texts[i]), &f), 0);
                assert_int_equal(f.n_entries, 0);
                assert_int_equal(f.n_problems, 0);
                assert_null(env_file_find(&f, "A", 1));
        }
}

static void test_find(void **state) {
        static const char text[] = "B=2\nAA=3\nA=1\nA_=4\na=5\nC=\nA=9\n";
        _cleanup_(env_file_done) EnvFile f = { 0 };

        assert_int_equal(parse(text, strlen(text), &f), 0);
        assert_int_equal(f.n_entries, 7);
        assert_string_equal(f.entries[1].assignment, "AA=3");
        assert_int_equal(f.entries[1].line, 2);
        assert_string_equal(env_entry_value(env_file_find(&f, "A", 1)), "1");
        assert_string_equal(env_entry_value(env_file_find(&f, "AAA", 2)), "3");
        assert_string_equal(env_entry_value(env_file_find(&f, "A_", 2)), "4");
        assert_string_equal(env_entry_value(env_file_find(&f, "a", 1)), "5");
        assert_string_equal(env_entry_value(env_file_find(&f, "C", 1)), "");
        assert_null(env_file_find(&f, "D", 1));
        assert_null(env_file_find(&f, "", 0));
        assert_null(env_file_find(&f, "AAAA", 4));
}

/* A name whose value has a problem is there, but its value is not. */
static void test_bad_entry(void **state) {
        static const char text[] = "A=secret # c\nB='secret\n";
        _cleanup_(env_file_done) EnvFile f = { 0 };

        assert_int_equal(parse(text, strlen(text), &f), 0);
        assert_int_equal(f.n_entries, 2);
        for (size_t i = 0; i < 2; i++) {
                assert_true(f.entries[i].bad);
                assert_string_equal(env_entry_value(&f.entries[i]), "");
        }
}

static void test_describe(void **state) {
        static const char text[] = "A=1\nsecret\nA=secret\n";
        _cleanup_(env_file_done) EnvFile f = { 0 };
        _cleanup_strbuf_ StrBuf b = { 0 };

        assert_int_equal(parse(text, strlen(text), &f), 0);
        for (size_t i = 0; i < f.n_problems; i++)
                env_problem_describe(&f.problems[i], "/x/.env", &b);
        assert_string_equal(strbuf_text(&b),
                            "/x/.env:2: neither NAME=VALUE, nor a comment (#), nor blank; "
                            "a name is letters, digits and _\n"
                            "/x/.env:3: A: is set a second time, first on line 1\n");
}

static void test_size_limit(void **state) {
        char *text = malloc(ENV_FILE_MAX_BYTES + 1);
        EnvFile f = { 0 };

        assert_non_null(text);
        memset(text, 'a', ENV_FILE_MAX_BYTES + 1);
        memcpy(text, "A=", 2);
        assert_int_equal(env_file_parse(text, ENV_FILE_MAX_BYTES + 1, &f), -EFBIG);
        assert_null(f.text);
        assert_int_equal(env_file_parse(text, ENV_FILE_MAX_BYTES, &f), 0);
        assert_int_equal(strlen(env_entry_value(&f.entries[0])), ENV_FILE_MAX_BYTES - 2);
        env_file_done(&f);
        free(text);
}

/* The worst files for a parser with loops in loops end as soon as others. */
static void check_repeated(const char *piece, size_t n_entries, size_t n_problems) {
        size_t len = strlen(piece), n = ENV_FILE_MAX_BYTES / len;
        char *text = malloc(n * len);
        EnvFile f = { 0 };

        assert_non_null(text);
        for (size_t i = 0; i < n; i++)
                memcpy(text + i * len, piece, len);
        assert_int_equal(env_file_parse(text, n * len, &f), 0);
        assert_int_equal(f.n_entries, n * n_entries);
        assert_int_equal(f.n_problems, n * n_problems - (n_entries > 0));
        env_file_done(&f);
        free(text);
}

static void test_large_files(void **state) {
        check_repeated("A=\n", 1, 1); /* 350,000 of one name */
        check_repeated("Ab='x\ny' \"\\\"\"\n", 1, 1);
        check_repeated("x\n", 0, 1);
        check_repeated("\x01\n", 0, 2);
}

static void test_names(void **state) {
        static const char *const good[] = { "A", "_", "a1", "_1", "OPENAI_API_KEY" };
        static const char *const bad[] = { "", "1A", "A-B", "A B", "A=", "\xc3\x84", "A.B", "A\n" };

        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                assert_true(env_name_is_valid(good[i]));
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                assert_false(env_name_is_valid(bad[i]));
        assert_int_equal(env_name_span("AB-C", 4), 2);
        assert_int_equal(env_name_span("AB", 1), 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_values_are_systemds),
                cmocka_unit_test(test_lenient),
                cmocka_unit_test(test_problems),
                cmocka_unit_test(test_empty),
                cmocka_unit_test(test_find),
                cmocka_unit_test(test_bad_entry),
                cmocka_unit_test(test_describe),
                cmocka_unit_test(test_size_limit),
                cmocka_unit_test(test_large_files),
                cmocka_unit_test(test_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
