/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The functions of format.h. Exact on purpose: what is written here is read back by systemd.
 */

#include <time.h>

#include "base/format.h"

void format_usec(StrBuf *b, uint64_t usec) {
        static const struct {
                uint64_t factor;
                const char *suffix;
        } units[] = { { USEC_PER_SEC, "s" }, { USEC_PER_MSEC, "ms" }, { 1, "us" } };
        size_t i = 0;

        if (usec == USEC_INFINITY) {
                strbuf_add(b, "infinity");
                return;
        }
        if (usec % USEC_PER_SEC == 0) { /* nearly always */
                strbuf_add_uint(b, usec / USEC_PER_SEC);
                strbuf_addc(b, 's');
                return;
        }
        while (usec % units[i].factor != 0)
                i++;
        strbuf_add_uint(b, usec / units[i].factor);
        strbuf_add(b, units[i].suffix);
}

void format_bytes(StrBuf *b, uint64_t bytes) {
        static const char *const suffixes[] = { "", "K", "M", "G", "T" };
        size_t i = 0;

        if (bytes == UINT64_MAX) {
                strbuf_add(b, "infinity");
                return;
        }
        for (; i + 1 < ARRAY_SIZE(suffixes) && bytes > 0 && bytes % 1024 == 0; i++)
                bytes /= 1024;
        strbuf_add_uint(b, bytes);
        strbuf_add(b, suffixes[i]);
}

void format_duration(StrBuf *b, uint64_t usec) {
        static const struct {
                uint64_t sec;
                const char *suffix;
        } units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
        uint64_t sec = usec / USEC_PER_SEC;
        size_t i = 0;

        if (usec < USEC_PER_SEC) {
                strbuf_addf(b, "%ums", (unsigned) (usec / USEC_PER_MSEC));
                return;
        }
        if (sec < 10) {
                strbuf_addf(b, "%u.%us", (unsigned) sec,
                            (unsigned) (usec % USEC_PER_SEC / (100 * USEC_PER_MSEC)));
                return;
        }
        while (sec < units[i].sec)
                i++;
        strbuf_add_uint(b, sec / units[i].sec);
        strbuf_add(b, units[i].suffix);
        sec %= units[i].sec;
        if (i + 1 == ARRAY_SIZE(units) || sec / units[i + 1].sec == 0)
                return;
        strbuf_addc(b, ' ');
        strbuf_add_uint(b, sec / units[i + 1].sec);
        strbuf_add(b, units[i + 1].suffix);
}

void format_time_utc(StrBuf *b, uint64_t usec) {
        time_t t = (time_t) (usec / USEC_PER_SEC);
        char text[32];
        struct tm tm;

        if (gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
                strbuf_add(b, text);
}

void format_stamp(uint64_t usec, char text[static FORMAT_STAMP_BYTES]) {
        time_t t = (time_t) (usec / USEC_PER_SEC);
        struct tm tm;

        if (!gmtime_r(&t, &tm) || strftime(text, FORMAT_STAMP_BYTES, "%Y%m%dT%H%M%SZ", &tm) == 0)
                *text = 0;
}
