/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The tables behind value-check.h. A placeholder that slips through costs a confusing failure
 * later; a real key that is refused costs a service that cannot start: when in doubt, let it pass.
 * So a word counts only as the whole value, and patterns need something no key generator makes.
 */

#include <ctype.h>
#include <strings.h>

#include "value-check.h"

/* The whole value, once letters are small and all but letters, digits and <> is dropped. */
static const char *const words[] = {
        "changeme", "changeit", "changethis", "changehere", "replaceme", "replaceit",
        "replacethis", "fillme", "fillmein", "fillin", "setme", "editme", "insertme", "fixme",
        "todo", "tbd", "tba", "placeholder", "example", "dummy", "undefined", "redacted",
        "yourkey", "yourtoken", "yoursecret", "yourpassword", "yourapikey",
};

/* How such a value begins, in the same form: changeme123, change-me-in-production. */
static const char *const prefixes[] = {
        "changeme", "changethis", "replaceme", "replacethis", "replacewith",
        "insertyour", "putyour", "enteryour", "addyour", "pasteyour",
};

typedef struct Text {
        const char *p;
        size_t len;
} Text;

static Text trimmed(const char *s, size_t len) {
        while (len > 0 && isspace((unsigned char) *s))
                s++, len--;
        while (len > 0 && isspace((unsigned char) s[len - 1]))
                len--;
        return (Text){ s, len };
}

static bool is_separator(char c) {
        return c == '-' || c == '_' || c == ' ';
}

/* Letters, digits and separators only: prose, as in your_api_key_here. */
static bool is_prose(Text t) {
        for (size_t i = 0; i < t.len; i++)
                if (!isalnum((unsigned char) t.p[i]) && !is_separator(t.p[i]))
                        return false;
        return true;
}

/* buf gets at most size_bytes - 1 of the letters and digits, made small. */
static void simplify(Text t, char *buf, size_t size_bytes) {
        size_t n = 0;

        for (size_t i = 0; i < t.len && n + 1 < size_bytes; i++)
                if (isalnum((unsigned char) t.p[i]))
                        buf[n++] = (char) tolower((unsigned char) t.p[i]);
        buf[n] = 0;
}

static bool matches_words(Text t) {
        char simple[32];

        simplify(t, simple, sizeof(simple));
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (streq(simple, words[i]))
                        return true;
        for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
                if (startswith(simple, prefixes[i]))
                        return true;
        return false;
}

/* xxx, ***, ..., ???, --- : three or more of one such sign and nothing else. */
static bool is_one_sign(Text t) {
        if (t.len < 3 || !strchr("xX*.?-_#", t.p[0]))
                return false;
        for (size_t i = 1; i < t.len; i++)
                if (tolower((unsigned char) t.p[i]) != tolower((unsigned char) t.p[0]))
                        return false;
        return true;
}

/* sk-xxxxxxxx, xoxb-xxxx-xxxx, sk-...: four x or more, or three dots, as the last part. */
static bool ends_in_filler(Text t) {
        size_t n = 0;

        while (n < t.len && (t.p[t.len - 1 - n] == 'x' || t.p[t.len - 1 - n] == 'X'))
                n++;
        if (n >= 4 && n < t.len && is_separator(t.p[t.len - 1 - n]))
                return true;
        if (t.len < 4 || memcmp(t.p + t.len - 3, "...", 3) != 0)
                return false;
        return !memchr(t.p, ' ', t.len) && (memchr(t.p, '-', t.len) || memchr(t.p, '_', t.len));
}

/* <your key>, {{ key }}, ${KEY}: the brackets of templates, none of which is filled in here. */
static bool is_bracketed(Text t) {
        static const struct {
                const char *open, *close;
        } brackets[] = { { "<", ">" }, { "{{", "}}" }, { "${", "}" }, { "[your", "]" } };

        for (size_t i = 0; i < ARRAY_SIZE(brackets); i++) {
                size_t a = strlen(brackets[i].open), b = strlen(brackets[i].close);

                if (t.len >= a + b && strncasecmp(t.p, brackets[i].open, a) == 0 &&
                    memcmp(t.p + t.len - b, brackets[i].close, b) == 0)
                        return !memchr(t.p + a, *brackets[i].open, t.len - a); /* only one pair */
        }
        return false;
}

/* "your OpenAI key" is one, "your order has been sent" is not. */
static bool sentence_is_yours(Text t) {
        static const char *const nouns[] = { "key", "token", "secret", "password", "here" };
        char simple[128];

        if (strncasecmp(t.p, "your ", 5) != 0)
                return false;
        simplify(t, simple, sizeof(simple));
        for (size_t i = 0; i < ARRAY_SIZE(nouns); i++)
                if (endswith(simple, nouns[i]))
                        return true;
        return false;
}

/* your-key, your_api_key_here, sk-your-key, insert-key-here. */
static bool is_yours(Text t) {
        if (t.len < 6 || !is_prose(t))
                return false;
        if (memchr(t.p, ' ', t.len))
                return sentence_is_yours(t);
        if (is_separator(t.p[t.len - 5]) && strncasecmp(t.p + t.len - 4, "here", 4) == 0)
                return true;
        for (size_t i = 0; i + 5 <= t.len; i++)
                if (strncasecmp(t.p + i, "your", 4) == 0 && is_separator(t.p[i + 4]) &&
                    (i == 0 || is_separator(t.p[i - 1])))
                        return true;
        return false;
}

static bool text_is_placeholder(Text t) {
        static bool (*const tests[])(Text) = {
                matches_words, is_one_sign, ends_in_filler, is_bracketed, is_yours,
        };

        for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
                if (tests[i](t))
                        return true;
        return false;
}

/* The password of SCHEME://USER:PASSWORD@…; empty when there is none. */
static Text url_password(Text t) {
        const char *authority = memmem(t.p, t.len, "://", 3), *end = t.p + t.len, *at, *colon;
        size_t n;

        if (!authority)
                return (Text){ "", 0 };
        authority += 3;
        for (n = 0; authority + n < end && !strchr("/?#", authority[n]); n++)
                ;
        at = memrchr(authority, '@', n);
        colon = at ? memchr(authority, ':', (size_t) (at - authority)) : NULL;
        if (!colon)
                return (Text){ "", 0 };
        return (Text){ colon + 1, (size_t) (at - colon - 1) };
}

bool value_is_placeholder(const char *value) {
        Text t = trimmed(value, strlen(value)), password = url_password(t);

        return text_is_placeholder(t) || (password.len > 0 && text_is_placeholder(password));
}
