/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * show.h: a table of ranges. Joiners (U+200C, U+200D) and the variation selectors may be shown:
 * several scripts cannot be written without the former, and neither moves anything.
 */

#include "base/show.h"
#include "base/utf8.h"

static const struct {
        uint32_t from, to;
} hidden[] = {
        { 0x0000, 0x001F },   /* C0 */
        { 0x007F, 0x009F },   /* DEL and C1 */
        { 0x00AD, 0x00AD },   /* soft hyphen */
        { 0x061C, 0x061C },   /* Arabic letter mark */
        { 0x180E, 0x180E },   /* Mongolian vowel separator */
        { 0x200B, 0x200B },   /* zero width space */
        { 0x200E, 0x200F },   /* left-to-right, right-to-left mark */
        { 0x2028, 0x202E },   /* line and paragraph separator, embeddings, overrides */
        { 0x2060, 0x206F },   /* word joiner, invisible operators, isolates, deprecated format */
        { 0xFEFF, 0xFEFF },   /* byte order mark */
        { 0xFFF9, 0xFFFB },   /* interlinear annotation */
        { 0x1D173, 0x1D17A }, /* musical format */
        { 0xE0000, 0xE00FF }, /* tags */
};

size_t show_step(const char *s, size_t len, bool *ret_visible) {
        uint32_t code;
        size_t n = utf8_decode(s, len, &code);

        *ret_visible = n > 0;
        for (size_t i = 0; n > 0 && i < ARRAY_SIZE(hidden) && code >= hidden[i].from; i++)
                if (code <= hidden[i].to)
                        *ret_visible = false;
        return n > 0 ? n : 1;
}

static void show(StrBuf *b, const char *s, size_t len, char instead, bool keep_lines) {
        while (len > 0) {
                bool visible;
                size_t n = show_step(s, len, &visible);

                if (visible || (keep_lines && *s == '\n'))
                        strbuf_add_bytes(b, s, n);
                else
                        strbuf_addc(b, instead);
                s += n;
                len -= n;
        }
}

void show_bytes(StrBuf *b, const char *s, size_t len, char instead) {
        show(b, s, len, instead, false);
}

void show_lines(StrBuf *b, const char *s, size_t len, char instead) {
        show(b, s, len, instead, true);
}
