/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * lint/line.h: looks at one line of a configuration file. Errs on the side of showing too little.
 */

#include <ctype.h>

#include "base/show.h"
#include "config/ini-line.h"

#include "line.h"

#define SECRET_BYTES_MIN 16

/* Characters in the first n bytes, as line_show() shows them. */
static unsigned count_characters(const char *s, size_t n) {
        unsigned count = 0;
        bool visible;

        n = strnlen(s, n);
        for (size_t i = 0; i < n; i += show_step(s + i, n - i, &visible))
                count++;
        return count;
}

static size_t skip_blanks(const char *s, size_t i) {
        while (line_is_blank(s[i]))
                i++;
        return i;
}

/* Where the value of "Key = value" begins, or 0 when the line has no such form. */
static size_t value_start(const char *line) {
        size_t i = skip_blanks(line, 0), n = line_key_length(line + i, strlen(line + i));

        if (n == 0)
                return 0;
        i = skip_blanks(line, i + n);
        return skip_blanks(line, i + 1); /* behind the "=" */
}

static size_t end_of_text(const char *line) {
        size_t n = strlen(line);

        while (n > 0 && line_is_blank(line[n - 1]))
                n--;
        return n;
}

static LineSpan span(const char *line, size_t start, size_t end) {
        return (LineSpan){ count_characters(line, start) + 1,
                           count_characters(line + start, end > start ? end - start : 0) };
}

/* The word that the message quotes, if it stands in the value. */
static bool find_quoted(const char *line, size_t value, const char *message, LineSpan *ret) {
        const char *open = strchr(message, '"'), *close = open ? strchr(open + 1, '"') : NULL;
        size_t n = close ? (size_t) (close - open - 1) : 0, end = strlen(line);

        for (size_t i = value; n > 0 && i + n <= end; i++)
                if (strncmp(line + i, open + 1, n) == 0) {
                        *ret = span(line, i, i + n);
                        return true;
                }
        return false;
}

/* What line_problem() and line_value_problem() of the reader complain of, where it can be seen. */
static size_t find_culprit(const char *line, const char *message) {
        if (startswith(message, "comment behind")) {
                for (size_t i = value_start(line) + 1; line[i - 1] && line[i]; i++)
                        if ((line[i] == ';' || line[i] == '#') && line_is_blank(line[i - 1]))
                                return i;
        } else if (startswith(message, "control character")) {
                for (size_t i = 0; line[i]; i++)
                        if (((unsigned char) line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
                                return i;
        } else if (startswith(message, "a backslash") && *line)
                return end_of_text(line) - 1;
        return skip_blanks(line, 0);
}

LineSpan line_span(const char *line, const char *key, const char *message) {
        size_t start = skip_blanks(line, 0), end = end_of_text(line), value;
        LineSpan found;

        if (!key) {
                start = find_culprit(line, message);
                return span(line, start, line[skip_blanks(line, 0)] == '[' ? end : start + 1);
        }
        value = value_start(line);
        if (value == 0) /* the header of the section where the key is missing */
                return span(line, start, end);
        if (startswith(message, "unknown key") || startswith(message, "set twice"))
                return span(line, start, start + line_key_length(line + start, end - start));
        if (find_quoted(line, value, message, &found))
                return found;
        return span(line, value < end ? value : start, end);
}

/* ---- what may be shown ---- */

static bool ends_word(char c) {
        return !c || line_is_blank(c) || c == '=' || c == ',' || c == '"' || c == '\'';
}

/* Long, with letters and digits: keys, tokens and the addresses that hold them look so; paths do
 * not. */
static bool word_may_be_secret(const char *s, size_t n) {
        bool letters = false, digits = false;

        if (n < SECRET_BYTES_MIN || *s == '/' || *s == '$')
                return false;
        for (size_t i = 0; i < n; i++) {
                letters = letters || isalpha((unsigned char) s[i]);
                digits = digits || isdigit((unsigned char) s[i]);
        }
        return letters && digits;
}

/* "--password", "API_KEY": what follows its "=" or the next blank is nobody's business. */
static bool word_names_secret(const char *s, size_t n) {
        static const char *const names[] = { "password", "passwd", "secret", "token", "key" };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                size_t m = strlen(names[i]);

                if (n >= m && strncasecmp(s + n - m, names[i], m) == 0)
                        return true;
        }
        return false;
}

static void show_part(const char *s, size_t n, bool mask, StrBuf *b) {
        bool visible;

        if (!mask)
                show_bytes(b, s, n, ' ');
        for (size_t i = 0; mask && i < n; i += show_step(s + i, n - i, &visible))
                strbuf_addc(b, line_is_blank(s[i]) ? ' ' : '*');
}

void line_show(const char *line, LineHide hide, StrBuf *b) {
        size_t i = hide == HIDE_ALL ? 0 : *line == '[' ? 1 : value_start(line);
        bool named = false;

        show_part(line, i, false, b);
        if (hide != HIDE_WORDS) {
                show_part(line + i, strlen(line + i), true, b);
                return;
        }
        while (line[i]) {
                size_t n = 0;

                while (!ends_word(line[i + n]))
                        n++;
                show_part(line + i, n, (n > 0 && named) || word_may_be_secret(line + i, n), b);
                named = n > 0 ? word_names_secret(line + i, n) : named;
                i += n;
                if (line[i])
                        show_part(line + i++, 1, false, b);
        }
}

size_t message_split(const char *message, const char **ret_hint) {
        const char *semicolon = strstr(message, "; ");

        *ret_hint = semicolon ? semicolon + 2 : NULL;
        return semicolon ? (size_t) (semicolon - message) : strlen(message);
}
