/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The small parts of fte-alert-deliver: cutting text, secrets, outcomes and pauses, addresses.
 */

#include "channel-case.h"
#include "message.h"
#include "outcome.h"

#define EMOJI "\xF0\x9F\x91\xA9"

static const TextEscape html[] = { { '<', "&lt;" }, { '&', "&amp;" }, { 0 } };

static const struct {
        const char *text;
        TextUnit unit;
        size_t max;
        const char *wanted;
        size_t units;
} cut_rows[] = {
        { "", TEXT_UTF16, 0, "", 0 },
        { "abc", TEXT_UTF16, 3, "abc", 3 },
        { "abcd", TEXT_UTF16, 3, "ab…", 3 },
        { "abcd", TEXT_UTF16, 0, "", 0 },
        { "a" EMOJI, TEXT_UTF16, 3, "a" EMOJI, 3 },
        { "a" EMOJI "b", TEXT_UTF16, 3, "a…", 2 },
        { EMOJI EMOJI, TEXT_UTF16, 3, EMOJI "…", 3 },
        { EMOJI EMOJI, TEXT_BYTES, 8, EMOJI EMOJI, 8 },
        { EMOJI EMOJI, TEXT_BYTES, 7, EMOJI "…", 7 },
        { EMOJI EMOJI, TEXT_BYTES, 6, "…", 3 },
        { EMOJI EMOJI, TEXT_BYTES, 2, "", 0 },
        { "<<", TEXT_UTF16, 8, "&lt;&lt;", 8 },
        { "<<", TEXT_UTF16, 7, "&lt;…", 5 },
        { "é&", TEXT_BYTES, 7, "é&amp;", 7 },
};

static void test_cut(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(cut_rows); i++) {
                const TextStyle style = { html, cut_rows[i].unit };
                _cleanup_strbuf_ StrBuf b = { 0 };

                assert_int_equal(text_add(&b, cut_rows[i].text, &style, cut_rows[i].max),
                                 cut_rows[i].units);
                assert_string_equal(strbuf_text(&b), cut_rows[i].wanted);
        }
}

static void test_lines(void **state) {
        static char *lines[] = { (char *) "one", (char *) "two", (char *) "three", NULL };
        static char *long_line[] = { (char *) "first", (char *) "0123456789012345678901234567890123"
                                     "45678901234567890123456789012345678901234567890123", NULL };
        const TextStyle style = { NULL, TEXT_UTF16 };
        _cleanup_strbuf_ StrBuf b = { 0 };

        assert_int_equal(text_add_lines(&b, NULL, &style, 100), 0);
        assert_int_equal(text_add_lines(&b, lines, &style, 100), 13);
        assert_string_equal(b.text, "one\ntwo\nthree");
        strbuf_reset(&b);
        text_add_lines(&b, lines, &style, 48 + 7);
        assert_string_equal(b.text, "(2 earlier lines left out)\nthree");
        strbuf_reset(&b);
        assert_int_equal(text_add_lines(&b, long_line, &style, 60), 60);
        assert_string_equal(b.text,
                            "(1 earlier line left out)\n012345678901234567890123456789012…");
}

static const struct {
        const char *text;
        int r;
        size_t n;
        const char *first, *last;
} secret_rows[] = {
        { "https://x/y", 0, 1, "https://x/y", "https://x/y" },
        { " \t a  b\tc d \r\n\n", 0, 4, "a", "d" },
        { "", -ENOENT, 0, NULL, NULL },
        { " \n\t\r\n", -ENOENT, 0, NULL, NULL },
        { "a b c d e", -EINVAL, 0, NULL, NULL },
        { "a\nb", -EINVAL, 0, NULL, NULL },
        { "a\x01", -EINVAL, 0, NULL, NULL },
        { "k\xff\xfe", -EINVAL, 0, NULL, NULL },
        { "\na", 0, 1, "a", "a" },
};

