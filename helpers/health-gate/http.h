/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The client's half of HTTP/1.1, as much of it as a health check needs: the request as text, and a
 * parser that is fed the answer in pieces of any size. Pure: no descriptor, no clock, no
 * allocation, so that unit tests and the fuzzer drive it without a server.
 */

#include "base/health-url.h"

/* What may be read of one answer, header and body together. */
#define HTTP_ANSWER_MAX_BYTES  (64U * 1024U)
#define HTTP_REQUEST_MAX_BYTES 2048U
/* The longest text of --expect-body=. */
#define HTTP_EXPECT_MAX_BYTES  4095U

typedef enum HttpVerdict {
        HTTP_MORE,     /* the answer is not complete yet */
        HTTP_DONE,     /* complete: status and body are known */
        HTTP_EMPTY,    /* closed without a byte */
        HTTP_CUT,      /* closed before the announced end */
        HTTP_GARBAGE,  /* not HTTP/1.x */
        HTTP_TOO_LONG, /* more than HTTP_ANSWER_MAX_BYTES, or announced to be */
} HttpVerdict;

/* Looks for a text in a stream (Knuth, Morris, Pratt), so that no body has to be kept. */
typedef struct HttpSearch {
        const char *text;
        size_t len;
        size_t matched; /* how much of text the stream ends with just now */
        uint16_t border[HTTP_EXPECT_MAX_BYTES];
} HttpSearch;

typedef enum HttpState {
        HTTP_IN_STATUS_LINE,
        HTTP_IN_HEADER,
        HTTP_IN_CHUNK_SIZE,
        HTTP_IN_CHUNK_END,
        HTTP_IN_TRAILER,
        HTTP_IN_LENGTH_BODY, /* from here on bytes, above lines */
        HTTP_IN_CHUNK,
        HTTP_IN_CLOSE_BODY,
        HTTP_ENDED,
} HttpState;

typedef struct HttpParser {
        HttpState state;
        HttpVerdict verdict;
        unsigned status; /* of the final answer, valid with HTTP_DONE */
        size_t read_bytes;
        uint64_t left_bytes; /* of the body or the chunk */
        bool is_chunked;
        bool has_length;
        bool line_is_cut; /* the line was longer than what is kept of it */
        size_t line_len;
        char line[256]; /* the start of the current line */
        HttpSearch *search; /* the caller's, or NULL */
} HttpParser;

/* text must outlive s. -E2BIG when it is longer than HTTP_EXPECT_MAX_BYTES, -EINVAL when empty. */
int http_search_init(HttpSearch *s, const char *text);
/* Whether the text stood in the body of the answer that was fed last. */
bool http_search_found(const HttpSearch *s);

/* Before each answer. search may be NULL; it is started over. */
void http_init(HttpParser *p, HttpSearch *search);
/* Once the verdict is not HTTP_MORE, what is fed is ignored and the verdict stays. */
HttpVerdict http_feed(HttpParser *p, const char *data, size_t len);
/* The other side has closed. */
HttpVerdict http_end(HttpParser *p);

/* Writes the request for url (not a tcp:// one) and returns its length; -E2BIG: it does not fit. */
int http_request(const HealthUrl *url, char *buf, size_t size_bytes);
