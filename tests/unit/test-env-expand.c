/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Variables in command lines. The words in systemd_rows are what a service of systemd 252 and 257
 * was started with, given ExecStart= with that word and V set to that value. What systemd leaves
 * out or guesses at is refused, naming the variable and nothing else.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../helpers/env-precheck/environment.h"
#include "../../helpers/env-precheck/expand.h"
#include "base/parse.h"

typedef struct ExpandRow {
        const char *value; /* of V */
        const char *word;
        const char *result[5];
} ExpandRow;

static const ExpandRow systemd_rows[] = {
        { "a b", "$V", { "a", "b" } },
        { "a \"b c\" d", "$V", { "a", "b c", "d" } },
        { "a 'b c'", "$V", { "a", "b c" } },
        { "a\\ b c", "$V", { "a b", "c" } },
        { "'a\\'b' c", "$V", { "a'b", "c" } },
        { "\"a\\nb\"", "$V", { "anb" } },
        { "a\"b c\"d", "$V", { "ab cd" } },
        { "", "$V", { NULL } },
        { "   ", "$V", { NULL } },
        { "\"\" x", "$V", { "", "x" } },
        { "a b", "${V}", { "a b" } },
        { "a b", "x${V}y${V}", { "xa bya b" } },
        { "a", "x$V", { "x$V" } },
        { "a", "$$V", { "$V" } },
        { "a", "$${V}", { "${V}" } },
        { "a", "x$$y", { "x$y" } },
        { "a", "$$$V", { "$$V" } },
        { "a", "$$${V}", { "$a" } },
        { "a", "x$", { "x$" } },
        { "a", "x$$$$y", { "x$$y" } },
        { "a", "x$1", { "x$1" } },
        { "a\tb", "$V", { "a", "b" } },
        { "a\nb", "$V", { "a", "b" } },
        { "a\rb", "$V", { "a", "b" } },
        { "a\\tb", "$V", { "atb" } },
        { "${V}", "${V}", { "${V}" } },
        { "a;b # c", "$V", { "a;b", "#", "c" } },
        { "a", "${V}$V", { "a$V" } },
        { "a", "x$V${V}", { "x$Va" } },
        { "a", "x${V}$", { "xa$" } },
        { "a", "$$", { "$" } },
        { "a", "$$$$", { "$$" } },
        { "a", "$$$", { "$$" } },
};

/* Between two other words, whose places must not suffer. */
static int expand(Arena *a, const char *value, const char *word, StrBuf *problems, char ***ret) {
        char assignment[64];
        char *const inherited[] = { (char *) "X=1", assignment, (char *) "EMPTY=", NULL };
        char *const words[] = { (char *) "/bin/x", (char *) word, (char *) "end", NULL };
        Environment env = { .inherited = inherited };
        ExpandEnv expand_env = { .lookup = environment_get, .env = &env };

        snprintf(assignment, sizeof(assignment), "V=%s", value);
        return expand_words(a, words, &expand_env, problems, ret);
}

static void test_words_are_systemds(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(systemd_rows); i++) {
                const ExpandRow *row = &systemd_rows[i];
                _cleanup_arena_ Arena a = { 0 };
                _cleanup_strbuf_ StrBuf problems = { 0 };
                char **words;
                size_t n = 0;

                assert_int_equal(expand(&a, row->value, row->word, &problems, &words), 0);
                assert_string_equal(strbuf_text(&problems), "");
                for (; n < ARRAY_SIZE(row->result) && row->result[n]; n++)
                        if (!streq_ptr(words[n + 1], row->result[n]))
                                fail_msg("%s with %s: %s", row->word, row->value, words[n + 1]);
                assert_int_equal(strv_length(words), n + 2);
                assert_string_equal(words[0], "/bin/x");
                assert_string_equal(words[n + 1], "end");
        }
}

typedef struct RefuseRow {
        const char *value;
        const char *word;
        const char *problem; /* the begin, behind "command, word 2: " */
} RefuseRow;

#define START  "a $ at the start of a word"
#define BRACES "${ is not followed by"

static const RefuseRow refuse_rows[] = {
        { "s3cret it's", "$V", "the value of V has a quote" },
        { "s3cret\\", "$V", "the value of V has a quote" },
        { "s3cret \"b", "$V", "the value of V has a quote" },
        { "s3cret", "$V/y", START },
        { "s3cret", "$", START },
        { "s3cret", "$ V", START },
        { "s3cret", "$1", START },
        { "s3cret", "$V$V", START },
        { "s3cret", "$V${V}", START },
        { "s3cret", "$-", START },
        { "s3cret", "${V", BRACES },
        { "s3cret", "${V:-b}", BRACES },
        { "s3cret", "${}", BRACES },
        { "s3cret", "x${", BRACES },
        { "s3cret", "x${ V}", BRACES },
        { "s3cret", "${NOPE}", "NOPE has no value" },
        { "s3cret", "x${V}${NOPE}y", "NOPE has no value" },
        { "s3cret", "$NOPE", "NOPE has no value" },
        { "s3cret", "${v}", "v has no value" },
        { "s3cret", "${VV}", "VV has no value" },
};

