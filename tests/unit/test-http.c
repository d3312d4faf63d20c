/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The HTTP parser of the health gate: every answer whole, byte by byte and cut in two at each place
 * must give the same verdict. A row of the table is one answer; add a row for a new kind.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../helpers/health-gate/http.h"
#include "config.h"

typedef struct AnswerRow {
        const char *title;
        const char *answer;
        HttpVerdict fed;   /* when all of it was fed */
        HttpVerdict ended; /* and then the other side closed */
        unsigned status;   /* when done */
        const char *body;  /* a text that is found in the body, or NULL */
} AnswerRow;

#define OK "HTTP/1.1 200 OK\r\n"

static const AnswerRow answer_rows[] = {
        { "length", OK "Content-Length: 2\r\n\r\nok", HTTP_DONE, HTTP_DONE, 200, "ok" },
        { "length, more follows", OK "Content-Length: 2\r\n\r\nokHTTP/1.1", HTTP_DONE, HTTP_DONE, 200,
          "ok" },
        { "length 0", OK "Content-Length: 0\r\n\r\n", HTTP_DONE, HTTP_DONE, 200, NULL },
        { "length twice the same", OK "Content-Length: 2\r\ncontent-length:2\r\n\r\nok", HTTP_DONE,
          HTTP_DONE, 200, "ok" },
        { "length blanks", OK "CONTENT-LENGTH \t:\t 2 \t\r\n\r\nok", HTTP_DONE, HTTP_DONE, 200, "ok" },
        { "length contradicts", OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", HTTP_GARBAGE,
          HTTP_GARBAGE, 0, NULL },
        { "length no number", OK "Content-Length: x\r\n\r\nok", HTTP_GARBAGE, HTTP_GARBAGE, 0, NULL },
        { "length empty", OK "Content-Length:\r\n\r\nok", HTTP_GARBAGE, HTTP_GARBAGE, 0, NULL },
        { "length negative", OK "Content-Length: -1\r\n\r\nok", HTTP_GARBAGE, HTTP_GARBAGE, 0, NULL },
        { "length over the limit", OK "Content-Length: 65537\r\n\r\n", HTTP_TOO_LONG, HTTP_TOO_LONG, 0,
          NULL },
        { "length overflows", OK "Content-Length: 99999999999999999999999999\r\n\r\n", HTTP_TOO_LONG,
          HTTP_TOO_LONG, 0, NULL },
        { "length not reached", OK "Content-Length: 3\r\n\r\nok", HTTP_MORE, HTTP_CUT, 0, NULL },
        { "until close", OK "Server: x\r\n\r\nhello", HTTP_MORE, HTTP_DONE, 200, "hello" },
        { "until close, empty body", OK "\r\n", HTTP_MORE, HTTP_DONE, 200, NULL },
        { "HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", HTTP_MORE, HTTP_DONE, 200, "hello" },
        { "no reason", "HTTP/1.1 204\r\n\r\n", HTTP_DONE, HTTP_DONE, 204, NULL },
        { "empty reason", "HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n", HTTP_DONE, HTTP_DONE, 503, NULL },
        { "204 has no body", "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", HTTP_DONE, HTTP_DONE, 204,
          NULL },
        { "304 has no body", "HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", HTTP_DONE, HTTP_DONE, 304,
          NULL },
        { "101 is final", "HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\n", HTTP_DONE, HTTP_DONE, 101, NULL },
        { "interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" OK
                     "Content-Length: 2\r\n\r\nok", HTTP_DONE, HTTP_DONE, 200, "ok" },
        { "interim length is forgotten", "HTTP/1.1 100 C\r\nContent-Length: 9\r\n\r\n" OK
                     "Content-Length: 2\r\n\r\nok", HTTP_DONE, HTTP_DONE, 200, "ok" },
        { "interim only", "HTTP/1.1 100 Continue\r\n\r\n", HTTP_MORE, HTTP_CUT, 0, NULL },
        { "bare LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", HTTP_DONE, HTTP_DONE, 200, "ok" },
        { "chunked", OK "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", HTTP_DONE,
          HTTP_DONE, 200, "hello" },
        { "chunked beats length", OK "Content-Length: 1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n"
          "5;a=b\r\nhello\r\n00\r\nTrailer: x\r\n\r\n", HTTP_DONE, HTTP_DONE, 200, "hello" },
        { "chunked, hex", OK "Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0a\r\n0123456789\r\n"
          "0\r\n\r\n", HTTP_DONE, HTTP_DONE, 200, "67890123" },
        { "chunked, no end", OK "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n", HTTP_MORE, HTTP_CUT, 0,
          NULL },
        { "chunk without size", OK "Transfer-Encoding: chunked\r\n\r\n\r\n", HTTP_GARBAGE, HTTP_GARBAGE,
          0, NULL },
        { "chunk size wrong", OK "Transfer-Encoding: chunked\r\n\r\n2x\r\n", HTTP_GARBAGE, HTTP_GARBAGE,
          0, NULL },
        { "chunk longer than said", OK "Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n", HTTP_GARBAGE,
          HTTP_GARBAGE, 0, NULL },
        { "chunk size huge", OK "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", HTTP_TOO_LONG,
          HTTP_TOO_LONG, 0, NULL },
        { "other coding ends with close", OK "Transfer-Encoding: gzip\r\n\r\nhello", HTTP_MORE, HTTP_DONE,
          200, "hello" },
        { "folded header", OK "X-A: b\r\n Content-Length: 9\r\nContent-Length: 2\r\n\r\nok", HTTP_DONE,
          HTTP_DONE, 200, "ok" },
        { "nothing", "", HTTP_MORE, HTTP_EMPTY, 0, NULL },
        { "half a status line", "HTTP/1.1 20", HTTP_MORE, HTTP_CUT, 0, NULL },
        { "no final line end", "HTTP/1.1 200 OK\r\nServer: x", HTTP_MORE, HTTP_CUT, 0, NULL },
        { "no colon", OK "Server\r\n\r\n", HTTP_GARBAGE, HTTP_GARBAGE, 0, NULL },
        { "greeting of SSH", "SSH-2.0-OpenSSH_9\r\n", HTTP_GARBAGE, HTTP_GARBAGE, 0, NULL },
        { "greeting in lower case", "http/1.1 200 OK\r\n\r\n", HTTP_GARBAGE, HTTP_GARBAGE, 0, NULL },
        { "HTTP/2", "HTTP/2 200\r\n\r\n", HTTP_GARBAGE, HTTP_GARBAGE, 0, NULL },
        { "TLS alert", "\x15\x03\x01", HTTP_GARBAGE, HTTP_GARBAGE, 0, NULL },
        { "no status", "HTTP/1.1 \r\n\r\n", HTTP_GARBAGE, HTTP_GARBAGE, 0, NULL },
        { "status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", HTTP_GARBAGE, HTTP_GARBAGE, 0, NULL },
        { "status below 100", "HTTP/1.1 099 OK\r\n\r\n", HTTP_GARBAGE, HTTP_GARBAGE, 0, NULL },
        { "first line only", "\r\n", HTTP_GARBAGE, HTTP_GARBAGE, 0, NULL },
};

