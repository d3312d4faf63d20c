/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parser of http.h: one state machine over lines and counted bytes. Only what decides where the
 * answer ends is understood (RFC 9112, section 6.3); all other headers are skipped. A bare LF ends
 * a line as well as CR LF does. Must not look at a socket or a clock, and keeps nothing of a body.
 */

#include <stdio.h>
#include <strings.h>

#include "config.h"

#include "http.h"

static const char http_name[] = "HTTP/1.";

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

int http_search_init(HttpSearch *s, const char *text) {
        size_t n = strlen(text), k = 0;

        if (n == 0)
                return -EINVAL;
        if (n > HTTP_EXPECT_MAX_BYTES)
                return -E2BIG;
        s->text = text;
        s->len = n;
        s->matched = 0;
        s->border[0] = 0;
        for (size_t i = 1; i < n; i++) {
                while (k > 0 && text[i] != text[k])
                        k = s->border[k - 1];
                if (text[i] == text[k])
                        k++;
                s->border[i] = (uint16_t) k;
        }
        return 0;
}

bool http_search_found(const HttpSearch *s) {
        return s->matched == s->len;
}

static void search_feed(HttpSearch *s, const char *data, size_t len) {
        if (!s)
                return;
        for (size_t i = 0; i < len && s->matched < s->len; i++) {
                while (s->matched > 0 && data[i] != s->text[s->matched])
                        s->matched = s->border[s->matched - 1];
                if (data[i] == s->text[s->matched])
                        s->matched++;
        }
}

void http_init(HttpParser *p, HttpSearch *search) {
        *p = (HttpParser){ .search = search };
        if (search)
                search->matched = 0;
}

static void end(HttpParser *p, HttpVerdict verdict) {
        p->state = HTTP_ENDED;
        p->verdict = verdict;
}

/* "HTTP/1.1 200 OK"; the reason may be missing, and the blank before it too. */
static void on_status_line(HttpParser *p) {
        const char *s = p->line + strlen(http_name);

        if (p->line_len < strlen("HTTP/1.1 200") || !is_digit(s[0]) || s[1] != ' ' || s[2] < '1' ||
            s[2] > '9' || !is_digit(s[3]) || !is_digit(s[4]) || (s[5] && s[5] != ' '))
                return end(p, HTTP_GARBAGE);
        p->status = (unsigned) ((s[2] - '0') * 100 + (s[3] - '0') * 10 + (s[4] - '0'));
        p->is_chunked = p->has_length = false;
        p->left_bytes = 0;
        p->state = HTTP_IN_HEADER;
}

static void on_content_length(HttpParser *p, const char *value) {
        uint64_t n = 0;
        const char *s = value;

        for (; is_digit(*s); s++)
                n = MIN(n * 10 + (uint64_t) (*s - '0'), (uint64_t) HTTP_ANSWER_MAX_BYTES + 1);
        if (s == value || *s || (p->has_length && p->left_bytes != n))
                return end(p, HTTP_GARBAGE);
        p->has_length = true;
        p->left_bytes = n;
}

/* Chunked is always the last coding; what else was done to the body does not matter here. */
static void on_transfer_encoding(HttpParser *p, const char *value) {
        size_t n = strlen(value), m = strlen("chunked");

        p->is_chunked = n >= m && strcasecmp(value + n - m, "chunked") == 0;
}

typedef struct HeaderRow {
        const char *name;
        void (*handle)(HttpParser *p, const char *value);
} HeaderRow;

static const HeaderRow header_rows[] = {
        { "Content-Length", on_content_length },
        { "Transfer-Encoding", on_transfer_encoding },
};

/* The empty line after the headers: what follows? */
static void on_headers_end(HttpParser *p) {
        if (p->status < 200 && p->status != 101) {
                p->state = HTTP_IN_STATUS_LINE; /* interim: the real answer follows */
                return;
        }
        if (p->status == 101 || p->status == 204 || p->status == 304)
                return end(p, HTTP_DONE);
        if (p->is_chunked) {
                p->state = HTTP_IN_CHUNK_SIZE;
                return;
        }
        if (!p->has_length) {
                p->state = HTTP_IN_CLOSE_BODY;
                return;
        }
        if (p->left_bytes == 0)
                return end(p, HTTP_DONE);
        if (p->left_bytes > HTTP_ANSWER_MAX_BYTES)
                return end(p, HTTP_TOO_LONG);
        p->state = HTTP_IN_LENGTH_BODY;
}

static void on_header(HttpParser *p) {
        char *colon, *value, *tail;

        if (p->line_len == 0)
                return on_headers_end(p);
        if (p->line[0] == ' ' || p->line[0] == '\t')
                return; /* a folded line: never of a header that matters */
        colon = strchr(p->line, ':');
        if (!colon) {
                if (!p->line_is_cut)
                        end(p, HTTP_GARBAGE);
                return;
        }
        value = colon + 1 + strspn(colon + 1, " \t");
        for (tail = p->line + p->line_len; tail > value && (tail[-1] == ' ' || tail[-1] == '\t');)
                *--tail = 0;
        for (tail = colon; tail > p->line && (tail[-1] == ' ' || tail[-1] == '\t');)
                tail--;
        *tail = 0;
        for (size_t i = 0; i < ARRAY_SIZE(header_rows); i++)
                if (strcasecmp(p->line, header_rows[i].name) == 0) {
                        if (p->line_is_cut)
                                return end(p, HTTP_GARBAGE);
                        return header_rows[i].handle(p, value);
                }
}

