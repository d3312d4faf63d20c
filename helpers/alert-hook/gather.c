/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The gathering of gather.h. As root it opens and does nothing else with what it finds: the values
 * of the env file become needles of the redaction and go nowhere.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/parse.h"
#include "base/scope.h"
#include "base/utf8.h"
#include "config/alert-targets.h"
#include "config/instance.h"
#include "gather.h"
#include "journal/journal.h"
#include "journal/run-secrets.h"
#include "privileges.h"

/*
 * At the end of a run the agent's restart waits for us. When it has failed for good nobody does,
 * and without the time at which it began its log lines could not be shown, nor those that a busy
 * journald has not taken in yet.
 */
#define ASK_TIMEOUT_USEC         (20 * USEC_PER_MSEC)
#define ASK_FAILED_TIMEOUT_USEC  (3 * USEC_PER_SEC)
#define SYNC_TIMEOUT_USEC        (15 * USEC_PER_MSEC)
#define SYNC_FAILED_TIMEOUT_USEC (1500 * USEC_PER_MSEC)

/* ---- with privileges ---- */

/* A backup of an agent is told to those who are told of the agent itself. */
static const char *whose(const char *unit) {
        const char *const prefixes[] = { "fte-backup@", "fte-backup-verify@" };

        for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
                if (startswith(unit, prefixes[i]))
                        return startswith(unit, prefixes[i]);
        return unit;
}

/* A file with mistakes is no reason to tell nobody: what could be read of it is used. */
static int read_config(Gathered *g, const char *root, const char *agent) {
        Problems problems = { .arena = &g->arena };
        ConfigEntry entry;
        Config config;
        int r;

        r = config_open(&config, root, &g->arena);
        if (r < 0) {
                config_close(&config);
                return r;
        }
        if (config_find(&config, agent, &entry) >= 0)
                r = config_read_agent(&config, &entry, &g->arena, &problems, &g->agent);
        else {
                g->agent = config.host.defaults;
                r = agent_take_name(&g->agent, agent, &g->arena);
                g->agent.env_file = arena_printf(&g->arena, "/%s/%s%s", scope->env_top,
                                                 g->agent.directory, scope->env_suffix);
        }
        g->environment = config.host.environment;
        config_close(&config);
        return r < 0 ? r : arena_failed(&g->arena) ? -ENOMEM : 0;
}

/* As the precheck ends that has found no env file: so there was none, and no value to be logged. */
static bool is_refused(const Gathered *g, const Context *c) {
        return *c->code ? streq(c->status, "78") : g->facts.exit_status == 78;
}

static void learn_secrets(Gathered *g, const char *root, const Context *c) {
        const SecretsQuery q = {
                .root = root,
                .agent = &g->agent,
                .start_usec = g->facts.start_usec,
                .refused = is_refused(g, c),
        };

        g->redactor.arena = &g->arena;
        g->lines_are_safe = secrets_learn(&g->redactor, &q);
}

/*
 * Of the control group that this runs in: in ExecStopPost= it is the agent's. Linux 5.19 and newer.
 */
static uint64_t read_memory_peak(void) {
        char text[4096], path[4200], *group, *end;
        uint64_t bytes;

        if (fsat_read(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text)) < 0)
                return ALERT_UNKNOWN;
        group = strstr(text, "0::/");
        if (!group)
                return ALERT_UNKNOWN;
        group += strlen("0::");
        *strchrnul(group, '\n') = 0;
        snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.peak", group);
        if (fsat_read(AT_FDCWD, path, text, sizeof(text)) < 0)
                return ALERT_UNKNOWN;
        end = strchrnul(text, '\n');
        *end = 0;
        return parse_uint(text, UINT64_MAX - 1, &bytes) < 0 ? ALERT_UNKNOWN : bytes;
}

/* Only what the environment does not have: each question is a round trip. */
static int ask_manager(Gathered *g, const char *agent, const Context *c) {
        ManagerQuestions questions = MANAGER_FIGURES;
        _cleanup_free_ char *unit = NULL;

        if (c->event == HOOK_FAILED)
                questions |= MANAGER_STATE | (*c->invocation ? 0 : MANAGER_CAUSE);
        if (asprintf(&unit, "%s.service", agent) < 0)
                return -ENOMEM;
        (void) manager_ask(unit, questions,
                           c->event == HOOK_FAILED ? ASK_FAILED_TIMEOUT_USEC : ASK_TIMEOUT_USEC,
                           &g->facts);
        return 0;
}

