/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * No secret leaves in a log line: values of the env file however they are written, what looks like a
 * key; and what is no secret stays readable.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "journal/redact.h"

#define R REDACTED

typedef struct Row {
        const char *line, *wanted;
} Row;

static const char *const values[] = {
        "hunter22", "p@ss/w:rd &x", "it's \"q\"", "schlüssel€", "tab\tin", "\x1b[1mbold-key",
        "-----BEGIN KEY-----\nabcd1234efgh\n-----END KEY-----", "hunter22-longer", "abc", "    ",
        "back\\slash", "\xf0\x9f\x98\x80smile",
};

static void check_rows(const Redactor *r, const Row *rows, size_t n) {
        for (size_t i = 0; i < n; i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                redact_line(r, rows[i].line, strlen(rows[i].line), &b);
                assert_string_equal(strbuf_text(&b), rows[i].wanted);
        }
}

static void test_values(void **state) {
        static const Row rows[] = {
                { "nothing here", "nothing here" },
                { "", "" },
                { "login with hunter22 failed", "login with " R " failed" },
                { "hunter22hunter22", R },
                { "hunter2 is another", "hunter2 is another" },
                { "hunter22-longer", R }, /* the longer one, whole */
                { "xhunter22x", "x" R "x" },
                { "p@ss/w:rd &x", R },
                { "url?k=p%40ss%2Fw%3Ard%20%26x&z", "url?k=" R "&z" },
                { "url?k=p%40ss%2fw%3ard%20%26x&z", "url?k=" R "&z" },
                { "url?k=p%40ss/w%3Ard%20%26x&z", "url?k=" R "&z" },
                { "url?k=p%40ss%2Fw%3Ard+%26x&z", "url?k=" R "&z" },
                { "url?k=p@ss/w:rd%20&x;", "url?k=" R ";" },
                { "{\"a\": \"it's \\\"q\\\"\"}", "{\"a\": \"" R "\"}" },
                { "repr 'it\\'s \"q\"'", "repr '" R "'" },
                { "json p@ss\\/w:rd &x", "json " R },
                { "json back\\\\slash", "json " R },
                { "json schl\\u00fcssel\\u20ac", "json " R },
                { "json \\ud83d\\ude00smile", "json " R },
                { "raw schlüssel€!", "raw " R "!" },
                { "tab in", R }, /* control characters are blanks in both */
                { "tab\tin", R },
                { "bold-key", R },
                { "hun\x1b[31mter22", R }, /* a colour inside hides nothing */
                { "hun\x1b]0;title\ater22", R },
                { "  abcd1234efgh", "  " R }, /* one line of a value of many */
                { "-----BEGIN KEY-----", R },
                { "abc is short", "abc is short" },
        };
        _cleanup_arena_ Arena arena = { 0 };
        Redactor r = { .arena = &arena };

        for (size_t i = 0; i < ARRAY_SIZE(values); i++)
                redact_add_value(&r, values[i]);
        redact_add_value(&r, NULL);
        redact_add_value(&r, "");
        check_rows(&r, rows, ARRAY_SIZE(rows));
}

static void test_raw_text(void **state) {
        static const char text[] = "# comment=not\nA='quoted value'\nexport B=plain99\n"
                                   "broken line without sign\nC=\"open quote\nD=last1";
        static const Row rows[] = {
                { "quoted value", R }, { "plain99", R }, { "open quote", R }, { "last1", R },
                { "broken line without sign", R }, { "comment=not", "comment=not" },
        };
        _cleanup_arena_ Arena arena = { 0 };
        Redactor r = { .arena = &arena };

        redact_add_text(&r, text, strlen(text));
        check_rows(&r, rows, ARRAY_SIZE(rows));
}

static void test_shapes(void **state) {
        static const Row rows[] = {
                { "key sk-live-51Hq7vGmNoBody!", "key " R "!" },
                { "key sk-proj-abc_DEF-0123456789", "key " R },
                { "task-force-alphabetagamma", "task-force-alphabetagamma" },
                { "(ghp_0123456789abcdefABCD)", "(" R ")" },
                { "github_pat_11ABCDEFG0123456789_x", R },
                { "xoxb-123456789012-abcdef", R },
                { "AKIAIOSFODNN7EXAMPLE", R },
                { "AIzaSyA-0123456789_abcdefghijklmnopqrs", R },
                { "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_def.", R },
                { "Authorization: Bearer abc.def-ghi_123", "Authorization: Bearer " R },
                { "authorization=Basic dXNlcjpwYXNz", "authorization=Basic " R },
                { "sent bearer 0123456789abcdef, ok", "sent bearer " R ", ok" },
                { "basic setup done", "basic setup done" },
                { "password=hunter2 user=bob", "password=" R " user=bob" },
                { "DB_PASSWORD = 'a b c' x", "DB_PASSWORD = '" R "' x" },
                { "{\"api_key\": \"abc\", \"n\": 1}", "{\"api_key\": \"" R "\", \"n\": 1}" },
                { "{\\\"token\\\":\\\"abc\\\"}", "{\\\"token\\\":\\\"" R "\"}" },
                { "{'client_secret': 'xyz'}", "{'client_secret': '" R "'}" },
                { "OPENAI_API_KEY=abc", "OPENAI_API_KEY=" R },
                { "GET /?access_token=abc&x=1", "GET /?access_token=" R "&x=1" },
                { "PASSWORD2: x", "PASSWORD2: " R },
                { "total_tokens: 512, author: Ann", "total_tokens: 512, author: Ann" },
                { "the password is wrong", "the password is wrong" },
                { "postgres://bob:s3cr3t@db:5432/x", "postgres://bob:" R "@db:5432/x" },
                { "amqp://u:p@ss:w/rd@h/", "amqp://u:" R "@h/" },
                { "https://token12@host/x", "https://" R "@host/x" },
                { "http://127.0.0.1:8000/health", "http://127.0.0.1:8000/health" },
                { "mail to bob@example.com", "mail to bob@example.com" },
                { "https://hooks.slack.com/services/T00/B00/XXXX", "https://" R },
                { "-----BEGIN RSA PRIVATE KEY-----MIIEow", "-----BEGIN RSA PRIVATE KEY-----" R },
                { "MIIEowIBAAKCAQEA0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL", R },
                { "password:", "password:" }, { "password=", "password=" }, { "token", "token" },
                { "://", "://" }, { "a://@", "a://@" }, { "sk-", "sk-" }, { "bearer ", "bearer " },
        };
        _cleanup_arena_ Arena arena = { 0 };
        Redactor r = { .arena = &arena };

        check_rows(&r, rows, ARRAY_SIZE(rows));
}

