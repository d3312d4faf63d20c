/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libFuzzer target of the health gate's HTTP parser. The first byte says in what pieces the rest is
 * fed. What must hold: pieces do not change the verdict, and no more than the limit is read.
 */

#include "../../helpers/health-gate/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static HttpVerdict parse(const char *answer, size_t len, size_t piece, HttpParser *p, HttpSearch *s) {
        http_init(p, s);
        for (size_t i = 0; i < len; i += piece)
                http_feed(p, answer + i, MIN(piece, len - i));
        return http_end(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static HttpSearch whole_search, search;
        HttpParser whole, p;
        const char *answer = (const char *) data + 1;

        if (size < 2)
                return 0;
        if (http_search_init(&whole_search, "abab") < 0 || http_search_init(&search, "abab") < 0)
                abort();
        if (parse(answer, size - 1, size, &whole, &whole_search) !=
            parse(answer, size - 1, data[0] % 16U + 1, &p, &search))
                abort();
        if (whole.verdict == HTTP_MORE || whole.read_bytes > HTTP_ANSWER_MAX_BYTES ||
            p.read_bytes > HTTP_ANSWER_MAX_BYTES ||
            http_search_found(&whole_search) != http_search_found(&search))
                abort();
        if (whole.verdict == HTTP_DONE && (whole.status != p.status || whole.status < 100 ||
                                           whole.status > 999))
                abort();
        return 0;
}