/* "1a" or "1a;name=value": extensions are ignored. */
static void on_chunk_size(HttpParser *p) {
        const char *s = p->line;
        uint64_t n = 0;

        for (; ascii_hex_value(*s) >= 0; s++)
                n = MIN(n * 16 + (uint64_t) ascii_hex_value(*s),
                        (uint64_t) HTTP_ANSWER_MAX_BYTES + 1);
        if (s == p->line || (*s && *s != ';' && *s != ' ' && *s != '\t'))
                return end(p, HTTP_GARBAGE);
        if (n > HTTP_ANSWER_MAX_BYTES)
                return end(p, HTTP_TOO_LONG);
        p->left_bytes = n;
        p->state = n == 0 ? HTTP_IN_TRAILER : HTTP_IN_CHUNK;
}

static void on_chunk_end(HttpParser *p) {
        if (p->line_len > 0)
                return end(p, HTTP_GARBAGE);
        p->state = HTTP_IN_CHUNK_SIZE;
}

static void on_trailer(HttpParser *p) {
        if (p->line_len == 0)
                end(p, HTTP_DONE);
}

static void (*const line_handlers[])(HttpParser *p) = {
        [HTTP_IN_STATUS_LINE] = on_status_line, [HTTP_IN_HEADER] = on_header,
        [HTTP_IN_CHUNK_SIZE] = on_chunk_size,   [HTTP_IN_CHUNK_END] = on_chunk_end,
        [HTTP_IN_TRAILER] = on_trailer,
};

static void end_line(HttpParser *p) {
        if (!p->line_is_cut && p->line_len > 0 && p->line[p->line_len - 1] == '\r')
                p->line_len--;
        p->line[p->line_len] = 0;
        if (memchr(p->line, 0, p->line_len))
                end(p, HTTP_GARBAGE);
        else
                line_handlers[p->state](p);
        p->line_len = 0;
        p->line_is_cut = false;
}

/* Anything that does not begin as an answer does is refused at its first wrong byte. */
static bool begins_wrong(const HttpParser *p) {
        return p->state == HTTP_IN_STATUS_LINE &&
               memcmp(p->line, http_name, MIN(p->line_len, strlen(http_name))) != 0;
}

static size_t feed_line(HttpParser *p, const char *data, size_t len) {
        const char *lf = memchr(data, '\n', len);
        size_t n = lf ? (size_t) (lf - data) : len;
        size_t kept = MIN(n, sizeof(p->line) - 1 - p->line_len);

        memcpy(p->line + p->line_len, data, kept);
        p->line_len += kept;
        if (kept < n)
                p->line_is_cut = true;
        if (begins_wrong(p))
                end(p, HTTP_GARBAGE);
        else if (lf)
                end_line(p);
        return lf ? n + 1 : n;
}

static size_t feed_body(HttpParser *p, const char *data, size_t len) {
        size_t n = p->state == HTTP_IN_CLOSE_BODY ? len : (size_t) MIN(p->left_bytes, len);

        search_feed(p->search, data, n);
        if (p->state == HTTP_IN_CLOSE_BODY)
                return n;
        p->left_bytes -= n;
        if (p->left_bytes > 0)
                return n;
        if (p->state == HTTP_IN_CHUNK)
                p->state = HTTP_IN_CHUNK_END;
        else
                end(p, HTTP_DONE);
        return n;
}

HttpVerdict http_feed(HttpParser *p, const char *data, size_t len) {
        while (len > 0 && p->state != HTTP_ENDED) {
                size_t left = HTTP_ANSWER_MAX_BYTES - p->read_bytes, n;

                if (left == 0) {
                        end(p, HTTP_TOO_LONG);
                        break;
                }
                n = MIN(len, left);
                n = p->state < HTTP_IN_LENGTH_BODY ? feed_line(p, data, n) : feed_body(p, data, n);
                p->read_bytes += n;
                data += n;
                len -= n;
        }
        return p->verdict;
}

HttpVerdict http_end(HttpParser *p) {
        if (p->state == HTTP_IN_CLOSE_BODY)
                end(p, HTTP_DONE);
        else if (p->state != HTTP_ENDED)
                end(p, p->read_bytes == 0 ? HTTP_EMPTY : HTTP_CUT);
        return p->verdict;
}

int http_request(const HealthUrl *url, char *buf, size_t size_bytes) {
        int n = snprintf(buf, size_bytes,
                         "GET %s HTTP/1.1\r\n"
                         "Host: %s\r\n"
                         "User-Agent: fte-health-gate/" FTE_VERSION "\r\n"
                         "Accept: */*\r\n"
                         "Connection: close\r\n"
                         "\r\n",
                         url->path, url->host);

        return n < 0 || (size_t) n >= size_bytes ? -E2BIG : n;
}