int gather_privileged(Gathered *g, const char *root, const char *agent, const Context *c) {
        bool bad = c->event == HOOK_ENDED || c->event == HOOK_FAILED;
        int r;

        *g = (Gathered){
                .sync_fd = -EBADF,
                .sync_timeout_usec =
                        c->event == HOOK_FAILED ? SYNC_FAILED_TIMEOUT_USEC : SYNC_TIMEOUT_USEC,
                .memory_peak_bytes = ALERT_UNKNOWN,
                .facts = { .restarts = ALERT_UNKNOWN,
                           .start_usec = ALERT_UNKNOWN,
                           .exit_usec = ALERT_UNKNOWN,
                           .memory_peak_bytes = ALERT_UNKNOWN },
        };
        r = read_config(g, root, whose(agent));
        if (r < 0)
                return r;
        g->uid = scope->is_user ? geteuid() : user_id(agent_user(&g->agent));
        if (!bad) {
                g->agent.name = agent;
                return 0;
        }
        if (!root)
                g->sync_fd = journal_sync_start(); /* which goes on meanwhile */
        if (c->event == HOOK_ENDED)
                g->memory_peak_bytes = read_memory_peak();
        r = root ? 0 : ask_manager(g, agent, c);
        if (r == 0)
                learn_secrets(g, root, c);
        g->agent.name = agent; /* from here on as it is told: fte-backup@NAME, not NAME */
        return r;
}

/* ---- without ---- */

static const char *text_or_empty(const char *s) {
        return s ? s : "";
}

/* What the environment says, else what the manager does (systemd before 251 for OnFailure=). */
static int fill_cause(Gathered *g, const Context *c, Alert *a) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        char number[16];

        a->result = *c->result ? c->result : g->facts.result;
        a->code = c->code;
        if (*c->code)
                context_status_name(c->code, c->status, &b);
        else if (c->event == HOOK_FAILED && g->facts.exit_code != 0 &&
                 !streq(c->result, RESULT_OVERDUE)) {
                a->code = context_code_name(g->facts.exit_code);
                snprintf(number, sizeof(number), "%d", g->facts.exit_status);
                context_status_name(a->code, number, &b);
        }
        a->status = arena_strndup(&g->arena, strbuf_text(&b), b.len);
        return a->status && strbuf_check(&b) == 0 ? 0 : -ENOMEM;
}

int gather_alert(Gathered *g, const Context *c, uint64_t now_usec, Alert *ret) {
        const UnitFacts *f = &g->facts;
        char host[256] = "";
        int r;

        alert_init(ret);
        if (gethostname(host, sizeof(host) - 1) < 0 || !utf8_is_valid(host, strlen(host)))
                strcpy(host, "");
        ret->agent = g->agent.name;
        ret->unit = arena_printf(&g->arena, "%s.service", g->agent.name);
        ret->host = arena_strdup(&g->arena, host);
        ret->description = text_or_empty(g->agent.description);
        ret->contact = text_or_empty(g->agent.contact);
        ret->environment = text_or_empty(g->environment);
        ret->smtp = text_or_empty(g->agent.alert_smtp);
        ret->invocation = *c->invocation ? c->invocation : f->invocation;
        ret->time_usec = now_usec;
        ret->restarts = f->restarts;
        ret->memory_peak_bytes = MIN(g->memory_peak_bytes, f->memory_peak_bytes);
        if (f->start_usec != ALERT_UNKNOWN && f->exit_usec != ALERT_UNKNOWN && f->start_usec > 0 &&
            f->exit_usec >= f->start_usec)
                ret->uptime_usec = f->exit_usec - f->start_usec;
        r = fill_cause(g, c, ret);
        if (r == 0)
                r = alert_make_id(ret);
        return r < 0 ? r : arena_failed(&g->arena) ? -ENOMEM : 0;
}

int gather_lines(Gathered *g, const char *directory, Alert *alert) {
        static char *hidden[] = {
                (char *) "(log lines are left out: the env file is gone, unreadable or encrypted, "
                         "so its values could not be taken out of them)",
                NULL,
        };
        const JournalQuery q = {
                .directory = directory,
                .agent = g->agent.name,
                .unit = alert->unit,
                .invocation = alert->invocation,
                .since_usec = g->facts.start_usec > 0 ? g->facts.start_usec : ALERT_UNKNOWN,
                .uid = g->uid,
                .n_lines = g->agent.alert_lines,
                .redactor = &g->redactor,
        };

        if (q.n_lines == 0)
                return 0;
        if (!g->lines_are_safe) {
                alert->lines = hidden;
                return 0;
        }
        if (g->sync_fd >= 0)
                journal_sync_wait(g->sync_fd, g->sync_timeout_usec);
        return journal_lines(&q, &g->arena, &alert->lines);
}

int gather_targets(Gathered *g, Alert *alert) {
        return alert_targets(&g->agent, &g->arena, alert);
}

void gather_done(Gathered *g) {
        closep(&g->sync_fd);
        arena_done(&g->arena);
}
