/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The pure parts of ftectl that show and parse: command lines, completions against the table, where
 * a message points to in a line and how much of it is shown, the kernel's counters.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "ftectl/arguments.h"
#include "ftectl/globals.h"
#include "ftectl/lint/line.h"
#include "ftectl/shared/terminal.h"
#include "ftectl/status/status.h"

/* ---- command lines ---- */

typedef struct ParseRow {
        const char *words[6];
        int r;
        const char *says; /* a part of the text, or the subcommand when r is -1 */
} ParseRow;

static const ParseRow parse_rows[] = {
        { { "lint" }, -1, "lint" },
        { { "lint", "a", "--json", "b" }, -1, "lint" },
        { { "alert", "list", "-j" }, -1, "alert list" },
        { { "lint", "--environment=x" }, -1, "lint" },
        { { "lint", "--environment", "x" }, -1, "lint" },
        { { "lint", "--help" }, EXIT_GOOD, "Usage: ftectl lint" },
        { { "alert", "list", "--help" }, EXIT_GOOD, "Usage: ftectl alert list" },
        { { "alert", "--help" }, EXIT_GOOD, "ftectl alert list" },
        { { "--user", "apply" }, EXIT_CANNOT, "not with --user" },
        { { "apply", "--user" }, EXIT_CANNOT, "not with --user" },
        { { "--user" }, EXIT_CANNOT, "no such option" },
        { { "--help" }, EXIT_GOOD, "Usage: ftectl [--user] COMMAND" },
        { { "--version" }, EXIT_GOOD, "ftectl " },
        { { "--completion", "bash" }, EXIT_GOOD, "complete -F" },
        { { "--completion=zsh" }, EXIT_GOOD, "#compdef" },
        { { "--completion=csh" }, EXIT_CANNOT, "bash, zsh or fish" },
        { { "--list=cats" }, EXIT_CANNOT, "agents, alerts or environments" },
        { { "--nonsense" }, EXIT_CANNOT, "no such option" },
        { { NULL }, EXIT_CANNOT, "Usage: ftectl" },
        { { "" }, EXIT_CANNOT, "no subcommand" },
        { { "lnt" }, EXIT_CANNOT, "did you mean \"ftectl lint\"" },
        { { "allert", "lisst" }, EXIT_CANNOT, "did you mean \"ftectl alert list\"" },
        { { "alert", "lst" }, EXIT_CANNOT, "did you mean \"ftectl alert list\"" },
        { { "alrt" }, EXIT_CANNOT, "did you mean \"ftectl alert\"" },
        { { "alert" }, EXIT_CANNOT, "needs another word" },
        { { "frobnicate" }, EXIT_CANNOT, "no subcommand \"frobnicate\"" },
        { { "lint", "--frob" }, EXIT_CANNOT, "--frob: no such option" },
        { { "lint", "--environment" }, EXIT_CANNOT, "--environment needs a value" },
        { { "lint", "--environmnt=x" }, EXIT_CANNOT, "--environmnt: no such option; did you mean --environment?" },
        { { "lint", "--json=yes" }, EXIT_CANNOT, "--json takes no value" },
        { { "alert", "list", "word" }, EXIT_CANNOT, "too many words" },
        { { "alert", "drop" }, EXIT_CANNOT, "a word is missing" },
};

static void test_arguments(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(parse_rows); i++) {
                _cleanup_strbuf_ StrBuf text = { 0 };
                const ParseRow *row = &parse_rows[i];
                char *argv[8] = { (char *) "ftectl" };
                Arguments a;
                int argc = 1, r;

                for (size_t k = 0; k < 6 && row->words[k]; k++)
                        argv[argc++] = (char *) row->words[k];
                r = arguments_parse(argc, argv, &a, &text);
                if (r != row->r || !strstr(r < 0 ? a.command->name : strbuf_text(&text), row->says))
                        fail_msg("row %zu: %d, %s", i, r, strbuf_text(&text));
        }
}

static void test_argument_values(void **state _unused_) {
        char *argv[] = { (char *) "ftectl", (char *) "lint",  (char *) "x", (char *) "--json",
                         (char *) "-e",     (char *) "stage", (char *) "--", (char *) "-y", NULL };
        _cleanup_strbuf_ StrBuf text = { 0 };
        Arguments a;

        assert_int_equal(arguments_parse(8, argv, &a, &text), -1);
        assert_true(GIVEN(&a, JSON));
        assert_false(GIVEN(&a, DIFF));
        assert_string_equal(VALUE(&a, ENVIRONMENT), "stage");
        assert_int_equal(a.n_words, 2);
        assert_string_equal(a.words[0], "x");
        assert_string_equal(a.words[1], "-y");
}

