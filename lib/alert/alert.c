/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is said of an alert wherever it goes: its kind, its headline, the key of its incident, the
 * name of the credential behind a target. The text form is in alert-text.c.
 */

#include <stdio.h>
#include <sys/random.h>

#include "alert/alert.h"
#include "base/format.h"

static const char *const kind_names[_ALERT_KIND_MAX] = {
        [ALERT_KIND_FAILURE] = "failure",   [ALERT_KIND_RESTART] = "restart",
        [ALERT_KIND_RECOVERY] = "recovery", [ALERT_KIND_REPEATED] = "repeated",
        [ALERT_KIND_TEST] = "test",
};

const char *alert_kind_to_string(AlertKind kind) {
        return kind_names[kind];
}

AlertKind alert_kind_from_string(const char *s) {
        for (int i = 0; i < _ALERT_KIND_MAX; i++)
                if (streq(kind_names[i], s))
                        return (AlertKind) i;
        return _ALERT_KIND_MAX;
}

static void add_number(StrBuf *b, uint64_t n, const char *one, const char *more) {
        strbuf_add_uint(b, n);
        strbuf_add(b, n == 1 ? one : more);
}

/* ": exit-code (exited, 1/FAILURE)", as much of it as is known. */
static void add_cause(const Alert *a, StrBuf *b) {
        if (*a->result) {
                strbuf_add(b, ": ");
                strbuf_add(b, a->result);
        }
        if (!*a->code && !*a->status)
                return;
        strbuf_add(b, *a->result ? " (" : ": (");
        strbuf_add(b, a->code);
        strbuf_add(b, *a->code && *a->status ? ", " : "");
        strbuf_add(b, a->status);
        strbuf_addc(b, ')');
}

static void add_what(const Alert *a, StrBuf *b) {
        switch (a->kind) {
        case ALERT_KIND_FAILURE:
                strbuf_add(b, " failed");
                add_cause(a, b);
                break;
        case ALERT_KIND_RESTART:
                strbuf_add(b, " is being restarted");
                add_cause(a, b);
                break;
        case ALERT_KIND_RECOVERY:
                strbuf_add(b, " has recovered");
                if (a->outage_usec != ALERT_UNKNOWN) {
                        strbuf_add(b, " after ");
                        format_duration(b, a->outage_usec);
                }
                break;
        case ALERT_KIND_REPEATED:
                strbuf_add(b, " failed ");
                add_number(b, a->repeated, " more time", " more times");
                add_cause(a, b);
                return;
        default:
                strbuf_add(b, ": a test alert");
        }
        if (a->repeated > 0) {
                strbuf_add(b, ", and ");
                add_number(b, a->repeated, " more time", " more times");
        }
}

void alert_headline(const Alert *a, StrBuf *b) {
        size_t start = b->len;

        strbuf_add(b, a->agent);
        add_what(a, b);
        /* It becomes a mail's subject: a line end in a damaged file must not become a header. */
        for (size_t i = start; i < b->len; i++)
                if ((unsigned char) b->text[i] < ' ' || b->text[i] == 0x7f)
                        b->text[i] = ' ';
}

void alert_dedup_key(const Alert *a, StrBuf *b) {
        strbuf_add(b, "fte/");
        strbuf_add(b, a->host);
        strbuf_addc(b, '/');
        strbuf_add(b, a->agent);
}

/* FNV-1a of 64 bits: two paths of one host do not meet by chance, and a path is no secret. */
void alert_credential_id(const char *path, char buf[static 24]) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325);

        for (; *path; path++)
                hash = (hash ^ (uint8_t) *path) * UINT64_C(0x100000001b3);
        snprintf(buf, 24, "alert-%016llx", (unsigned long long) hash);
}

int alert_make_id(Alert *a) {
        static const char digits[] = "0123456789abcdef";
        unsigned char bytes[ALERT_ID_CHARS / 2];

        if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
                return -errno;
        for (size_t i = 0; i < sizeof(bytes); i++) {
                a->id[2 * i] = digits[bytes[i] >> 4];
                a->id[2 * i + 1] = digits[bytes[i] & 15];
        }
        return 0;
}