static void test_refused(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(refuse_rows); i++) {
                const RefuseRow *row = &refuse_rows[i];
                _cleanup_arena_ Arena a = { 0 };
                _cleanup_strbuf_ StrBuf problems = { 0 };
                const char *text;
                char **words;

                assert_int_equal(expand(&a, row->value, row->word, &problems, &words), 0);
                text = startswith(strbuf_text(&problems), "command, word 2: ");
                if (!text || !startswith(text, row->problem))
                        fail_msg("%s: %s", row->word, strbuf_text(&problems));
                assert_ptr_equal(strchr(text, '\n'), endswith(text, "\n"));
                assert_null(strstr(text, "s3cret"));
        }
}

static void test_all_problems(void **state) {
        char *const words[] = { (char *) "$A", (char *) "x", (char *) "${B}${C}", NULL };
        char *const none[] = { NULL };
        Environment env = { .inherited = none };
        ExpandEnv expand_env = { .lookup = environment_get, .env = &env };
        _cleanup_arena_ Arena a = { 0 };
        _cleanup_strbuf_ StrBuf problems = { 0 };
        char **out;
        size_t lines = 0;

        assert_int_equal(expand_words(&a, words, &expand_env, &problems, &out), 0);
        for (const char *p = problems.text; *p; p++)
                lines += *p == '\n';
        assert_int_equal(lines, 3);
        assert_non_null(strstr(problems.text, "word 1: A has no value"));
        assert_non_null(strstr(problems.text, "word 3: B has no value"));
        assert_non_null(strstr(problems.text, "word 3: C has no value"));
}

static void test_nothing_left(void **state) {
        char *const words[] = { (char *) "$E", NULL }, *const e[] = { (char *) "E= ", NULL };
        Environment env = { .inherited = e };
        ExpandEnv expand_env = { .lookup = environment_get, .env = &env };
        _cleanup_arena_ Arena a = { 0 };
        _cleanup_strbuf_ StrBuf problems = { 0 };
        char **out;

        assert_int_equal(expand_words(&a, words, &expand_env, &problems, &out), 0);
        assert_non_null(strstr(strbuf_text(&problems), "nothing is left"));
}

/* 60,000 words of one variable take memory for 60,000 words, not for their square. */
static void test_many_words(void **state) {
        static char value[120003] = "M=";
        char *const words[] = { (char *) "$M", NULL }, *const e[] = { value, NULL };
        Environment env = { .inherited = e };
        ExpandEnv expand_env = { .lookup = environment_get, .env = &env };
        _cleanup_arena_ Arena a = { 0 };
        _cleanup_strbuf_ StrBuf problems = { 0 };
        char **out;

        for (size_t i = 2; i < sizeof(value) - 1; i++)
                value[i] = i % 2 ? ' ' : 'a';
        assert_int_equal(expand_words(&a, words, &expand_env, &problems, &out), 0);
        assert_int_equal(strv_length(out), 60000);
        assert_string_equal(out[59999], "a");
}

static void test_environment(void **state) {
        static const char text[] = "A=file\nN=1\n";
        char *const inherited[] = { (char *) "B=2", (char *) "A=old", (char *) "AB=3",
                                    (char *) "odd", NULL };
        _cleanup_(env_file_done) EnvFile f = { 0 };
        Environment env = { .file = &f, .inherited = inherited };
        char **envp;

        assert_int_equal(env_file_parse(text, strlen(text), &f), 0);
        assert_string_equal(environment_get(&env, "A", 1), "file");
        assert_string_equal(environment_get(&env, "B", 1), "2");
        assert_null(environment_get(&env, "odd", 3));
        envp = environment_merge(&env);
        assert_int_equal(strv_length(envp), 5);
        assert_true(strv_contains(envp, "A=file") && strv_contains(envp, "N=1"));
        assert_true(strv_contains(envp, "B=2") && strv_contains(envp, "AB=3"));
        assert_false(strv_contains(envp, "A=old"));
        free(envp);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_words_are_systemds), cmocka_unit_test(test_refused),
                cmocka_unit_test(test_all_problems),       cmocka_unit_test(test_nothing_left),
                cmocka_unit_test(test_many_words),         cmocka_unit_test(test_environment),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
