/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Causes that only workers and jobs know: a heartbeat that stops, a health command that fails, a
 * run that fails or does not come.
 */

#include <stdio.h>

#include "base/escape.h"
#include "base/format.h"

#include "rules-say.h"

/* What fte-health-gate has last said of it: now, or in the lines of the run that was ended. */
static const char *gate_says(const Evidence *e, const char *words) {
        for (size_t i = 0; e->lines && e->lines[i]; i++)
                if (strstr(e->lines[i], words))
                        return strstr(e->lines[i], words);
        return strstr(e->unit.status_text, words);
}

static bool is_troubled(const Evidence *e) {
        return in_trouble(e) || strstr(e->unit.status_text, " failed: ") ||
               startswith(e->unit.status_text, "starting: ") ||
               startswith(e->unit.status_text, "unhealthy: ");
}

/* For when those lines are not to be had. */
static bool was_ended(const Evidence *e) {
        return streq(e->unit.result, "watchdog") ||
               (in_trouble(e) && symptoms_last(&e->symptoms, SYMPTOM_WATCHDOG));
}

static void say_what_failed(const Evidence *e, Diagnosis *d, const char *said) {
        if (said)
                SEEN(d, "%.*s", (int) strcspn(said, "\n"), said);
        else
                SEEN(d, "the watchdog has ended it, because %llu checks in a row failed",
                     (unsigned long long) e->agent->health_failures);
}

int rule_heartbeat(const Evidence *e, Diagnosis *d) {
        const char *said;

        if (!e->agent->health_file || !(is_troubled(e) || was_ended(e)))
                return LIKELY_NOT;
        said = gate_says(e, "the heartbeat file ");
        if (!said && !was_ended(e))
                return LIKELY_NOT;
        say_what_failed(e, d, said);
        SEEN(d, ": %s\n", e->agent->health_file);
        fix_path(d, "ls -l --time-style=full-iso", e->agent->health_file);
        FIX(d, "journalctl -u %s -n 50\n", e->agent->name);
        fix_restart(d, e);
        return LIKELY_STRONG;
}

int rule_health_command(const Evidence *e, Diagnosis *d) {
        const char *said;

        if (!e->agent->health_command || !(is_troubled(e) || was_ended(e)))
                return LIKELY_NOT;
        said = gate_says(e, "the command ");
        if (said && startswith(said, "the command succeeded"))
                said = NULL;
        if (!said && !was_ended(e))
                return LIKELY_NOT;
        say_what_failed(e, d, said);
        SEEN(d, "\n");
        said = gate_says(e, "the health command says: ");
        if (said && e->lines_are_safe)
                SEEN(d, "%.*s\n", (int) strcspn(said, "\n"), said);
        FIX(d, "journalctl -u %s -n 50 | grep health\n", e->agent->name);
        FIX(d, "runuser -u %s --", e->user);
        for (char **word = e->agent->health_command; *word; word++) {
                FIX(d, " ");
                escape_shell_word(&d->fix, *word);
        }
        FIX(d, "   # by hand, without its sandbox\n");
        return LIKELY_STRONG;
}

static void add_ago(StrBuf *b, const Evidence *e, uint64_t usec) {
        format_duration(b, usec < e->now_usec ? (e->now_usec - usec) / USEC_PER_SEC * USEC_PER_SEC
                                              : 0);
        strbuf_add(b, " ago");
}

int rule_timer_off(const Evidence *e, Diagnosis *d) {
        if (e->agent->kind != KIND_JOB || isempty(e->timer) || streq(e->timer, "active") ||
            e->is_stub_loaded || (!e->agent->enabled && !evidence_is_overdue(e)))
                return LIKELY_NOT;
        SEEN(d, "%s.timer is %s, so nothing starts the job\n", e->agent->name, e->timer);
        FIX(d, "systemctl start %s.timer\n", e->agent->name);
        return LIKELY_CERTAIN;
}

int rule_overdue(const Evidence *e, Diagnosis *d) {
        if (!evidence_is_overdue(e))
                return LIKELY_NOT;
        SEEN(d, "a run was due ");
        add_ago(&d->seen, e, e->watch.due_usec);
        if (e->run.success_usec > 0) {
                SEEN(d, "; the last that ended well did so ");
                add_ago(&d->seen, e, e->run.success_usec);
                SEEN(d, "\n");
        } else
                SEEN(d, "; none has ended well yet\n");
        FIX(d, "systemctl list-timers --all %s.timer\njournalctl -u %s -n 50\n", e->agent->name,
            e->agent->name);
        FIX(d, "systemctl start %s\n", e->agent->name);
        return LIKELY_STRONG;
}

int rule_run_failed(const Evidence *e, Diagnosis *d) {
        const JobRun *run = &e->run;

        if (e->agent->kind != KIND_JOB || run->ended_usec == 0 || streq(run->result, "success") ||
            streq(run->result, "stopped") || has_process(e))
                return LIKELY_NOT;
        SEEN(d, "its last run ended ");
        add_ago(&d->seen, e, run->ended_usec);
        SEEN(d, " with %s", run->result);
        if (streq(run->result, "timeout")) {
                SEEN(d, ": it took longer than TimeLimit= allows\n");
                FIX(d, "raise TimeLimit= in [Agent] of %s, then: systemctl daemon-reload\n",
                    e->config_file);
        } else
                SEEN(d, " (status %llu)\n", (unsigned long long) run->status);
        FIX(d, "journalctl -u %s -n 50\nsystemctl start %s\n", e->agent->name, e->agent->name);
        return LIKELY_FAIR;
}