static void test_secret_parse(void **state) {
        char big[SECRET_MAX_BYTES];
        Secret s;

        for (size_t i = 0; i < ARRAY_SIZE(secret_rows); i++) {
                int r = secret_parse(secret_rows[i].text, strlen(secret_rows[i].text), &s);

                assert_int_equal(r, secret_rows[i].r);
                if (r < 0)
                        continue;
                assert_int_equal(s.n_words, secret_rows[i].n);
                assert_string_equal(s.words[0], secret_rows[i].first);
                assert_string_equal(s.words[s.n_words - 1], secret_rows[i].last);
        }
        memset(big, 'x', sizeof(big));
        assert_int_equal(secret_parse(big, sizeof(big), &s), -EFBIG);
        assert_int_equal(secret_parse(big, sizeof(big) - 1, &s), 0);
        assert_int_equal(secret_parse("a\0b", 3, &s), -EINVAL);
}

/* One and the same secret is written in several ways, by whoever made the file and by the receiver. */
static const struct {
        const char *secret, *answer;
        bool found;
} echo_rows[] = {
        { "https://h/tok%2Fen%2Babc", "no such token: tok/en+abc", true },
        { "https://h/tok%2Fen%2Babc", "no such token: tok/en abc", true },
        { "https://h/tok%2Fen%2Babc", "no such token: tok%2fen%2babc", true },
        { "https://h/tok%2Fen%2Babc", "{\"token\": \"tok\\/en\\u002babc\"}", true },
        { "https://h/tok%2Fen%2Babc", "tok%252Fen%252Babc", true },
        { "https://h/%73ecret%31", "secret1 is unknown", true },
        { "https://h/longer%2Fpart", "longer", true },
        { "tk_a+b/cd=ef|gh", "tk_a%2Bb%2Fcd%3Def%7Cgh", true },
        { "tk~a!b|cd", "tk%7Ea%21b%7Ccd", true },
        { "tk~a!b|cd", "tk~a!b|c", false },
        { "https://h/tok%2Fen%2Babc", "token %2 % \\u00 \\", false },
        { "https://h/%", "%%%%%%%%", false },
};

static void test_secret_echo(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(echo_rows); i++) {
                const char *secret = echo_rows[i].secret, *answer = echo_rows[i].answer;
                Secret s;

                assert_int_equal(secret_parse(secret, strlen(secret), &s), 0);
                if (secret_is_in(&s, answer, strlen(answer)) != echo_rows[i].found)
                        fail_msg("%s in %s", secret, answer);
        }
}

static void test_secret_is_in(void **state) {
        static const char in[] = "no route /services/T0000/B1111111/xyzxyzxyz", url[] =
                "https://hooks.example/services/T0000/B1111111/xyzxyzxyz";
        Secret s;

        assert_int_equal(secret_parse(url, strlen(url), &s), 0);
        assert_true(secret_is_in(&s, in, strlen(in)));
        assert_true(secret_is_in(&s, "\0\0xyzxyzxyz\0", 12));
        assert_true(secret_is_in(&s, "https:\\/\\/hooks.example\\/", 24));
        assert_false(secret_is_in(&s, "T0000 https ok", 14));
        assert_false(secret_is_in(&s, "", 0));
}

static const struct {
        long status;
        OutcomeKind kind;
} http_rows[] = {
        { 200, OUTCOME_SENT },  { 202, OUTCOME_SENT },  { 204, OUTCOME_SENT },
        { 299, OUTCOME_SENT },  { 300, OUTCOME_DEAD },  { 301, OUTCOME_DEAD },
        { 307, OUTCOME_DEAD },  { 308, OUTCOME_DEAD },  { 400, OUTCOME_DEAD },
        { 401, OUTCOME_DEAD },  { 403, OUTCOME_DEAD },  { 404, OUTCOME_DEAD },
        { 407, OUTCOME_DEAD },  { 408, OUTCOME_RETRY }, { 410, OUTCOME_DEAD },
        { 425, OUTCOME_RETRY }, { 429, OUTCOME_RETRY }, { 499, OUTCOME_DEAD },
        { 500, OUTCOME_RETRY }, { 502, OUTCOME_RETRY }, { 599, OUTCOME_RETRY },
        { 100, OUTCOME_RETRY }, { 0, OUTCOME_RETRY },   { 999, OUTCOME_RETRY },
}, smtp_rows[] = {
        { 250, OUTCOME_SENT },   { 421, OUTCOME_RETRY },  { 451, OUTCOME_RETRY },
        { 454, OUTCOME_RETRY },  { 530, OUTCOME_CONFIG }, { 535, OUTCOME_CONFIG },
        { 538, OUTCOME_CONFIG }, { 550, OUTCOME_DEAD },   { 554, OUTCOME_DEAD },
        { 354, OUTCOME_RETRY },
}, exit_rows[] = {
        { 0, OUTCOME_SENT },   { 1, OUTCOME_RETRY },  { 65, OUTCOME_DEAD },
        { 67, OUTCOME_DEAD },  { 75, OUTCOME_RETRY }, { 78, OUTCOME_RETRY },
        { 127, OUTCOME_RETRY },
};

