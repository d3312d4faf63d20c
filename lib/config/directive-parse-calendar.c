/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parser of the directive table for calendar expressions (systemd.time(7), "Calendar Events").
 * It takes what systemd 252 takes, but for "@SECONDS" and for zones, whose names only the zone
 * database knows: a timer that systemd does not load would never run, and a generator may not ask.
 * "ftectl lint" asks systemd-analyze. So "nightly", "2am" or "25:00" is an error where it stands.
 */

#include <ctype.h>
#include <strings.h>

#include "base/parse.h"
#include "config/directive.h"

typedef enum CalendarPart {
        CALENDAR_NONE = 0,
        CALENDAR_SHORTHAND = 1 << 0,
        CALENDAR_WEEKDAYS = 1 << 1,
        CALENDAR_DATE = 1 << 2,
        CALENDAR_TIME = 1 << 3,
        CALENDAR_ZONE = 1 << 4,
} CalendarPart;

static bool is_shorthand(const char *word) {
        static const char *const names[] = { "minutely", "hourly",   "daily",        "weekly",
                                             "monthly",  "yearly",   "annually",     "quarterly",
                                             "semiannually", "anually", "biannually", "bi-annually",
                                             "semi-annually" };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (strcasecmp(word, names[i]) == 0)
                        return true;
        return false;
}

/* The number of the day that n letters name, 1 is Monday; 0: none. */
static unsigned weekday(const char *word, size_t n) {
        static const char *const days[] = { "monday", "tuesday",  "wednesday", "thursday",
                                            "friday", "saturday", "sunday" };

        for (unsigned i = 0; i < ARRAY_SIZE(days); i++)
                if (strncasecmp(word, days[i], n) == 0 && (n == 3 || (n > 3 && !days[i][n])))
                        return i + 1;
        return 0;
}

/* "Mon", "Mon..Fri", "Sat,Sun", "Monday-Friday"; a comma may stand at the end. */
static bool is_weekdays(const char *word) {
        unsigned first = 0; /* of a range that is open */

        do {
                size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
                unsigned day = weekday(word, n);
                bool closes = first > 0;

                if (day == 0 || day < first)
                        return false;
                word += n;
                first = 0;
                if (!*word)
                        return true;
                if (*word == ',') {
                        word++;
                        continue;
                }
                if (closes || (*word != '-' && !startswith(word, "..")))
                        return false;
                word += *word == '-' ? 1 : 2;
                first = day;
                if (!*word)
                        return false;
        } while (*word);
        return true;
}

/* One of the fields between ":" or "-". Numbers are counted in its smallest part. */
typedef struct CalendarField {
        uint64_t min, max, part; /* part: how many make one; of seconds a million */
        bool is_year;            /* two digits are of this century or the last */
} CalendarField;

static const CalendarField year = { 1970, 2199, 1, true }, month = { 1, 12, 1, false },
                           day = { 1, 31, 1, false }, from_end = { 1, 28, 1, false },
                           hour = { 0, 23, 1, false }, minute = { 0, 59, 1, false },
                           second = { 0, 59, 1000000, false };

/* The number that *s begins with, in parts, and *s moved behind it. */
static bool take_number(const CalendarField *f, const char **s, const char *end, uint64_t *ret) {
        uint64_t n = 0, part = f->part;
        const char *p = *s;

        for (; p < end && ascii_isdigit(*p) && p - *s < 9; p++)
                n = n * 10 + (uint64_t) (*p - '0');
        if (p == *s)
                return false;
        if (f->is_year && n < 100)
                n += n < 70 ? 2000 : 1900;
        n *= f->part;
        if (f->part > 1 && p + 1 < end && *p == '.' && ascii_isdigit(p[1]))
                for (p++; p < end && ascii_isdigit(*p); p++) {
                        part /= 10;
                        if (part == 0)
                                return false;
                        n += (uint64_t) (*p - '0') * part;
                }
        *s = p;
        *ret = n;
        return true;
}

/* "5", "1..5", "0/15", "1..31/2": what there is room for in the field. */
static bool is_item(const CalendarField *f, const char *s, const char *end) {
        uint64_t first, last, step, max = (f->max + 1) * f->part - 1;

        if (!take_number(f, &s, end, &first) || first < f->min * f->part || first > max)
                return false;
        last = first;
        if (end - s > 2 && s[0] == '.' && s[1] == '.') {
                s += 2;
                if (!take_number(f, &s, end, &last) || last < first || last > max)
                        return false;
        }
        if (s < end && *s == '/') {
                const CalendarField plain = { 0, f->max, f->part, false };

                s++;
                if (!take_number(&plain, &s, end, &step) || step == 0 || first + step > max)
                        return false;
        }
        return s == end;
}