static void test_plain(void **state) {
        static const Row rows[] = {
                { "a\x01" "b\x7f" "c\r", "a b c " },
                { "\x1b[1;31mred\x1b[0m", "red" },
                { "\x1b(Bx", "Bx" },
                { "end\x1b", "end" },
                { "end\x1b[", "end" },
                { "bad \xff\xfe utf\xc3", "bad ?? utf?" },
                { "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
                { "\xed\xa0\x80", "???" },
        };
        _cleanup_arena_ Arena arena = { 0 };
        Redactor r = { .arena = &arena };

        check_rows(&r, rows, ARRAY_SIZE(rows));
}

/* A secret across the place where a line is cut, at every offset. */
static void test_cut(void **state) {
        _cleanup_arena_ Arena arena = { 0 };
        Redactor r = { .arena = &arena };

        redact_add_value(&r, "0123456789secret");
        for (size_t at = 470; at < 520; at++) {
                _cleanup_strbuf_ StrBuf b = { 0 };
                char line[700];

                memset(line, 'x', sizeof(line));
                memcpy(line + at, "0123456789secret", 16);
                memcpy(line + 600, "\xc3\xbc", 2);
                redact_line(&r, line, sizeof(line), &b);
                assert_true(b.len <= REDACT_LINE_BYTES_MAX);
                assert_true(utf8_is_valid(b.text, b.len));
                assert_null(strstr(b.text, "01"));
        }
}

/* A line that is longer than what is looked at, and full of secrets, so that much of it is shown. */
static void test_huge(void **state) {
        _cleanup_arena_ Arena arena = { 0 };
        _cleanup_strbuf_ StrBuf line = { 0 }, b = { 0 };
        Redactor r = { .arena = &arena };
        char *value = arena_alloc_text(&arena, 9001);

        memset(value, 'v', 9000);
        value[9000] = 0;
        redact_add_value(&r, value);
        for (int i = 0; i < 7; i++) {
                strbuf_add_bytes(&line, value, 9000);
                strbuf_add(&line, " ");
        }
        redact_line(&r, line.text, line.len, &b);
        assert_string_equal(b.text, R);
        strbuf_reset(&b);
        strbuf_reset(&line);
        for (int i = 0; i < 40000; i++)
                strbuf_add(&line, "ü");
        redact_line(&r, line.text, line.len - 1, &b);
        assert_true(b.len <= REDACT_LINE_BYTES_MAX && b.len > REDACT_LINE_BYTES_MAX - 10);
        assert_true(utf8_is_valid(b.text, b.len));
}

/* Anything at all gives valid text without the value. */
static void test_noise(void **state) {
        _cleanup_arena_ Arena arena = { 0 };
        Redactor r = { .arena = &arena };
        unsigned seed = 1;

        redact_add_value(&r, "aXbX");
        for (int i = 0; i < 20000; i++) {
                static const char alphabet[] = "aXbX :/@=\"'\\\x1b[m\xc3\xbc\x01sk-token";
                _cleanup_strbuf_ StrBuf b = { 0 };
                char line[40];
                size_t n = (seed = seed * 1103515245 + 12345) >> 16 & 31;

                for (size_t k = 0; k < n; k++)
                        line[k] = alphabet[((seed = seed * 1103515245 + 12345) >> 16) %
                                           (sizeof(alphabet) - 1)];
                redact_line(&r, line, n, &b);
                assert_true(utf8_is_valid(strbuf_text(&b), b.len));
                assert_null(strstr(strbuf_text(&b), "aXbX"));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_values), cmocka_unit_test(test_raw_text),
                cmocka_unit_test(test_shapes), cmocka_unit_test(test_plain),
                cmocka_unit_test(test_cut),    cmocka_unit_test(test_huge),
                cmocka_unit_test(test_noise),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