static void test_kinds(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(http_rows); i++)
                assert_int_equal(outcome_of_http(http_rows[i].status), http_rows[i].kind);
        for (size_t i = 0; i < ARRAY_SIZE(smtp_rows); i++)
                assert_int_equal(outcome_of_smtp(smtp_rows[i].status), smtp_rows[i].kind);
        for (size_t i = 0; i < ARRAY_SIZE(exit_rows); i++)
                assert_int_equal(outcome_of_exit((int) exit_rows[i].status), exit_rows[i].kind);
}

static void test_pause(void **state) {
        static const unsigned seconds[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 };
        Outcome o = { 0 };

        for (size_t i = 0; i < ARRAY_SIZE(seconds); i++) {
                uint64_t usec = seconds[i] * USEC_PER_SEC;

                assert_int_equal(outcome_pause_usec(&o, i + 1, 0), usec - usec / 4);
                assert_int_equal(outcome_pause_usec(&o, i + 1, UINT32_MAX), usec + usec / 4);
        }
        assert_int_equal(outcome_pause_usec(&o, UINT64_MAX, 0), 225 * USEC_PER_SEC);
        o.retry_after_usec = 7 * USEC_PER_SEC;
        assert_int_equal(outcome_pause_usec(&o, 1, 0), 7 * USEC_PER_SEC);
        assert_int_equal(outcome_pause_usec(&o, 20, 0), 225 * USEC_PER_SEC);
        o.retry_after_usec = UINT64_MAX;
        assert_int_equal(outcome_pause_usec(&o, 1, 0), 3600 * USEC_PER_SEC);
}

static void test_answer(void **state) {
        char text[400];
        Outcome o;

        outcome_set(&o, OUTCOME_DEAD, "404");
        outcome_add_text(&o, "\r\n  no\x1b[1m such\nhook", 19);
        assert_string_equal(o.answer, "404: no [1m such");
        outcome_set(&o, OUTCOME_DEAD, "404");
        outcome_add_text(&o, " \n", 2);
        assert_string_equal(o.answer, "404");
        outcome_set(&o, OUTCOME_DEAD, "404");
        outcome_add_text(&o, "a\xff\xff\xff\xff\xff" "b", 7);
        assert_string_equal(o.answer, "404: a?????b");
        for (size_t cut = 0; cut < 4; cut++) {
                memset(text, 'x', sizeof(text));
                for (size_t i = cut; i + 4 < sizeof(text); i += 4)
                        memcpy(text + i, EMOJI, 4);
                outcome_set(&o, OUTCOME_DEAD, "404");
                outcome_add_text(&o, text, sizeof(text));
                assert_true(strlen(o.answer) >= ANSWER_MAX_BYTES - 5);
                assert_null(strchr(o.answer, '?'));
                text[sizeof(text) - 1] = 0;
                outcome_set(&o, OUTCOME_DEAD, "%s", text);
                assert_null(strchr(o.answer, '?'));
        }
}

static const struct {
        const char *address;
        bool valid;
} address_rows[] = {
        { "a@b", true },        { "ops+x@example.com", true }, { "@b", false },
        { "a@", false },        { "a", false },                { "a@b@c", false },
        { "a b@c", false },     { "a@b\r\n", false },          { "<a@b>", false },
        { "a@b,c@d", false },   { "-a@b", false },             { "a\"@b", false },
        { "\xC3\xA9@b", false },
};

static void test_address(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(address_rows); i++)
                assert_int_equal(mail_address_is_valid(address_rows[i].address),
                                 address_rows[i].valid);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cut),          cmocka_unit_test(test_lines),
                cmocka_unit_test(test_secret_parse), cmocka_unit_test(test_secret_is_in),
                cmocka_unit_test(test_secret_echo),
                cmocka_unit_test(test_kinds),        cmocka_unit_test(test_pause),
                cmocka_unit_test(test_answer),       cmocka_unit_test(test_address),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