static bool is_field(const CalendarField *f, const char *s, const char *end) {
        if (end - s == 1 && *s == '*')
                return true;
        for (;;) {
                const char *comma = memchr(s, ',', (size_t) (end - s));

                if (!is_item(f, s, comma ? comma : end))
                        return false;
                if (!comma)
                        return true;
                s = comma + 1;
        }
}

static bool is_fields(const char *word, char separator, const CalendarField *const *fields) {
        for (size_t i = 0;; i++) {
                const char *end = strchrnul(word, separator);

                if (!fields[i] || !is_field(fields[i], word, end))
                        return false;
                if (!*end)
                        return i > 0; /* a single field is neither date nor time */
                word = end + 1;
        }
}

/* "2026-01-31", "01-31", "*-*-1"; "*-*~2" counts from the month's end. */
static bool is_date(const char *word) {
        static const CalendarField *const with_year[] = { &year, &month, &day, NULL },
                                          *const without[] = { &month, &day, NULL },
                                          *const with_year_end[] = { &year, &month, &from_end,
                                                                     NULL },
                                          *const without_end[] = { &month, &from_end, NULL };
        const char *tilde = strchr(word, '~');
        char date[64];

        if (strlen(word) >= sizeof(date))
                return false;
        stpcpy(date, word);
        if (tilde) {
                /* What repeats needs both ends there, and nothing but the day stands behind it. */
                if (strpbrk(tilde, "-*") || (strchr(tilde, '/') && !strstr(tilde, "..")))
                        return false;
                date[tilde - word] = '-';
        }
        if (is_fields(date, '-', tilde ? without_end : without))
                return true;
        return strchr(date, '-') != strrchr(date, '-') &&
               is_fields(date, '-', tilde ? with_year_end : with_year);
}

static bool is_time(const char *word) {
        static const CalendarField *const fields[] = { &hour, &minute, &second, NULL };

        return is_fields(word, ':', fields);
}

/* "UTC", "Europe/Berlin". */
static bool is_zone(const char *word) {
        if (streq(word, "UTC"))
                return true;
        if (!isupper((unsigned char) *word) || !strchr(word, '/') || strstr(word, ".."))
                return false;
        for (; *word; word++)
                if (!isalnum((unsigned char) *word) && !strchr("/_+-", *word))
                        return false;
        return true;
}

static CalendarPart part_of(const char *word) {
        static const struct {
                bool (*is)(const char *word);
                CalendarPart part;
        } rows[] = {
                { is_shorthand, CALENDAR_SHORTHAND }, { is_weekdays, CALENDAR_WEEKDAYS },
                { is_time, CALENDAR_TIME },           { is_date, CALENDAR_DATE },
                { is_zone, CALENDAR_ZONE },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (rows[i].is(word))
                        return rows[i].part;
        return CALENDAR_NONE;
}

/* Each part at most once and in this order; a shorthand stands alone, but for a zone. */
bool calendar_is_valid(const char *text) {
        char word[128];
        unsigned seen = 0;

        while (*text) {
                size_t n = strcspn(text, " \t");
                CalendarPart part;

                if (n == 0 || n >= sizeof(word))
                        return false;
                memcpy(word, text, n);
                word[n] = 0;
                part = part_of(word);
                if (part == CALENDAR_NONE || (unsigned) part <= seen)
                        return false;
                if ((seen & CALENDAR_SHORTHAND) && part != CALENDAR_ZONE)
                        return false;
                seen |= (unsigned) part;
                text += n;
                text += *text == ' ' && text[1] ? 1 : 0;
        }
        return seen & ~(unsigned) CALENDAR_ZONE;
}

int parse_calendar(DirectiveValue *v) {
        if (streq(v->text, "none") || calendar_is_valid(v->text))
                return directive_store_string(v, v->text);
        return directive_refuse(v, "must be a calendar expression such as daily, 02:30 or Mon..Fri "
                                   "02:30, or none; \"systemd-analyze calendar\" explains one");
}
