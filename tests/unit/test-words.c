/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Text: words with quotes and escapes, UTF-8, quoting for units; and that parse_words() reads back
 * whatever escape_word() writes.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/escape.h"
#include "base/parse.h"
#include "base/utf8.h"

typedef struct WordsRow {
        const char *text;
        const char *words[6]; /* all NULL and bad set: refused */
        bool bad;
} WordsRow;

static const WordsRow words_rows[] = {
        { "", { NULL } },
        { "  \t ", { NULL } },
        { "a", { "a" } },
        { "  a\t b\nc ", { "a", "b", "c" } },
        { "'a b' \"c d\"", { "a b", "c d" } },
        { "a'b c'd", { "ab cd" } },
        { "'' \"\"", { "", "" } },
        { "'a\"b' \"a'b\"", { "a\"b", "a'b" } },
        { "\\s\\t\\n\\\\\\\"\\'", { " \t\n\\\"'" } },
        { "\\a\\b\\f\\r\\v", { "\a\b\f\r\v" } },
        { "\\x41\\101\\u0041\\U00000041", { "AAAA" } },
        { "\\u00e9 \\xc3\\xa9 \\U0001F600", { "\xc3\xa9", "\xc3\xa9", "\xf0\x9f\x98\x80" } },
        { "'\\x20'", { " " } },
        { "a\xc3\xa9", { "a\xc3\xa9" } },
        { "a;b ; %i $X ${Y}", { "a;b", ";", "%i", "$X", "${Y}" } },
        { "#a b#", { "#a", "b#" } },
        { "'a", { NULL }, true },
        { "\"a", { NULL }, true },
        { "'a\"", { NULL }, true },
        { "a\\", { NULL }, true },
        { "\"a\\", { NULL }, true },
        { "\\q", { NULL }, true },
        { "\\x4", { NULL }, true },
        { "\\xg1", { NULL }, true },
        { "\\x00", { NULL }, true },
        { "\\000", { NULL }, true },
        { "\\400", { NULL }, true },
        { "\\08", { NULL }, true },
        { "\\u12", { NULL }, true },
        { "\\u0000", { NULL }, true },
        { "\\ud800", { NULL }, true },
        { "\\uffff", { NULL }, true },
        { "\\U00110000", { NULL }, true },
        { "\\Uffffffff", { NULL }, true },
        { "\\xff", { NULL }, true },
        { "\\xc3", { NULL }, true },
        { "\\ ", { NULL }, true },
};

static void check_words(Arena *a, const WordsRow *row, ParseWordsFlags flags) {
        char **words = NULL;
        int r = parse_words(a, row->text, flags, &words);

        if (row->bad) {
                if (r != -EINVAL || words)
                        fail_msg("accepted: %s", row->text);
                return;
        }
        assert_int_equal(r, 0);
        for (size_t i = 0; i < ARRAY_SIZE(row->words); i++) {
                if (!streq_ptr(words[i], row->words[i]))
                        fail_msg("%s: word %zu is %s", row->text, i, words[i]);
                if (!words[i])
                        break;
        }
}

static void test_parse_words(void **state) {
        _cleanup_arena_ Arena a = { 0 };

        for (size_t i = 0; i < ARRAY_SIZE(words_rows); i++)
                check_words(&a, &words_rows[i], PARSE_WORDS_QUOTED);
}

static void test_parse_words_plain(void **state) {
        static const WordsRow rows[] = {
                { " a  b\tc ", { "a", "b", "c" } },
                { "'a b'", { "'a", "b'" } },
                { "\"a", { "\"a" } },
                { "a\\", { "a\\" } },
                { "\\x00", { "\\x00" } },
        };
        _cleanup_arena_ Arena a = { 0 };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                check_words(&a, &rows[i], PARSE_WORDS_PLAIN);
}

