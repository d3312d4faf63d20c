/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The journal of journal.h, by sd-journal: the index makes the size of the journal no matter. A run
 * that ended at once may have left lines that journald could not tell the invocation of any more:
 * these are found by their unit, which the stream told journald when it was opened, or by their
 * identifier, which anybody can claim, so user and time must fit, too.
 */

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-messages.h>

#include "base/parse.h"
#include "base/scope.h"
#include "journal.h"

#define LINES_BYTES_MAX ((size_t) 96 * 1024) /* of all lines, so that an alert stays small */
#define LOOKED_AT_MAX   4000                 /* entries, should most of them be another user's */

/* ---- journald takes in what was written ---- */

int journal_sync_start(void) {
        static const char call[] = "{\"method\":\"io.systemd.Journal.Synchronize\"}";
        struct sockaddr_un address = { .sun_family = AF_UNIX,
                                       .sun_path = "/run/systemd/journal/io.systemd.journal" };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        if (fd < 0)
                return -errno;
        if (connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0 ||
            send(fd, call, sizeof(call), MSG_NOSIGNAL) != sizeof(call)) { /* with its NUL */
                int r = -errno;

                close(fd);
                return r;
        }
        return fd;
}

void journal_sync_wait(int fd, uint64_t timeout_usec) {
        struct pollfd p = { .fd = fd, .events = POLLIN };

        (void) poll(&p, 1, (int) (timeout_usec / 1000));
}

/* ---- reading ---- */

static int add_match(sd_journal *j, const char *field, const char *value) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        strbuf_add(&b, field);
        strbuf_add(&b, value);
        return strbuf_check(&b) < 0 ? -ENOMEM : sd_journal_add_match(j, b.text, b.len);
}

/* The field in which a manager says of which run it speaks. */
static const char *told_by_manager(void) {
        return scope->is_user ? "USER_INVOCATION_ID=" : "INVOCATION_ID=";
}

/* The run's own lines, or the manager's about it, or those of the unit or of the agent's name. */
static int add_matches(sd_journal *j, const JournalQuery *q) {
        int r = 0;

        if (*q->invocation) {
                r = add_match(j, "_SYSTEMD_INVOCATION_ID=", q->invocation);
                if (r >= 0)
                        r = sd_journal_add_disjunction(j);
                if (r >= 0)
                        r = add_match(j, told_by_manager(), q->invocation);
                if (r >= 0)
                        r = sd_journal_add_disjunction(j);
        }
        if (r >= 0 && !scope->is_user) { /* there it would be the system's unit of that name */
                r = add_match(j, "_SYSTEMD_UNIT=", q->unit);
                if (r >= 0)
                        r = sd_journal_add_disjunction(j);
        }
        return r < 0 ? r : add_match(j, "SYSLOG_IDENTIFIER=", q->agent);
}

/* The value of a field of the current entry, or NULL; not terminated. */
static const char *get(sd_journal *j, const char *field, size_t *ret_len) {
        size_t prefix = strlen(field) + 1, len;
        const void *data;

        if (sd_journal_get_data(j, field, &data, &len) < 0 || len < prefix)
                return NULL;
        *ret_len = len - prefix;
        return (const char *) data + prefix;
}

static bool field_is(sd_journal *j, const char *field, const char *value) {
        size_t len;
        const char *s = get(j, field, &len);

        return s && len == strlen(value) && memcmp(s, value, len) == 0;
}

/*
 * Of the run for certain, or at least by the agent's user (root before it has become that). A
 * person's manager is a process of that person's like any other.
 */
static bool is_trusted(sd_journal *j, const JournalQuery *q) {
        char digits[24];
        uint64_t uid;
        size_t len;
        const char *s;

        if (*q->invocation &&
            (field_is(j, "_SYSTEMD_INVOCATION_ID", q->invocation) ||
             (field_is(j, "INVOCATION_ID", q->invocation) && field_is(j, "_PID", "1"))))
                return true;
        if (*q->invocation && get(j, "_SYSTEMD_INVOCATION_ID", &len))
                return false; /* of another run */
        if (!scope->is_user && field_is(j, "_SYSTEMD_UNIT", q->unit))
                return true;
        s = get(j, "_UID", &len);
        if (!s || len >= sizeof(digits))
                return false;
        memcpy(digits, s, len);
        digits[len] = 0;
        return parse_uint(digits, UINT32_MAX, &uid) == 0 && (uid == 0 || uid == q->uid);
}

