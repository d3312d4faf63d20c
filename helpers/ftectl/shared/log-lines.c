/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * log-lines.h: asks systemd which run it is and since when, learns the secrets that the run was
 * given and has lib/journal take them out. What is not known for certain is not shown. Prints
 * nothing.
 */

#include <pwd.h>
#include <systemd/sd-id128.h>

#include "journal/journal.h"
#include "journal/run-secrets.h"

#include "bus.h"
#include "log-lines.h"

#define SYNC_TIMEOUT_USEC (500 * USEC_PER_MSEC)

typedef struct Run {
        char unit[256], invocation[SD_ID128_STRING_MAX];
        uint64_t start_usec; /* CLOCK_REALTIME; UINT64_MAX unknown */
        bool refused;        /* it ended as the precheck does that found no env file */
} Run;

/* ---- which run ---- */

static int read_invocation(sd_bus *bus, const char *path, char *ret) {
        _cleanup_bus_message_ sd_bus_message *m = NULL;
        const void *bytes;
        sd_id128_t id;
        size_t n;
        int r;

        r = sd_bus_get_property(bus, BUS_SYSTEMD, path, BUS_UNIT, "InvocationID", NULL, &m, "ay");
        if (r >= 0)
                r = sd_bus_message_read_array(m, 'y', &bytes, &n);
        if (r < 0 || n != sizeof(id))
                return r < 0 ? r : -ENODATA;
        memcpy(&id, bytes, n);
        sd_id128_to_string(id, ret);
        return 0;
}

/*
 * A run that failed before its program (ExecStartPre=) has no start of that; the unit's is earlier.
 */
static bool read_start(sd_bus *bus, const char *path, uint64_t *ret_usec) {
        static const struct {
                const char *interface, *name;
        } rows[] = {
                { BUS_SERVICE, "ExecMainStartTimestamp" },
                { BUS_UNIT, "InactiveExitTimestamp" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (sd_bus_get_property_trivial(bus, BUS_SYSTEMD, path, rows[i].interface,
                                                rows[i].name, NULL, 't', ret_usec) >= 0 &&
                    *ret_usec > 0)
                        return true;
        return false;
}

/* The run that systemd knows of; of a unit that it has forgotten it knows none. */
static int ask_systemd(Run *run) {
        _cleanup_bus_ sd_bus *bus = NULL;
        _cleanup_free_ char *path = NULL;
        uint64_t start_usec;
        int32_t status;
        int r;

        r = sd_bus_path_encode(BUS_MANAGER_PATH "/unit", run->unit, &path);
        if (r >= 0)
                r = bus_open(&bus);
        if (r >= 0)
                r = read_invocation(bus, path, run->invocation);
        if (r < 0)
                return r;
        if (read_start(bus, path, &start_usec))
                run->start_usec = start_usec;
        run->refused = sd_bus_get_property_trivial(bus, BUS_SYSTEMD, path, BUS_SERVICE,
                                                   "ExecMainStatus", NULL, 'i', &status) >= 0 &&
                       status == 78;
        return 0;
}

static void find_run(const LogLinesQuery *q, Run *run) {
        *run = (Run){ .start_usec = UINT64_MAX };
        snprintf(run->unit, sizeof(run->unit), "%s.service", q->agent->name);
        if (ask_systemd(run) < 0)
                *run->invocation = 0;
        if (!q->invocation || streq(q->invocation, run->invocation))
                return;
        run->start_usec = UINT64_MAX;
        run->refused = false;
        snprintf(run->invocation, sizeof(run->invocation), "%s", q->invocation);
        (void) journal_run_start(NULL, q->invocation, &run->start_usec);
}

/* ---- its lines ---- */

static uint64_t user_id(const char *name) {
        const struct passwd *p = getpwnam(name);

        return p ? p->pw_uid : UINT64_MAX;
}

static int hide(LogLines *ret, const char *reason) {
        *ret = (LogLines){ .reason = reason, .hidden = true };
        return reason ? 0 : -ENOMEM;
}

static int none(LogLines *ret, const char *reason) {
        *ret = (LogLines){ .reason = reason };
        return reason ? 0 : -ENOMEM;
}

static int read_lines(const LogLinesQuery *q, const Run *run, Redactor *redactor, Arena *arena,
                      LogLines *ret) {
        const JournalQuery query = {
                .agent = q->agent->name,
                .unit = run->unit,
                .invocation = run->invocation,
                .since_usec = run->start_usec,
                .uid = user_id(agent_user(q->agent)),
                .n_lines = q->n,
                .redactor = redactor,
        };
        char **lines;
        int r, fd = journal_sync_start();

        if (fd >= 0) {
                journal_sync_wait(fd, SYNC_TIMEOUT_USEC);
                close(fd);
        }
        r = journal_lines(&query, arena, &lines);
        if (r == -ENOMEM || redactor->failed)
                return hide(ret, "memory is out");
        if (r < 0)
                return none(ret,
                            arena_printf(arena, "the journal cannot be read: %s", strerror(-r)));
        if (!lines)
                return none(ret, "the run has left no line in the journal");
        *ret = (LogLines){ .lines = lines };
        return 0;
}

int log_lines_read(const LogLinesQuery *q, Arena *arena, LogLines *ret) {
        Redactor redactor = { .arena = arena };
        Run run;

        if (*q->root)
                return none(ret, "the journal of a system below another root is not read");
        find_run(q, &run);
        if (secrets_learn(&redactor, &(SecretsQuery){ .agent = q->agent,
                                                      .start_usec = run.start_usec,
                                                      .refused = run.refused }))
                return read_lines(q, &run, &redactor, arena, ret);
        if (geteuid() != 0)
                return hide(ret,
                            "only root can read the secrets that must be taken out of them first; "
                            "use sudo");
        return hide(ret,
                    arena_printf(arena,
                                 "%s has changed since, is gone or encrypted, so its values could "
                                 "not be taken out of them; for your own eyes: journalctl -u %s -n "
                                 "%zu",
                                 q->agent->env_file, q->agent->name, q->n));
}

/* ---- showing them ---- */

void log_lines_show(const LogLines *l, const char *before, StrBuf *b) {
        if (!l->lines)
                strbuf_addf(b, "%s(no log lines: %s)\n", before, l->reason);
        for (char **line = l->lines; line && *line; line++)
                strbuf_addf(b, "%s%s\n", before, *line);
}

json_t *log_lines_to_json(const LogLines *l) {
        json_t *list = l->lines ? json_array() : json_null();

        for (char **line = l->lines; line && *line; line++)
                json_array_append_new(list, json_text(*line));
        return list;
}