static HttpSearch search;

static void check_result(const AnswerRow *row, HttpParser *p, const char *how) {
        HttpVerdict ended;

        if (p->verdict != row->fed)
                print_message("# %s, %s: verdict %d, not %d\n", row->title, how, p->verdict, row->fed);
        assert_int_equal(p->verdict, row->fed);
        ended = http_end(p);
        if (ended != row->ended)
                print_message("# %s, %s: at the end %d, not %d\n", row->title, how, ended, row->ended);
        assert_int_equal(ended, row->ended);
        if (ended == HTTP_DONE)
                assert_int_equal(p->status, row->status);
        if (row->body)
                assert_true(http_search_found(&search));
}

static void start(const AnswerRow *row, HttpParser *p) {
        if (row->body)
                assert_int_equal(http_search_init(&search, row->body), 0);
        http_init(p, row->body ? &search : NULL);
}

static void test_answers(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(answer_rows); i++) {
                const AnswerRow *row = &answer_rows[i];
                size_t n = strlen(row->answer);
                HttpParser p;

                for (size_t cut = 0; cut <= n; cut++) {
                        start(row, &p);
                        http_feed(&p, row->answer, cut);
                        http_feed(&p, row->answer + cut, n - cut);
                        check_result(row, &p, "in two");
                }
                start(row, &p);
                for (size_t j = 0; j < n; j++)
                        http_feed(&p, row->answer + j, 1);
                check_result(row, &p, "byte by byte");
        }
}

static void test_nul_in_header(void **state) {
        static const char answer[] = OK "Server: a\0b\r\n\r\n";
        HttpParser p;

        http_init(&p, NULL);
        assert_int_equal(http_feed(&p, answer, sizeof(answer) - 1), HTTP_GARBAGE);
}

/* A line of any length is skipped, but one that decides something is never read in part. */
static void test_long_header(void **state) {
        char line[4000];
        HttpParser p;

        memset(line, 'x', sizeof(line));
        for (int colon = 0; colon < 2; colon++) {
                line[100] = colon ? ':' : 'x';
                http_init(&p, NULL);
                http_feed(&p, OK, strlen(OK));
                assert_int_equal(http_feed(&p, line, sizeof(line)), HTTP_MORE);
                assert_int_equal(http_feed(&p, "\r\nContent-Length: 0\r\n\r\n", 23), HTTP_DONE);
        }
        memcpy(line, "Content-Length: ", 16);
        memset(line + 16, ' ', sizeof(line) - 16);
        http_init(&p, NULL);
        http_feed(&p, OK, strlen(OK));
        http_feed(&p, line, sizeof(line));
        assert_int_equal(http_feed(&p, "2\r\n", 3), HTTP_GARBAGE);
}

