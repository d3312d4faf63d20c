/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The scalar parsers of parse.h: times, sizes, numbers, booleans. Locale-free on purpose (strtod
 * reads "1,5" in some locales). Must not know any key: what a value means is the tables' affair.
 */

#include <ctype.h>
#include <strings.h>

#include "base/parse.h"

typedef struct Suffix {
        const char *name;
        uint64_t factor;
} Suffix;

/* Longest first where one is the start of another is not needed: the whole word is compared. */
static const Suffix time_suffixes[] = {
        { "s", USEC_PER_SEC },
        { "", USEC_PER_SEC },
        { "ms", USEC_PER_MSEC },
        { "min", 60 * USEC_PER_SEC },
        { "m", 60 * USEC_PER_SEC },
        { "h", 3600 * USEC_PER_SEC },
        { "d", 86400 * USEC_PER_SEC },
        { "w", 7 * 86400 * USEC_PER_SEC },
        { "us", 1 },
        { "sec", USEC_PER_SEC },
        { "second", USEC_PER_SEC },
        { "seconds", USEC_PER_SEC },
        { "msec", USEC_PER_MSEC },
        { "usec", 1 },
        { "minute", 60 * USEC_PER_SEC },
        { "minutes", 60 * USEC_PER_SEC },
        { "hr", 3600 * USEC_PER_SEC },
        { "hour", 3600 * USEC_PER_SEC },
        { "hours", 3600 * USEC_PER_SEC },
        { "day", 86400 * USEC_PER_SEC },
        { "days", 86400 * USEC_PER_SEC },
        { "week", 7 * 86400 * USEC_PER_SEC },
        { "weeks", 7 * 86400 * USEC_PER_SEC },
        { NULL, 0 },
};

static const Suffix size_suffixes[] = {
        { "", 1 },
        { "B", 1 },
        { "K", UINT64_C(1) << 10 },
        { "M", UINT64_C(1) << 20 },
        { "G", UINT64_C(1) << 30 },
        { "T", UINT64_C(1) << 40 },
        { "P", UINT64_C(1) << 50 },
        { NULL, 0 },
};

static const char *skip_blank(const char *s) {
        while (*s == ' ' || *s == '\t')
                s++;
        return s;
}

/* Digits, at most max; -EINVAL when there is none. */
static int scan_digits(const char **s, uint64_t max, uint64_t *ret) {
        const char *p = *s;
        uint64_t v = 0;

        if (!isdigit((unsigned char) *p))
                return -EINVAL;
        for (; isdigit((unsigned char) *p); p++) {
                unsigned digit = (unsigned) (*p - '0');

                if (digit > max || v > (max - digit) / 10)
                        return -ERANGE;
                v = v * 10 + digit;
        }
        *s = p;
        *ret = v;
        return 0;
}

static const Suffix *scan_suffix(const char **s, const Suffix *table) {
        const char *p = *s;
        size_t n = 0;

        while (isalpha((unsigned char) p[n]))
                n++;
        for (; table->name; table++)
                if (strlen(table->name) == n && memcmp(table->name, p, n) == 0) {
                        *s = p + n;
                        return table;
                }
        return NULL;
}

/* What is behind the decimal point, in units of factor; digits too small to matter are dropped. */
static uint64_t scan_fraction(const char **s, uint64_t *ret_scale) {
        uint64_t v = 0, scale = 1;
        const char *p = *s;

        for (; isdigit((unsigned char) *p); p++)
                if (scale < UINT64_C(1000000)) {
                        v = v * 10 + (unsigned) (*p - '0');
                        scale *= 10;
                }
        *s = p;
        *ret_scale = scale;
        return v;
}

/* One "1.5s": a number, a fraction if any, and a suffix of the table. */
static int scan_quantity(const char **s, const Suffix *table, uint64_t *ret) {
        uint64_t whole, fraction = 0, scale = 1, v, part;
        const char *p = *s;
        const Suffix *suffix;
        int r;

        r = scan_digits(&p, UINT64_MAX, &whole);
        if (r < 0)
                return r;
        if (*p == '.') {
                p++;
                if (!isdigit((unsigned char) *p))
                        return -EINVAL;
                fraction = scan_fraction(&p, &scale);
        }
        p = skip_blank(p);
        suffix = scan_suffix(&p, table);
        if (!suffix)
                return -EINVAL;
        if (__builtin_mul_overflow(whole, suffix->factor, &v))
                return -ERANGE;
        /* Exact for every suffix whose factor times a million fits: all but P. */
        part = suffix->factor > UINT64_MAX / 1000000 ? suffix->factor / scale * fraction
                                                     : suffix->factor * fraction / scale;
        if (__builtin_add_overflow(v, part, &v))
                return -ERANGE;
        *s = p;
        *ret = v;
        return 0;
}

int parse_usec(const char *s, uint64_t *ret_usec) {
        const char *p = skip_blank(s);
        uint64_t sum = 0;

        if (streq(p, "infinity")) {
                *ret_usec = USEC_INFINITY;
                return 0;
        }
        do {
                uint64_t v;
                int r = scan_quantity(&p, time_suffixes, &v);

                if (r < 0)
                        return r;
                if (__builtin_add_overflow(sum, v, &sum) || sum == USEC_INFINITY)
                        return -ERANGE;
                p = skip_blank(p);
        } while (*p);
        *ret_usec = sum;
        return 0;
}

int parse_bytes(const char *s, uint64_t *ret_bytes) {
        const char *p = s;
        uint64_t v;
        int r;

        r = scan_quantity(&p, size_suffixes, &v);
        if (r < 0)
                return r;
        if (*p)
                return -EINVAL;
        *ret_bytes = v;
        return 0;
}

int parse_percent(const char *s, unsigned *ret_percent) {
        const char *p = s;
        uint64_t v;
        int r;

        r = scan_digits(&p, 1000000, &v);
        if (r < 0)
                return r;
        if (!streq(p, "%"))
                return -EINVAL;
        *ret_percent = (unsigned) v;
        return 0;
}

int parse_boolean(const char *s, bool *ret) {
        static const char *const yes[] = { "yes", "true", "on", "1", "y", "t" };
        static const char *const no[] = { "no", "false", "off", "0", "n", "f" };

        for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
                if (strcasecmp(s, yes[i]) == 0)
                        return *ret = true, 0;
                if (strcasecmp(s, no[i]) == 0)
                        return *ret = false, 0;
        }
        return -EINVAL;
}

int parse_uint(const char *s, uint64_t max, uint64_t *ret) {
        const char *p = s;
        uint64_t v;
        int r;

        r = scan_digits(&p, max, &v);
        if (r < 0)
                return r;
        if (*p)
                return -EINVAL;
        *ret = v;
        return 0;
}
