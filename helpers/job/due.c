/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * due.h. Must stay free of clocks and files: tests/unit/test-job.c has the stories it must get
 * right.
 */

#include <time.h>

#include "due.h"

/* "Wed 2023-11-15 01:30:00 UTC", always with C's names of days. */
static uint64_t parse_utc(const char *s) {
        struct tm tm = { 0 };
        const char *rest = strptime(s, "%a %Y-%m-%d %H:%M:%S", &tm);
        time_t t;

        if (!rest)
                return 0;
        /* A calendar may ask for parts of a second, and systemd prints them then. */
        if (*rest == '.')
                rest += 1 + strspn(rest + 1, "0123456789");
        if (!startswith(rest, " UTC"))
                return 0;
        t = timegm(&tm);
        return t > 0 ? (uint64_t) t * USEC_PER_SEC : 0;
}

uint64_t due_parse(const char *text) {
        static const char *const labels[] = { "(in UTC): ", "Next elapse: " };

        for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
                const char *p = strstr(text, labels[i]);

                if (p)
                        return parse_utc(p + strlen(labels[i]));
        }
        return 0;
}

/* FNV-1a of 64 bits. */
uint64_t due_hash(const char *schedule) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325);

        for (; *schedule; schedule++)
                hash = (hash ^ (uint8_t) *schedule) * UINT64_C(0x100000001b3);
        hash = MAX(hash, UINT64_C(1));
        return MIN(hash, UINT64_MAX - 1);
}

bool due_is_overdue(const JobWatch *w, const DueTimes *t) {
        uint64_t from_usec = MAX(w->due_usec, t->boot_usec);

        return w->due_usec > 0 && w->due_usec != w->told_usec && t->now_usec > from_usec &&
               t->now_usec - from_usec > t->late_usec;
}
