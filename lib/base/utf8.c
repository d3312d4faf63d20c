/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The functions of utf8.h, straight from the table in RFC 3629, section 4.
 */

#include "base/utf8.h"

/* How many bytes follow the lead byte, and the range of the first of them; 0 in `to`: no lead. */
typedef struct Lead {
        uint8_t from, to;
        uint8_t follow;
        uint8_t low, high;
} Lead;

static const Lead leads[] = {
        { 0xC2, 0xDF, 1, 0x80, 0xBF }, { 0xE0, 0xE0, 2, 0xA0, 0xBF },
        { 0xE1, 0xEC, 2, 0x80, 0xBF }, { 0xED, 0xED, 2, 0x80, 0x9F },
        { 0xEE, 0xEF, 2, 0x80, 0xBF }, { 0xF0, 0xF0, 3, 0x90, 0xBF },
        { 0xF1, 0xF3, 3, 0x80, 0xBF }, { 0xF4, 0xF4, 3, 0x80, 0x8F },
};

static const Lead *lead_find(uint8_t c) {
        for (size_t i = 0; i < ARRAY_SIZE(leads); i++)
                if (c >= leads[i].from && c <= leads[i].to)
                        return &leads[i];
        return NULL;
}

/* U+FDD0 to U+FDEF and the last two of every plane are no characters. */
static bool is_noncharacter(uint32_t code) {
        return (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
}

/* Of a character beyond ASCII. */
static size_t decode(const uint8_t *p, const uint8_t *end, uint32_t *ret_code) {
        const Lead *lead;
        uint32_t code;

        lead = lead_find(*p);
        if (!lead || end - p <= lead->follow || p[1] < lead->low || p[1] > lead->high)
                return 0;
        code = *p & (0x3Fu >> lead->follow);
        for (size_t i = 1; i <= lead->follow; i++) {
                if ((p[i] & 0xC0) != 0x80)
                        return 0;
                code = code << 6 | (p[i] & 0x3Fu);
        }
        *ret_code = code;
        return is_noncharacter(code) ? 0 : lead->follow + 1u;
}

size_t utf8_decode(const char *s, size_t len, uint32_t *ret_code) {
        const uint8_t *p = (const uint8_t *) s;
        uint32_t code;
        size_t n;

        if (len == 0)
                return 0;
        if (*p < 0x80) {
                *ret_code = *p;
                return 1;
        }
        n = decode(p, p + len, &code);
        if (n > 0)
                *ret_code = code;
        return n;
}

bool utf8_is_valid(const char *s, size_t len) {
        const uint8_t *p = (const uint8_t *) s, *end = p + len;

        while (p < end) {
                uint32_t code;
                size_t n = *p < 0x80 ? 1 : decode(p, end, &code);

                if (n == 0)
                        return false;
                p += n;
        }
        return true;
}

size_t utf8_encode(uint32_t code, char *out) {
        static const uint8_t marks[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
        size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

        if (n == 1) {
                *out = (char) code;
                return 1;
        }
        for (size_t i = n; i-- > 1; code >>= 6)
                out[i] = (char) (0x80 | (code & 0x3F));
        out[0] = (char) (marks[n] | code);
        return n;
}
