/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The decisions of decide.h. An outage begins with the first bad end and is over when the agent has
 * been healthy for a while; within it each cause is told once, and again after Cooldown= with how
 * often it came. Must stay pure: tests/unit/test-decide.c has the stories it must get right.
 */

#include <stdio.h>

#include "decide.h"

typedef struct Decision {
        State *s;
        const Event *e;
        Action *actions;
        size_t n;
} Decision;

static Action *add_action(Decision *d, ActionType type, const char *name) {
        Action *a = &d->actions[d->n++];

        *a = (Action){ .type = type };
        snprintf(a->name, sizeof(a->name), "%s", name);
        return a;
}

static void set_text(char *field, size_t size, const char *s) {
        snprintf(field, size, "%s", s);
}

/* ---- the causes that were told ---- */

static void told_remove(State *s, Told *t) {
        size_t i = (size_t) (t - s->told);

        memmove(t, t + 1, (--s->n_told - i) * sizeof(*t));
}

static Told *told_find(State *s, AlertKind kind, const char *cause) {
        for (size_t i = 0; i < s->n_told; i++)
                if (s->told[i].kind == kind && streq(s->told[i].cause, cause))
                        return &s->told[i];
        return NULL;
}

/* An agent that fails in ever new ways is no reason to tell each: more than these are counted
 * together. */
static Told *told_oldest(State *s, AlertKind kind) {
        Told *oldest = NULL;

        for (size_t i = 0; i < s->n_told; i++)
                if (s->told[i].kind == kind &&
                    (!oldest || s->told[i].told_usec < oldest->told_usec))
                        oldest = &s->told[i];
        return oldest;
}

/* Of several, the one that was told first makes room: its summary, if any, still goes out. */
static void told_add(State *s, AlertKind kind, const Event *e) {
        Told *t;

        if (s->n_told == CAUSES_MAX) {
                t = s->told;
                for (size_t i = 1; i < s->n_told; i++)
                        t = s->told[i].told_usec < t->told_usec ? &s->told[i] : t;
                told_remove(s, t);
        }
        t = &s->told[s->n_told++];
        *t = (Told){ .kind = kind, .told_usec = e->now_usec };
        set_text(t->cause, sizeof(t->cause), e->cause);
}

/* A summary that was due has told it once more. A clock that was set back ends every cooldown. */
static bool is_cooling(Told *t, const Event *e) {
        if (*t->summary && e->now_usec >= t->told_usec + e->cooldown_usec) {
                t->told_usec += e->cooldown_usec;
                t->count = 0;
                *t->summary = 0;
        }
        return e->now_usec >= t->told_usec && e->now_usec - t->told_usec < e->cooldown_usec;
}

/* What is left are the causes that are not to be told again yet. */
static void forget_cooled(State *s, const Event *e) {
        for (size_t i = s->n_told; i-- > 0;)
                if (!is_cooling(&s->told[i], e))
                        told_remove(s, &s->told[i]);
}

/* ---- something bad ---- */

static bool is_of_run(const State *s, const Event *e) {
        return *e->invocation && streq(s->restart_invocation, e->invocation);
}

/* The restart alert of this run was never told, since it becomes another or is taken back. */
static void forget_restart(Decision *d) {
        Told *newest = NULL;

        for (size_t i = 0; i < d->s->n_told; i++) {
                Told *t = &d->s->told[i];

                if (t->kind == ALERT_KIND_RESTART && (!newest || t->told_usec > newest->told_usec))
                        newest = t;
        }
        if (newest)
                told_remove(d->s, newest);
        *d->s->restart = 0;
}

static void count(Decision *d, Told *t) {
        Action *a = add_action(d, *t->summary ? ACTION_AMEND : ACTION_ADD, t->summary);

        a->kind = ALERT_KIND_REPEATED;
        a->repeated = ++t->count;
        a->not_before_usec = t->told_usec + d->e->cooldown_usec;
        a->ret_name = t->summary;
}

/* The end tells of the restarts before it, too, so that nothing comes minutes after it. */
static uint64_t take_back_summaries(Decision *d) {
        uint64_t n = 0;

        for (size_t i = 0; i < d->s->n_told; i++) {
                Told *t = &d->s->told[i];

                if (t->kind != ALERT_KIND_RESTART || !*t->summary)
                        continue;
                add_action(d, ACTION_WITHDRAW, t->summary);
                n += t->count;
                t->count = 0;
                *t->summary = 0;
        }
        return n;
}

