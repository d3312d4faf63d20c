/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * outcome.h: the tables of what is worth another try, and how long to wait for it.
 */

#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/utf8.h"
#include "outcome.h"

typedef struct Range {
        long from, to;
        OutcomeKind kind;
} Range;

/* The first row that fits. */
static const Range http_ranges[] = {
        { 200, 299, OUTCOME_SENT },
        { 408, 408, OUTCOME_RETRY }, /* Request Timeout */
        { 425, 425, OUTCOME_RETRY }, /* Too Early */
        { 429, 429, OUTCOME_RETRY }, /* Too Many Requests */
        { 300, 499, OUTCOME_DEAD },
};

static const Range smtp_ranges[] = {
        { 200, 299, OUTCOME_SENT },
        { 530, 530, OUTCOME_CONFIG }, /* RFC 4954: authentication required */
        { 534, 535, OUTCOME_CONFIG }, /* mechanism too weak, credentials invalid */
        { 538, 538, OUTCOME_CONFIG }, /* encryption required for it */
        { 500, 599, OUTCOME_DEAD },
};

/* sysexits.h is what sendmail ends with. */
static const Range exit_ranges[] = {
        { EXIT_SUCCESS, EXIT_SUCCESS, OUTCOME_SENT },
        { EX_DATAERR, EX_DATAERR, OUTCOME_DEAD },
        { EX_NOUSER, EX_NOUSER, OUTCOME_DEAD },
};

static OutcomeKind find(const Range *ranges, size_t n, long value) {
        for (size_t i = 0; i < n; i++)
                if (value >= ranges[i].from && value <= ranges[i].to)
                        return ranges[i].kind;
        return OUTCOME_RETRY;
}

OutcomeKind outcome_of_http(long status) {
        return find(http_ranges, ARRAY_SIZE(http_ranges), status);
}

OutcomeKind outcome_of_smtp(long reply) {
        return find(smtp_ranges, ARRAY_SIZE(smtp_ranges), reply);
}

OutcomeKind outcome_of_exit(int status) {
        return find(exit_ranges, ARRAY_SIZE(exit_ranges), status);
}

/* Drops what a cut has left of the last character; of what is no UTF-8, all that is not ASCII. */
static void trim(char *s) {
        size_t n = strlen(s);

        for (size_t i = 0; i <= 3 && i <= n; i++)
                if (utf8_is_valid(s, n - i)) {
                        s[n - i] = 0;
                        return;
                }
        for (; *s; s++)
                if ((unsigned char) *s >= 0x80)
                        *s = '?';
}

void outcome_set(Outcome *o, OutcomeKind kind, const char *format, ...) {
        va_list ap;

        o->kind = kind;
        va_start(ap, format);
        vsnprintf(o->answer, sizeof(o->answer), format, ap);
        va_end(ap);
        trim(o->answer);
}

static const char *skip_blank(const char *s, const char *end) {
        while (s < end && (unsigned char) *s <= ' ')
                s++;
        return s;
}

void outcome_add_text(Outcome *o, const char *text, size_t len) {
        const char *end = text + len, *s = skip_blank(text, end);
        size_t n = strlen(o->answer);

        if (s == end || n + 3 >= sizeof(o->answer))
                return;
        if (n > 0)
                n += (size_t) sprintf(o->answer + n, ": ");
        for (; s < end && *s != '\n' && *s != '\r' && n + 1 < sizeof(o->answer); s++)
                o->answer[n++] = (unsigned char) *s < ' ' || *s == 0x7f ? ' ' : *s;
        o->answer[n] = 0;
        trim(o->answer);
}

uint64_t outcome_pause_usec(const Outcome *o, uint64_t attempts, uint32_t random) {
        uint64_t pause_usec = RETRY_FIRST_USEC, half, wish_usec;

        for (uint64_t i = 1; i < attempts && pause_usec < RETRY_LAST_USEC; i++)
                pause_usec *= 2;
        pause_usec = MIN(pause_usec, RETRY_LAST_USEC);
        half = pause_usec / 2;
        pause_usec = pause_usec - half / 2 + half * random / UINT32_MAX;
        wish_usec = MIN(o->retry_after_usec, RETRY_AFTER_MAX_USEC);
        return MAX(pause_usec, wish_usec);
}