/* The table must be fit to be made into scripts and help. */
static void test_table(void **state _unused_) {
        for (size_t i = 0; i < n_commands; i++) {
                const Command *c = &commands[i];

                assert_non_null(c->run);
                assert_non_null(c->summary);
                assert_null(strchr(c->summary, '\''));
                assert_true(c->max_words >= c->min_words);
                assert_true((c->max_words == 0) == (c->words_usage == NULL));
                assert_true((c->words == WORDS_NONE) == (c->max_words == 0));
                for (const char *line = c->detail ? c->detail : ""; *line;) {
                        size_t n = strcspn(line, "\n");

                        if (n > 90)
                                fail_msg("%s: a line of %zu columns", c->name, n);
                        line += n + (line[n] == '\n');
                }
        }
        for (size_t i = 0; i < _OPTION_MAX; i++) {
                assert_non_null(option_rows[i].name);
                assert_null(strpbrk(option_rows[i].help, "'[]:"));
        }
}

static void test_completion_knows_all(void **state _unused_) {
        static const char *const shells[] = { "bash", "zsh", "fish" };

        for (size_t s = 0; s < ARRAY_SIZE(shells); s++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                assert_int_equal(completion_print(shells[s], &b), 0);
                for (size_t i = 0; i < n_commands; i++) {
                        const char *word = strrchr(commands[i].name, ' ');

                        if (!strstr(strbuf_text(&b), word ? word + 1 : commands[i].name))
                                fail_msg("%s: %s is missing", shells[s], commands[i].name);
                }
        }
}

/* ---- lines ---- */

static const struct {
        const char *line, *key, *message;
        unsigned column, length;
} span_rows[] = {
        { "Interval=abc", "Interval", "must be a time", 10, 3 },
        { "Interval = abc  ", "Interval", "must be a time", 12, 3 },
        { "Interval=", "Interval", "must be a time", 1, 9 },
        { "Intervall=10s", "Intervall", "unknown key; did you mean Interval=?", 1, 9 },
        { "Exec=x", "Exec", "set twice in this file", 1, 4 },
        { "Plugins=a gpu b", "Plugins", "there is no plugin \"gpu\"; put", 11, 3 },
        { "Plugins=a b", "Plugins", "there is no plugin \"gpu\"; put", 9, 3 },
        { "[Health]", "URL", "missing", 1, 8 },
        { "[Helth]", NULL, "unknown section; did you mean [Health]?", 1, 7 },
        { "nonsense", NULL, "not a section, an assignment", 1, 1 },
        { "  x", NULL, "an indented line continues", 3, 1 },
        { "Memory=5 ; no", NULL, "comment behind a value; put it", 10, 1 },
        { "Memory=5 \\", NULL, "a backslash does not continue", 10, 1 },
        { "Description=\xc3\xa4\xc3\xb6 \x01", NULL, "control character; only", 16, 1 },
        { "Description=\xc3\xa4\xc3\xb6", "Description", "too long", 13, 2 },
        { "Exec=\xff\xfe\xc2\x9b x", "Exec", "must", 6, 5 },
        { "", NULL, "a backslash", 1, 0 },
        { "", "Exec", "missing", 1, 0 },
};

static void test_spans(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(span_rows); i++) {
                LineSpan s = line_span(span_rows[i].line, span_rows[i].key, span_rows[i].message);

                if (s.column != span_rows[i].column || s.length != span_rows[i].length)
                        fail_msg("\"%s\": column %u, length %u", span_rows[i].line, s.column,
                                 s.length);
        }
}

static const struct {
        const char *line;
        LineHide hide;
        const char *shown;
} show_rows[] = {
        { "Exec=/opt/agent-1/venv/bin/python3.11 -m x", HIDE_WORDS,
          "Exec=/opt/agent-1/venv/bin/python3.11 -m x" },
        { "Slack=https://a.b/c", HIDE_VALUE, "Slack=*************" },
        { "Exec=/x sk-live-51Hq7vGmNoBody", HIDE_WORDS, "Exec=/x **********************" },
        { "Exec=/x --password=ab c", HIDE_WORDS, "Exec=/x --password=** c" },
        { "Exec=/x --api-key ab c", HIDE_WORDS, "Exec=/x --api-key ** c" },
        { "Exec=/x '--token=a1 b'", HIDE_WORDS, "Exec=/x '--token=** b'" },
        { "abc", HIDE_ALL, "***" },
        { "a=b c", HIDE_ALL, "*** *" },
        { "[Helth]", HIDE_WORDS, "[Helth]" },
        { "[sk-live-51Hq7vGm]", HIDE_WORDS, "[*****************" },
        { "[hunter2]", HIDE_VALUE, "[********" },
        { "A\tB=\x1b[31m", HIDE_WORDS, "A B= [31m" },
        { "B=\xc2\x9b" "31m\xe2\x80\xaex\xff", HIDE_WORDS, "B= 31m x " },
        { "B=\xc2\x9b" "31m\xe2\x80\xaex\xff", HIDE_VALUE, "B=*******" },
        { "", HIDE_VALUE, "" },
};

