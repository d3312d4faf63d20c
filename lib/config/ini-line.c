/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What may stand on one line of a configuration file (ini-line.h). Pure: looks at bytes, keeps
 * nothing, reports nothing. Must stay cheap, for it sees every byte of every file.
 */

#include <ctype.h>

#include "base/utf8.h"
#include "config/ini-line.h"

static const uint8_t line_classes[256] = {
        [0] = LINE_NUL,       [1 ... 8] = LINE_CONTROL,       [10 ... 31] = LINE_CONTROL,
        [127] = LINE_CONTROL, [128 ... 255] = LINE_NOT_ASCII, [';'] = LINE_COMMENT,
        ['#'] = LINE_COMMENT,
};

#define EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/*
 * Whether any of eight bytes is below ' ', above '~', ';' or '#'; some others may be taken for it.
 */
static bool any_special(uint64_t v) {
        uint64_t low = v - EACH_BYTE(' '), high = v + EACH_BYTE(1);
        uint64_t semicolon = (v ^ EACH_BYTE(';')) - EACH_BYTE(1);
        uint64_t hash = (v ^ EACH_BYTE('#')) - EACH_BYTE(1);

        return ((low | high | semicolon | hash | v) & EACH_BYTE(0x80)) != 0;
}

unsigned line_class(const char *s, size_t len) {
        unsigned class = 0;
        size_t i = 0;

        while (i < len) {
                size_t n = MIN(len - i, sizeof(uint64_t));
                uint64_t v;

                if (n == sizeof(v)) {
                        memcpy(&v, s + i, sizeof(v));
                        if (!any_special(v)) {
                                i += n;
                                continue;
                        }
                }
                for (; n > 0; n--)
                        class |= line_classes[(uint8_t) s[i++]];
        }
        return class;
}

/* A quote opens only where a word begins or follows "=": the ' of "agent's" is just a letter. */
static const char *find_inline_comment(const char *s, size_t len) {
        char quote = 0;

        for (size_t i = 0; i < len; i++) {
                char c = s[i];

                if (quote) {
                        if (c == '\\' && i + 1 < len)
                                i++;
                        else if (c == quote)
                                quote = 0;
                } else if ((c == '"' || c == '\'') &&
                           (i == 0 || line_is_blank(s[i - 1]) || s[i - 1] == '='))
                        quote = c;
                else if (i > 0 && line_is_blank(s[i - 1]) &&
                         (c == ';' || (c == '#' && (i + 1 == len || line_is_blank(s[i + 1])))))
                        return s + i;
        }
        return NULL;
}

const char *line_problem(const char *s, size_t len, unsigned class) {
        if (class & LINE_NUL)
                return "NUL byte: this is not a text file";
        if (class & LINE_CONTROL)
                return "control character; only tabs are allowed";
        if ((class & LINE_NOT_ASCII) && !utf8_is_valid(s, len))
                return "not valid UTF-8; save the file as UTF-8";
        if (len > 0 && s[len - 1] == '\\')
                return "a backslash does not continue a line here; indent the next line instead";
        return NULL;
}

const char *line_value_problem(const char *s, size_t len, unsigned class) {
        if ((class & LINE_COMMENT) && find_inline_comment(s, len))
                return "comment behind a value; put it on a line of its own, or quote the value";
        return NULL;
}

size_t line_key_length(const char *s, size_t len) {
        size_t n = 0, i;

        while (n < len && (ascii_isalnum(s[n]) || s[n] == '-' || s[n] == '_'))
                n++;
        for (i = n; i < len && line_is_blank(s[i]); i++)
                ;
        return n > 0 && i < len && s[i] == '=' ? n : 0;
}

bool line_looks_like_directive(const char *s, size_t len) {
        size_t n = line_key_length(s, len);

        if (len > 3 && *s == '[' && isupper((unsigned char) s[1]) && s[len - 1] == ']' &&
            memchr(s, ' ', len) == NULL && memchr(s, ',', len) == NULL)
                return true; /* an indented [Section] */
        return n > 1 && isupper((unsigned char) s[0]) && memchr(s, '_', n) == NULL &&
               (n < 3 || islower((unsigned char) s[1]) || islower((unsigned char) s[2]));
}
