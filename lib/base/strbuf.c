/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The buffer of strbuf.h. Grows by doubling, so that appending is linear in the whole text.
 * Must not know what the text is: quoting and escaping are in escape.c.
 */

#include <stdarg.h>
#include <stdio.h>

#include "base/strbuf.h"

int strbuf_reserve(StrBuf *b, size_t more_bytes) {
        size_t need = b->len + more_bytes + 1, size = MAX(b->size_bytes, (size_t) 256);
        char *p;

        if (b->failed)
                return -ENOMEM;
        if (need < more_bytes || need > SIZE_MAX / 2) {
                b->failed = true;
                return -ENOMEM;
        }
        if (need <= b->size_bytes)
                return 0;
        while (size < need)
                size *= 2;
        p = realloc(b->text, size);
        if (!p) {
                b->failed = true; /* what still fits may be appended; strbuf_check() tells */
                return -ENOMEM;
        }
        b->text = p;
        b->size_bytes = size;
        return 0;
}

void strbuf_addf(StrBuf *b, const char *format, ...) {
        va_list ap;
        int n;

        va_start(ap, format);
        n = vsnprintf(NULL, 0, format, ap);
        va_end(ap);
        if (n < 0 || strbuf_reserve(b, (size_t) n) < 0)
                return;
        va_start(ap, format);
        vsnprintf(b->text + b->len, (size_t) n + 1, format, ap);
        va_end(ap);
        b->len += (size_t) n;
}

void strbuf_add_uint(StrBuf *b, uint64_t n) {
        char digits[40] = {
                0
        }; /* 20 are the most; as many are copied from wherever the first one is */
        size_t i = 20;

        if (n < 10) { /* line numbers and delays mostly are */
                strbuf_addc(b, (char) ('0' + n));
                return;
        }
        do
                digits[--i] = (char) ('0' + n % 10);
        while (n /= 10);
        if (b->size_bytes - b->len <= 20 && strbuf_reserve(b, 20) < 0)
                return;
        memcpy(b->text + b->len, digits + i, 20);
        b->len += 20 - i;
        b->text[b->len] = 0;
}