static void tell_restart(Decision *d) {
        Action *a = add_action(d, ACTION_ADD, "");

        a->kind = ALERT_KIND_RESTART;
        a->not_before_usec = d->e->now_usec + RESTART_HOLD_USEC;
        a->ret_name = d->s->restart;
}

static void tell_failure(Decision *d) {
        State *s = d->s;
        bool of_run = is_of_run(s, d->e), becomes = of_run && *s->restart;
        Action *a = add_action(d, becomes ? ACTION_AMEND : ACTION_ADD, becomes ? s->restart : "");

        a->kind = ALERT_KIND_FAILURE;
        a->repeated = take_back_summaries(d);
        if (becomes)
                forget_restart(d);
        else if (of_run && a->repeated > 0)
                a->repeated--; /* this very run was counted when it ended */
}

static void handle_bad(Decision *d) {
        State *s = d->s;
        const Event *e = d->e;
        bool final = e->type == HOOK_FAILED;
        AlertKind kind = final ? ALERT_KIND_FAILURE : ALERT_KIND_RESTART;
        Told *t;

        if (s->outage_usec == 0 || e->recovery_told) {
                s->outage_usec = e->now_usec;
                s->outage_told = false;
        }
        *s->recovery = 0;
        if (!final) {
                set_text(s->restart_invocation, sizeof(s->restart_invocation), e->invocation);
                *s->restart = 0;
        }
        if (!(final ? e->tell_failure : e->tell_restart))
                return;
        s->outage_told = true;
        t = told_find(s, kind, e->cause);
        if (!t && s->n_told == CAUSES_MAX)
                t = told_oldest(s, kind);
        if (t) {
                count(d, t);
                if (final && is_of_run(s, e) && *s->restart) {
                        add_action(d, ACTION_WITHDRAW, s->restart);
                        forget_restart(d);
                }
                return;
        }
        if (final)
                tell_failure(d);
        else
                tell_restart(d);
        told_add(s, kind, e);
}

/* ---- something good ---- */

#define OUTAGE_MAX_USEC (366 * 24 * 3600 * USEC_PER_SEC)

/* Not before what is still to be told of the outage, or it would open an incident once more. */
static uint64_t recovery_due(const State *s, const Event *e) {
        uint64_t due = e->now_usec + e->hold_usec;

        for (size_t i = 0; i < s->n_told; i++)
                if (*s->told[i].summary)
                        due = MAX(due, s->told[i].told_usec + e->cooldown_usec);
        return due;
}

static void handle_healthy(Decision *d) {
        State *s = d->s;
        Action *a;

        if (*s->recovery) /* it waits already */
                return;
        if (s->outage_usec == 0 || !s->outage_told || !d->e->tell_recovery) {
                s->outage_usec = 0;
                s->outage_told = false;
                return;
        }
        a = add_action(d, ACTION_ADD, "");
        a->kind = ALERT_KIND_RECOVERY;
        a->outage_usec = d->e->now_usec - s->outage_usec;
        if (d->e->now_usec < s->outage_usec || a->outage_usec > OUTAGE_MAX_USEC)
                a->outage_usec = ALERT_UNKNOWN; /* the clock was set */
        a->not_before_usec = recovery_due(s, d->e);
        a->ret_name = s->recovery;
}

/*
 * Whoever was told of an outage hears of its end, also when it was ended by hand and a new start.
 */
static void handle_stopped(Decision *d) {
        if (*d->s->recovery || !d->s->outage_told) {
                d->s->outage_usec = 0;
                d->s->outage_told = false;
        }
        *d->s->recovery = 0; /* which is sent all the same: it was healthy */
        *d->s->restart = 0;
}

size_t decide(State *s, const Event *e, Action actions[static DECIDE_ACTIONS_MAX]) {
        Decision d = { .s = s, .e = e, .actions = actions };

        forget_cooled(s, e);
        switch (e->type) {
        case HOOK_ENDED:
        case HOOK_FAILED:
                handle_bad(&d);
                break;
        case HOOK_HEALTHY:
                handle_healthy(&d);
                break;
        default:
                handle_stopped(&d);
        }
        return d.n;
}
