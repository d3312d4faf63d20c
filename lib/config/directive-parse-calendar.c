/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parser of the directive table for calendar expressions (systemd.time(7), "Calendar Events").
 * It takes what systemd takes but for far-fetched numbers: systemd has the last word when it reads
 * the timer. Its purpose is that "nightly" or "2am" is an error where it stands.
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

/* "Mon", "Mon..Fri", "Sat,Sun", "Monday-Friday"; a comma may stand at the end. */
static bool is_weekdays(const char *word) {
        static const char *const days[] = { "monday", "tuesday",  "wednesday", "thursday",
                                            "friday", "saturday", "sunday" };

        while (*word) {
                size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
                bool known = false;

                for (size_t i = 0; i < ARRAY_SIZE(days) && n >= 3; i++)
                        known = known || (strncasecmp(word, days[i], n) == 0 &&
                                          (n == 3 || !days[i][n]));
                if (!known)
                        return false;
                word += n;
                word += strspn(word, ",.-");
        }
        return true;
}

/* One of the fields between ":" or "-": numbers, lists, ranges, repetitions and "*". */
static bool is_field(const char *s, size_t n, uint64_t max) {
        uint64_t number = 0;

        if (n == 0)
                return false;
        for (size_t i = 0; i < n; i++) {
                if (!ascii_isdigit(s[i]) && !strchr("*,./", s[i]))
                        return false;
                number = ascii_isdigit(s[i]) ? number * 10 + (uint64_t) (s[i] - '0') : 0;
                if (number > max)
                        return false;
                if (s[i] == '.' && i + 1 < n && s[i + 1] != '.' && i > 0 && s[i - 1] != '.')
                        max = 999999; /* the decimals of a second */
        }
        return true;
}

static bool is_fields(const char *word, char separator, const uint64_t *max, size_t n_max) {
        for (size_t i = 0;; i++) {
                const char *end = strchrnul(word, separator);

                if (i == n_max || !is_field(word, (size_t) (end - word), max[i]))
                        return false;
                if (!*end)
                        return i > 0; /* a single field is neither date nor time */
                word = end + 1;
        }
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
        static const uint64_t time_max[] = { 23, 59, 59 }, date_max[] = { 2199, 12, 31 };
        const char *tilde = strchr(word, '~'); /* counts from the month's end */
        char date[64];

        if (is_shorthand(word))
                return CALENDAR_SHORTHAND;
        if (is_weekdays(word))
                return CALENDAR_WEEKDAYS;
        if (is_fields(word, ':', time_max, 3))
                return CALENDAR_TIME;
        if (is_zone(word))
                return CALENDAR_ZONE;
        if (strlen(word) >= sizeof(date))
                return CALENDAR_NONE;
        stpcpy(date, word);
        if (tilde)
                date[tilde - word] = '-';
        if (is_fields(date, '-', date_max, 3) || is_fields(date, '-', date_max + 1, 2))
                return CALENDAR_DATE;
        return CALENDAR_NONE;
}

int parse_calendar(DirectiveValue *v) {
        unsigned seen = 0;
        char **words;
        int r;

        if (streq(v->text, "none"))
                return directive_store_string(v, v->text);
        r = parse_words(v->arena, v->text, PARSE_WORDS_PLAIN, &words);
        if (r < 0)
                return r;
        for (; *words; words++) {
                CalendarPart part = part_of(*words);

                if (part == CALENDAR_NONE || (seen & (unsigned) part))
                        goto refuse;
                seen |= (unsigned) part;
        }
        if (seen & ~(unsigned) CALENDAR_ZONE)
                return directive_store_string(v, v->text);
refuse:
        return directive_refuse(v, "must be a calendar expression such as daily, 02:30 or Mon..Fri "
                                   "02:30, or none; \"systemd-analyze calendar\" explains one");
}