typedef struct Lines {
        Arena *arena;
        char **items; /* newest first while they are read */
        size_t n, bytes;
} Lines;

static int add_line(Lines *lines, sd_journal *j, const JournalQuery *q) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        size_t len;
        const char *s = get(j, "MESSAGE", &len);

        if (!s)
                return 0;
        redact_line(q->redactor, s, len, &b);
        lines->bytes += b.len + sizeof("line=");
        if (lines->bytes > LINES_BYTES_MAX)
                return -ENOSPC;
        lines->items[lines->n] = arena_strndup(lines->arena, strbuf_text(&b), b.len);
        if (strbuf_check(&b) < 0 || !lines->items[lines->n])
                return -ENOMEM;
        lines->n++;
        return 0;
}

static int read_lines(sd_journal *j, const JournalQuery *q, Lines *lines) {
        int r = sd_journal_seek_tail(j);

        for (size_t i = 0; i < LOOKED_AT_MAX && lines->n < q->n_lines && r >= 0; i++) {
                uint64_t usec;

                r = sd_journal_previous(j);
                if (r <= 0)
                        break;
                r = sd_journal_get_realtime_usec(j, &usec);
                /* journald stamps an entry when it gets it, never before the run began. */
                if (r >= 0 && q->since_usec != UINT64_MAX && usec + USEC_PER_SEC < q->since_usec)
                        break;
                if (r >= 0 && is_trusted(j, q))
                        r = add_line(lines, j, q);
        }
        return r == -ENOSPC ? 0 : MIN(r, 0);
}

static int open_journal(const char *directory, sd_journal **ret) {
        int flags = SD_JOURNAL_LOCAL_ONLY | (scope->is_user ? 0 : SD_JOURNAL_SYSTEM);

        return directory ? sd_journal_open_directory(ret, directory, 0)
                         : sd_journal_open(ret, flags);
}

int journal_run_start(const char *directory, const char *invocation, uint64_t *ret_usec) {
        sd_journal *j = NULL;
        char uid[16];
        int r = open_journal(directory, &j);

        if (r >= 0)
                r = add_match(j, told_by_manager(), invocation);
        if (r >= 0)
                r = add_match(j, "MESSAGE_ID=", SD_MESSAGE_UNIT_STARTING_STR);
        snprintf(uid, sizeof(uid), "%u", geteuid());
        if (r >= 0) /* anybody can claim the other two */
                r = add_match(j, scope->is_user ? "_UID=" : "_PID=", scope->is_user ? uid : "1");
        if (r >= 0)
                r = sd_journal_seek_head(j);
        if (r >= 0)
                r = sd_journal_next(j);
        if (r > 0)
                r = sd_journal_get_realtime_usec(j, ret_usec);
        else if (r == 0)
                r = -ENOENT;
        sd_journal_close(j);
        return MIN(r, 0);
}

int journal_lines(const JournalQuery *q, Arena *arena, char ***ret) {
        Lines lines = { .arena = arena, .items = arena_new_n(arena, char *, q->n_lines + 1) };
        sd_journal *j = NULL;
        int r;

        if (!lines.items)
                return -ENOMEM;
        r = open_journal(q->directory, &j);
        if (r >= 0)
                r = sd_journal_set_data_threshold(j, 64 * 1024);
        if (r >= 0)
                r = add_matches(j, q);
        if (r >= 0)
                r = read_lines(j, q, &lines);
        sd_journal_close(j);
        if (r < 0)
                return r;
        for (size_t i = 0; i < lines.n / 2; i++) {
                char *line = lines.items[i];

                lines.items[i] = lines.items[lines.n - 1 - i];
                lines.items[lines.n - 1 - i] = line;
        }
        *ret = lines.n > 0 ? lines.items : NULL;
        return 0;
}