static void test_strv(void **state) {
        char *const v[] = { (char *) "a", (char *) "bc", NULL };

        assert_int_equal(strv_length(v), 2);
        assert_int_equal(strv_length(NULL), 0);
        assert_int_equal(strv_length(v + 2), 0);
        assert_true(strv_contains(v, "bc"));
        assert_false(strv_contains(v, "b"));
        assert_false(strv_contains(NULL, "b"));
}

typedef struct Utf8Row {
        const char *text;
        bool valid;
} Utf8Row;

static const Utf8Row utf8_rows[] = {
        { "", true },
        { "plain \x7f\t\x01", true },
        { "\xc3\xa9", true },
        { "\xe2\x82\xac", true },
        { "\xf0\x9f\x98\x80", true },
        { "\xf4\x8f\xbf\xbd", true },
        { "\xed\x9f\xbf", true },
        { "\xee\x80\x80", true },
        { "\xef\xbf\xbd", true },
        { "\xef\xbb\xbf", true },
        { "a\xc3\xa9z", true },
        { "\x80", false },
        { "\xbf", false },
        { "\xc3", false },
        { "\xc3z", false },
        { "\xc0\x80", false },
        { "\xc1\xbf", false },
        { "\xe0\x80\x80", false },
        { "\xe0\x9f\xbf", false },
        { "\xe2\x82", false },
        { "\xe2\x82z", false },
        { "\xe2z\xac", false },
        { "\xed\xa0\x80", false },
        { "\xed\xbf\xbf", false },
        { "\xef\xbf\xbe", false },
        { "\xef\xbf\xbf", false },
        { "\xef\xb7\x90", false },
        { "\xef\xb7\xaf", false },
        { "\xf0\x80\x80\x80", false },
        { "\xf0\x8f\xbf\xbf", false },
        { "\xf0\x9f\x98", false },
        { "\xf0\x9f\xbf\xbe", false },
        { "\xf4\x90\x80\x80", false },
        { "\xf5\x80\x80\x80", false },
        { "\xfe", false },
        { "\xff", false },
};

/* In exactly as much memory as it has, so that AddressSanitizer sees a read behind it. */
static bool utf8_check(const char *s, size_t len) {
        char *copy = malloc(len + 1);
        bool valid;

        assert_non_null(copy);
        memcpy(copy + 1, s, len);
        valid = utf8_is_valid(copy + 1, len);
        free(copy);
        return valid;
}

static void test_utf8_is_valid(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(utf8_rows); i++)
                if (utf8_check(utf8_rows[i].text, strlen(utf8_rows[i].text)) != utf8_rows[i].valid)
                        fail_msg("row %zu", i);
        assert_true(utf8_is_valid("a\0b", 3));
        assert_true(utf8_is_valid("\xc3", 0));
}

/* Every code there is, encoded, is valid just when it is a character. */
static void test_utf8_all(void **state) {
        for (uint32_t c = 1; c <= 0x10FFFF; c++) {
                char b[4];
                size_t n = utf8_encode(c, b);
                bool surrogate = c >= 0xD800 && c <= 0xDFFF;
                bool none = (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFF) >= 0xFFFE;

                if (n != (c < 0x80 ? 1u : c < 0x800 ? 2u : c < 0x10000 ? 3u : 4u))
                        fail_msg("U+%04X has %zu bytes", c, n);
                if (utf8_is_valid(b, n) == (surrogate || none))
                        fail_msg("U+%04X", c);
                if (n > 1 && utf8_is_valid(b, n - 1))
                        fail_msg("U+%04X cut short", c);
        }
}

typedef struct EscapeRow {
        const char *word;
        EscapeFlags flags;
        const char *text;
} EscapeRow;