static void test_shown(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(show_rows); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                line_show(show_rows[i].line, show_rows[i].hide, &b);
                if (!streq(strbuf_text(&b), show_rows[i].shown))
                        fail_msg("\"%s\": \"%s\"", show_rows[i].line, strbuf_text(&b));
        }
}

static void test_split(void **state _unused_) {
        const char *hint;

        assert_int_equal(message_split("bad; do good", &hint), 3);
        assert_string_equal(hint, "do good");
        assert_int_equal(message_split("bad", &hint), 3);
        assert_null(hint);
}

/* ---- shapes ---- */

static const struct {
        uint64_t bytes;
        const char *text;
} size_rows[] = {
        { 0, "0" },          { 1023, "1023" },         { 1024, "1K" },
        { 1536, "1.5K" },    { 10 * 1024 + 512, "10K" }, { UINT64_C(512) << 20, "512M" },
        { UINT64_C(1) << 30, "1G" }, { UINT64_MAX - 1, "15E" },
};

static void test_sizes(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(size_rows); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                show_size(&b, size_rows[i].bytes);
                assert_string_equal(strbuf_text(&b), size_rows[i].text);
        }
}

static void test_foreign_text(void **state _unused_) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        show_text(&b, "\xc2\x9b" "2J \u202ex\u2066y\u200b \xff" "\u00e9", 40);
        assert_string_equal(strbuf_text(&b), " 2J  x y   \u00e9");
        strbuf_reset(&b);
        show_text(&b, "a\x1b[2J\nb", 20);
        assert_string_equal(strbuf_text(&b), "a [2J b");
        strbuf_reset(&b);
        show_text(&b, "\xc2\x9b" "1m\xe2\x81\xa6\xff", 20);
        assert_string_equal(strbuf_text(&b), " 1m  ");
        strbuf_reset(&b);
        show_text(&b, "ab\xc3\xa4", 3);
        assert_string_equal(strbuf_text(&b), "ab…");
}

/* ---- status ---- */

static const struct {
        const char *text;
        Health health;
        const char *detail;
} health_rows[] = {
        { "healthy: 200 in 2.3 ms", HEALTH_HEALTHY, "200 in 2.3 ms" },
        { "starting: connection refused", HEALTH_STARTING, "connection refused" },
        { "unhealthy: no answer within 2 s (3 of 3)", HEALTH_UNHEALTHY, "no answer within 2 s (3 of 3)" },
        { "1 of 3 failed: status 500, expected 200", HEALTH_FAILING, "status 500, expected 200" },
        { "running; no health check is configured", HEALTH_NONE, "" },
        { "the import failed: no disk", HEALTH_NONE, "" },
        { "", HEALTH_NONE, "" },
};

static void test_health(void **state _unused_) {
        for (size_t i = 0; i < ARRAY_SIZE(health_rows); i++) {
                const char *detail = NULL;

                assert_int_equal(status_health(health_rows[i].text, &detail), health_rows[i].health);
                assert_string_equal(detail, health_rows[i].detail);
        }
}

static void test_cgroup(void **state _unused_) {
        static const char stat[] = "usage_usec 1234\nuser_usec 5\nsystem_usec x\n";

        assert_int_equal(cgroup_parse_number("42\n"), 42);
        assert_int_equal(cgroup_parse_number("0"), 0);
        assert_true(cgroup_parse_number("max\n") == UNKNOWN);
        assert_true(cgroup_parse_number("") == UNKNOWN);
        assert_true(cgroup_parse_number("99999999999999999999999\n") == UNKNOWN);
        assert_int_equal(cgroup_parse_key(stat, "usage_usec"), 1234);
        assert_int_equal(cgroup_parse_key(stat, "user_usec"), 5);
        assert_true(cgroup_parse_key(stat, "system_usec") == UNKNOWN);
        assert_true(cgroup_parse_key(stat, "usage") == UNKNOWN);
        assert_true(cgroup_parse_key("", "usage") == UNKNOWN);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_arguments), cmocka_unit_test(test_argument_values),
                cmocka_unit_test(test_table),     cmocka_unit_test(test_completion_knows_all),
                cmocka_unit_test(test_spans),     cmocka_unit_test(test_shown),
                cmocka_unit_test(test_split),     cmocka_unit_test(test_sizes),
                cmocka_unit_test(test_foreign_text), cmocka_unit_test(test_health),
                cmocka_unit_test(test_cgroup),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
