/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The log lines that may tell a cause: those of the last run, and when that follows a failure those
 * of the run before. They are looked at with as many secrets taken out as are known, and shown only
 * when all are. Then what the kernel says about denied calls.
 */

#include <systemd/sd-journal.h>

#include "base/parse.h"
#include "journal/journal.h"
#include "journal/run-secrets.h"

#include "denied-calls.h"
#include "evidence.h"

#define LINES_MAX         80
#define SYNC_TIMEOUT_USEC (500 * USEC_PER_MSEC)
#define LOOKED_AT_MAX     2000
#define NEARBY            8 /* lines of a traceback above its last */

/* ---- the run before ---- */

static bool is_run(sd_journal *j, const char *current, char ret[33]) {
        const void *data;
        size_t len;

        if (sd_journal_get_data(j, "INVOCATION_ID", &data, &len) < 0 ||
            len != strlen("INVOCATION_ID=") + 32)
                return false;
        memcpy(ret, (const char *) data + strlen("INVOCATION_ID="), 32);
        ret[32] = 0;
        return !streq(ret, current);
}

/* By what the manager has said about the unit. */
static bool find_previous_run(const Evidence *e, char ret[33]) {
        const char *match = arena_printf(e->arena, "UNIT=%s.service", e->name);
        sd_journal *j = NULL;
        bool found = false;

        if (!match || sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM) < 0)
                return false;
        if (sd_journal_add_match(j, match, 0) >= 0 && sd_journal_add_match(j, "_PID=1", 0) >= 0 &&
            sd_journal_seek_tail(j) >= 0)
                for (size_t i = 0; i < LOOKED_AT_MAX && !found && sd_journal_previous(j) > 0; i++)
                        found = is_run(j, e->unit.invocation, ret);
        sd_journal_close(j);
        return found;
}

static bool follows_failure(const Evidence *e) {
        const UnitFacts *u = &e->unit;

        return u->restarts != UNKNOWN && u->restarts > 0 && u->main_pid != UNKNOWN &&
               u->main_pid > 0 && u->start_usec != UNKNOWN &&
               e->now_usec < u->start_usec + EVIDENCE_RECENT_USEC;
}

/* ---- lines ---- */

static int read_run(Evidence *e, const char *invocation, uint64_t start_usec, char ***ret) {
        Redactor redactor = { .arena = e->arena };
        const SecretsQuery secrets = {
                .agent = e->agent,
                .start_usec = start_usec,
                .refused = e->unit.exec_status == 78,
        };
        const JournalQuery query = {
                .agent = e->name,
                .unit = arena_printf(e->arena, "%s.service", e->name),
                .invocation = invocation,
                .since_usec = start_usec,
                .uid = e->uid,
                .n_lines = LINES_MAX,
                .redactor = &redactor,
        };

        e->lines_are_safe = secrets_learn(&redactor, &secrets) && e->lines_are_safe;
        return journal_lines(&query, e->arena, ret);
}

static int join(Evidence *e, char **before, char **lines) {
        size_t n = strv_length(before), m = strv_length(lines);

        if (n == 0 || m == 0) {
                e->lines = n > 0 ? before : lines;
                return 0;
        }
        e->lines = arena_new_n(e->arena, char *, n + m + 1);
        if (!e->lines)
                return -ENOMEM;
        memcpy(e->lines, before, n * sizeof(char *));
        memcpy(e->lines + n, lines, m * sizeof(char *));
        return 0;
}

static int read_lines(Evidence *e) {
        char previous[33], **before = NULL, **lines = NULL;
        int fd = journal_sync_start(), r;

        if (fd >= 0) {
                journal_sync_wait(fd, SYNC_TIMEOUT_USEC);
                close(fd);
        }
        e->lines_are_safe = true;
        r = read_run(e, e->unit.invocation, e->unit.start_usec, &lines);
        if (r >= 0 && follows_failure(e) && find_previous_run(e, previous)) {
                uint64_t start_usec = UINT64_MAX;

                (void) journal_run_start(NULL, previous, &start_usec);
                r = read_run(e, previous, start_usec, &before);
        }
        if (r < 0) {
                e->lines_reason =
                        arena_printf(e->arena, "the journal cannot be read: %s", strerror(-r));
                return r == -ENOMEM ? r : 0;
        }
        return join(e, before, lines);
}

/* ---- denied calls ---- */

/* The kernel's audit line about a process of the agent's user, since it was started. */
static void take_audit_line(Evidence *e, const char *line, size_t len) {
        const char *uid = arena_printf(e->arena, " uid=%llu ", (unsigned long long) e->uid);
        const char *copy = arena_strndup(e->arena, line, len), *call;

        if (!uid || !copy || !strstr(copy, "type=1326") || !strstr(copy, uid))
                return;
        call = strstr(copy, " syscall=");
        if (call)
                e->denied_call =
                        denied_call_name(e->arena, strtoul(call + strlen(" syscall="), NULL, 10));
}

static void read_kernel_lines(Evidence *e) {
        sd_journal *j = NULL;
        const void *data;
        uint64_t usec;
        size_t len;

        if (e->uid == UNKNOWN || e->unit.start_usec == UNKNOWN ||
            sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM) < 0)
                return;
        if (sd_journal_add_match(j, "_TRANSPORT=kernel", 0) >= 0 &&
            sd_journal_add_match(j, "_TRANSPORT=audit", 0) >= 0 && sd_journal_seek_tail(j) >= 0)
                for (size_t i = 0;
                     i < LOOKED_AT_MAX && !e->denied_call && sd_journal_previous(j) > 0; i++) {
                        if (sd_journal_get_realtime_usec(j, &usec) < 0 || usec < e->unit.start_usec)
                                break;
                        if (sd_journal_get_data(j, "MESSAGE", &data, &len) >= 0)
                                take_audit_line(e, data, len);
                }
        sd_journal_close(j);
}

/* A traceback shows the call that was made. */
static void read_traceback(Evidence *e) {
        const Symptom *s = symptoms_last(&e->symptoms, SYMPTOM_FORBIDDEN);

        for (size_t i = 0; s && i <= NEARBY && i <= s->index && !e->denied_call; i++)
                e->denied_call = denied_call_in(e->lines[s->index - i]);
}

int evidence_read_log(Evidence *e) {
        int r;

        e->lines_reason = "systemd has not been asked";
        if (!e->unit.known)
                return 0;
        e->lines_reason = "the run has left no line in the journal";
        r = read_lines(e);
        if (r >= 0 && e->lines)
                r = symptoms_find(e->lines, e->arena, &e->symptoms);
        if (r < 0)
                return r;
        read_kernel_lines(e);
        if (e->lines)
                read_traceback(e);
        return 0;
}