static const EscapeRow escape_rows[] = {
        { "plain", 0, "plain" },
        { "", 0, "\"\"" },
        { ";", 0, "\";\"" },
        { ";a", 0, ";a" },
        { "a b", 0, "\"a b\"" },
        { "a\tb", 0, "\"a\tb\"" },
        { "a\nb", 0, "\"a\\x0ab\"" },
        { "a\"b", 0, "\"a\\\"b\"" },
        { "a'b", 0, "\"a'b\"" },
        { "a\\b", 0, "\"a\\\\b\"" },
        { "\x01\x7f", 0, "\"\\x01\\x7f\"" },
        { "50%", 0, "50%" },
        { "50%", ESCAPE_PERCENT, "50%%" },
        { "$A ${B}", ESCAPE_DOLLAR, "\"$$A $${B}\"" },
        { "$A%", ESCAPE_DOLLAR, "$$A%" },
        { "$%", ESCAPE_DOLLAR | ESCAPE_PERCENT, "$$%%" },
        { "\xc3\xa9", 0, "\xc3\xa9" },
        { "#", 0, "#" },
};

static void test_escape_word(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(escape_rows); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                escape_word(&b, escape_rows[i].word, escape_rows[i].flags);
                assert_string_equal(strbuf_text(&b), escape_rows[i].text);
        }
}

static void test_escape_value(void **state) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        escape_value(&b, "100% of \"it\" $x%%");
        assert_string_equal(strbuf_text(&b), "100%% of \"it\" $x%%%%");
        strbuf_reset(&b);
        escape_value(&b, "");
        assert_string_equal(strbuf_text(&b), "");
}

static void test_word_find(void **state _unused_) {
        static const struct {
                const char *text, *separators, *word;
                int at; /* -1: not there */
        } rows[] = {
                { "", ".", "a", -1 },
                { "a", ".", "", -1 },
                { "...", ".", "", -1 },
                { "py2.py3", ".", "py3", 4 },
                { "py2.py3", ".", "py", -1 },
                { "py2.py3", ".", "2.py", -1 },
                { "py2.py3", " ", "py2.py3", 0 },
                { "cpuset cpu  io\n", " \n", "cpu", 7 },
                { "cpuset cpu  io\n", " \n", "io", 12 },
                { "ufw allow 80/tcp\nufw allow 8080/tcp\n", " \n", "80/tcp", 10 },
                { "ufw allow 180/tcp\nufw allow 80/tcpx", " \n", "80/tcp", -1 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const char *found = word_find(rows[i].text, rows[i].separators, rows[i].word,
                                              strlen(rows[i].word));

                if ((found ? (int) (found - rows[i].text) : -1) != rows[i].at)
                        fail_msg("row %zu: %d and not %d", i,
                                 found ? (int) (found - rows[i].text) : -1, rows[i].at);
        }
        /* Of the word only len bytes count. */
        assert_non_null(word_find("a.b", ".", "b-c", 1));
}

/* Whatever the word, parse_words() reads back what escape_word() wrote. */
static void test_escape_round_trip(void **state) {
        static const char alphabet[] = "ab \t\n\r\"'\\;%$#\x01\x7f=x0n";
        unsigned seed = 1;

        for (int i = 0; i < 20000; i++) {
                _cleanup_arena_ Arena a = { 0 };
                _cleanup_strbuf_ StrBuf b = { 0 };
                char word[10], **words;
                size_t n = (seed = seed * 1103515245 + 12345) >> 16 & 7;

                for (size_t k = 0; k < n; k++)
                        word[k] = alphabet[((seed = seed * 1103515245 + 12345) >> 16) %
                                           (sizeof(alphabet) - 1)];
                word[n] = 0;
                escape_word(&b, word, 0);
                strbuf_add(&b, " end");
                assert_null(strchr(b.text, '\n')); /* it must stay one line */
                assert_int_equal(parse_words(&a, b.text, PARSE_WORDS_QUOTED, &words), 0);
                assert_int_equal(strv_length(words), 2);
                assert_string_equal(words[0], word);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse_words),  cmocka_unit_test(test_parse_words_plain),
                cmocka_unit_test(test_strv),         cmocka_unit_test(test_utf8_is_valid),
                cmocka_unit_test(test_utf8_all),     cmocka_unit_test(test_escape_word),
                cmocka_unit_test(test_escape_value), cmocka_unit_test(test_escape_round_trip),
                cmocka_unit_test(test_word_find),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
