/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs the rules of the table and puts the likeliest cause first, and what all rules ask and say.
 */

#include <stdio.h>

#include "base/escape.h"
#include "base/format.h"

#include "rules-say.h"
#include "rules.h"

#define STARTING_USEC \
        (3 * USEC_PER_SEC) /* before that nothing can be said of what does not listen */

/* ---- what all rules ask ---- */

bool evidence_is_well(const Evidence *e) {
        if (e->agent->kind == KIND_JOB)
                return streq(e->timer ? e->timer : "", "active") && !evidence_is_overdue(e) &&
                       !streq(e->unit.active, "failed");
        return streq(e->unit.active, "active") &&
               (e->probe == PROBE_STATE_GOOD || e->probe == PROBE_STATE_NONE);
}

bool evidence_is_overdue(const Evidence *e) {
        return e->agent->kind == KIND_JOB && e->watch.told_usec > 0 &&
               e->watch.told_usec == e->watch.due_usec && e->run.success_usec < e->watch.due_usec;
}

bool evidence_has_recovered(const Evidence *e) {
        return evidence_is_well(e) && e->unit.restarts != UNKNOWN && e->unit.restarts > 0 &&
               e->unit.active_usec != UNKNOWN &&
               e->now_usec < e->unit.active_usec + EVIDENCE_RECENT_USEC;
}

const PathFact *evidence_path(const Evidence *e, PathRole role) {
        for (size_t i = 0; i < e->n_paths; i++)
                if (e->paths[i].role == role)
                        return &e->paths[i];
        return NULL;
}

bool evidence_is_own_unit(const Evidence *e, const char *unit) {
        const char *rest = startswith(unit, e->agent->name);

        return rest && streq(rest, ".service");
}

bool in_trouble(const Evidence *e) {
        return !evidence_is_well(e) || evidence_has_recovered(e);
}

bool evidence_is_starting(const Evidence *e) {
        return streq(e->unit.active, "activating") && e->unit.start_usec != UNKNOWN &&
               e->unit.start_usec > 0 && e->now_usec < e->unit.start_usec + STARTING_USEC;
}

bool has_process(const Evidence *e) {
        return e->unit.main_pid != UNKNOWN && e->unit.main_pid > 0;
}

bool has_failed(const Evidence *e) {
        return streq(e->unit.active, "failed") || streq(e->unit.sub, "auto-restart");
}

/* ---- what all rules say ---- */

void diagnosis_quote(Diagnosis *d, const Evidence *e, const Symptom *s) {
        if (s && e->lines_are_safe)
                strbuf_addf(&d->seen, "the log says: %s\n", s->line);
}

void fix_restart(Diagnosis *d, const Evidence *e) {
        strbuf_addf(&d->fix, "systemctl restart %s\n", e->agent->name);
}

void fix_path(Diagnosis *d, const char *command, const char *path) {
        strbuf_addf(&d->fix, "%s ", command);
        escape_shell_word(&d->fix, path);
        strbuf_addc(&d->fix, '\n');
}

void fix_setting(Diagnosis *d, const Evidence *e, const char *section, const char *setting) {
        const char *name = e->agent->name;

        strbuf_addf(&d->fix, "mkdir -p /etc/fte/%s.conf.d; printf '[%s]\\n%%s\\n' ", name, section);
        escape_shell_word(&d->fix, setting);
        strbuf_addf(&d->fix, " >>/etc/fte/%s.conf.d/diagnose.conf\nsystemctl daemon-reload\n",
                    name);
        fix_restart(d, e);
}

/* ---- all of them ---- */

static int compare(const void *pa, const void *pb) {
        const Diagnosis *a = pa, *b = pb;

        if (a->likelihood != b->likelihood)
                return b->likelihood - a->likelihood;
        return a->cause < b->cause ? -1 : 1;
}

void diagnoses_done(Diagnosis *d, size_t n) {
        for (size_t i = 0; i < n; i++) {
                strbuf_done(&d[i].seen);
                strbuf_done(&d[i].fix);
        }
}

int rules_apply(const Evidence *e, Diagnosis *ret) {
        size_t n = 0;

        for (size_t i = 0; i < n_causes; i++) {
                Diagnosis *d = &ret[n];

                *d = (Diagnosis){ .cause = &causes[i] };
                d->likelihood = causes[i].rule(e, d);
                if (d->likelihood >= LIKELY_LEAST)
                        n++;
                else
                        diagnoses_done(d, 1);
                if (strbuf_check(&d->seen) < 0 || strbuf_check(&d->fix) < 0) {
                        diagnoses_done(ret, n);
                        return -ENOMEM;
                }
        }
        qsort(ret, n, sizeof(*ret), compare);
        return (int) n;
}