/* Exactly the limit is taken; one byte more, of whatever, is not. */
static void test_limit(void **state) {
        static const struct {
                const char *head;
                char fill;
        } rows[] = {
                { OK "\r\n", 'b' },     /* a body until close */
                { OK "X: ", 'h' },      /* a header without end */
                { OK, '\n' },           /* line ends: the second ends the headers */
                { "HTTP/1.1 200 ", 'r' }, /* a reason without end */
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                size_t n = strlen(rows[i].head);
                HttpParser p;

                http_init(&p, NULL);
                http_feed(&p, rows[i].head, n);
                for (; n < HTTP_ANSWER_MAX_BYTES; n++)
                        assert_int_equal(http_feed(&p, &rows[i].fill, 1), HTTP_MORE);
                assert_int_equal(http_feed(&p, &rows[i].fill, 1), HTTP_TOO_LONG);
                assert_int_equal(http_end(&p), HTTP_TOO_LONG);
        }
}

static void test_endless_interim(void **state) {
        static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
        HttpVerdict v = HTTP_MORE;
        HttpParser p;
        int n = 0;

        http_init(&p, NULL);
        for (; v == HTTP_MORE && n < 10000; n++)
                v = http_feed(&p, interim, sizeof(interim) - 1);
        assert_int_equal(v, HTTP_TOO_LONG);
}

static bool found_in(const char *text, const char *body) {
        static const char head[] = OK "\r\n";
        HttpParser p;

        assert_int_equal(http_search_init(&search, text), 0);
        http_init(&p, &search);
        http_feed(&p, head, sizeof(head) - 1);
        for (const char *s = body; *s; s++)
                http_feed(&p, s, 1);
        http_end(&p);
        return http_search_found(&search);
}

static void test_search(void **state) {
        static const char *const bodies[] = { "", "a", "ab", "aab", "aabaaab", "abababac", "aaaaaaab",
                                              "\"status\":\"ok\"", "abcabcabd" };
        static const char *const texts[] = { "a", "ab", "aaab", "ababac", "aaaab", "ok", "abcabd",
                                             "status\":\"ok", "abcabcabda" };

        for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
                for (size_t j = 0; j < ARRAY_SIZE(texts); j++)
                        assert_int_equal(found_in(texts[j], bodies[i]),
                                         strstr(bodies[i], texts[j]) != NULL);
}

static void test_search_bounds(void **state) {
        char text[HTTP_EXPECT_MAX_BYTES + 2];

        memset(text, 'x', sizeof(text));
        text[HTTP_EXPECT_MAX_BYTES + 1] = 0;
        assert_int_equal(http_search_init(&search, ""), -EINVAL);
        assert_int_equal(http_search_init(&search, text), -E2BIG);
        text[HTTP_EXPECT_MAX_BYTES] = 0;
        assert_int_equal(http_search_init(&search, text), 0);
}

/* The text is looked for in the body only, and in this answer only. */
static void test_search_scope(void **state) {
        static const char head[] = OK "X-Secret: good\r\nContent-Length: 2\r\n\r\n";
        HttpParser p;

        assert_int_equal(http_search_init(&search, "good"), 0);
        http_init(&p, &search);
        http_feed(&p, head, sizeof(head) - 1);
        assert_int_equal(http_feed(&p, "go", 2), HTTP_DONE);
        assert_false(http_search_found(&search));
        http_init(&p, &search);
        http_feed(&p, head, sizeof(head) - 1);
        assert_int_equal(http_feed(&p, "od", 2), HTTP_DONE);
        assert_false(http_search_found(&search));
}

static void test_request(void **state) {
        static const char wanted[] = "GET /health?a=b HTTP/1.1\r\n"
                                     "Host: [::1]:8000\r\n"
                                     "User-Agent: fte-health-gate/" FTE_VERSION "\r\n"
                                     "Accept: */*\r\n"
                                     "Connection: close\r\n"
                                     "\r\n";
        char buf[HTTP_REQUEST_MAX_BYTES], small[64];
        HealthUrl url;

        assert_int_equal(health_url_parse("http://[::1]:8000/health?a=b", &url, NULL), 0);
        assert_int_equal(http_request(&url, buf, sizeof(buf)), sizeof(wanted) - 1);
        assert_string_equal(buf, wanted);
        assert_int_equal(http_request(&url, small, sizeof(small)), -E2BIG);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_answers),       cmocka_unit_test(test_nul_in_header),
                cmocka_unit_test(test_long_header),   cmocka_unit_test(test_limit),
                cmocka_unit_test(test_endless_interim), cmocka_unit_test(test_search),
                cmocka_unit_test(test_search_bounds), cmocka_unit_test(test_search_scope),
                cmocka_unit_test(test_request),
        };

        return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
