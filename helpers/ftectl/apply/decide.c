/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The decisions of ftectl apply, by what is known and without a look at anything: what an agent
 * needs, and why. An agent is restarted when what it is made of has changed, and for no other
 * reason.
 */

#include "apply.h"

bool apply_is_running(const Target *t) {
        return !isempty(t->active) && !streq(t->active, "inactive") && !streq(t->active, "failed");
}

static bool is_retrying(const Target *t) {
        return streq(t->active, "activating") && startswith(t->sub, "auto-restart");
}

static Why compare(const Apply *a, const Target *t) {
        static const Why whys[] = {
                [RUN_UNCHANGED] = WHY_UNCHANGED,
                [RUN_CONFIG] = WHY_CONFIG,
                [RUN_CONTENT] = WHY_CONTENT,
                [RUN_NEWER] = WHY_NEWER,
                [RUN_ENV] = WHY_ENV,
        };
        const RunFacts facts = {
                .planned = &t->planned,
                .loaded = &t->loaded,
                .newest_usec = t->newest_usec,
                .env_usec = t->env_usec,
                .reload_usec = a->reload_usec,
                .id = t->run_id,
                .start_usec = t->run_usec,
        };

        /* No process of it is there to be old: systemd counts anew when it has loaded a timer. */
        if (t->is_timer)
                return t->planned.rendered == t->loaded.rendered ? WHY_UNCHANGED : WHY_CONFIG;
        return whys[running_compare(&a->running, t->name, &facts)];
}

static void decide_to(Target *t, Action action, Why why) {
        t->todo = action;
        t->now = (Attempt){ .action = action, .why = why };
}

static void decide_running(const Apply *a, Target *t) {
        Why why = t->is_forced ? WHY_PUT_BACK : compare(a, t);

        t->is_changed |= why != WHY_UNCHANGED;
        if (is_retrying(t))
                decide_to(t, ACTION_RESTART, why != WHY_UNCHANGED ? why : WHY_RETRYING);
        else if (why != WHY_UNCHANGED)
                decide_to(t, ACTION_RESTART, why);
        else if (!streq(t->active, "active") && !streq(t->active, "reloading"))
                decide_to(t, ACTION_START, WHY_DOWN); /* joins the start that is on its way */
        else
                decide_to(t, ACTION_NONE, WHY_UNCHANGED);
}

static void decide_down(Target *t) {
        bool failed = streq(t->active, "failed");
        bool is_new = t->loaded.rendered == 0 && !t->was_applied;

        t->is_changed |= is_new || t->planned.rendered != t->loaded.rendered;
        if (t->is_forced)
                decide_to(t, ACTION_START, WHY_PUT_BACK);
        else if (!t->is_enabled)
                decide_to(t, ACTION_NONE, WHY_DISABLED);
        else
                decide_to(t, ACTION_START, failed ? WHY_FAILED : is_new ? WHY_NEW : WHY_DOWN);
}

static void decide_first(const Apply *a, Target *t) {
        if (!t->has_file)
                decide_to(t,
                          apply_is_running(t) || streq(t->active, "failed") ? ACTION_STOP
                                                                            : ACTION_NONE,
                          WHY_GONE);
        else if (apply_is_running(t))
                decide_running(a, t);
        else
                decide_down(t);
}

/* After files were put back: those that are to run with them, and what else they concern. */
static void decide_again(const Apply *a, Target *t) {
        Attempt before = t->now;

        if (!t->has_file ||
            !(t->is_forced || (apply_is_running(t) && !outcome_is_bad(before.outcome))))
                return;
        decide_first(a, t);
        if (t->todo == ACTION_NONE)
                t->now = before;
        else if (!t->was_retried && before.action != ACTION_NONE) {
                t->was_retried = true;
                t->first = before;
        }
}

void apply_decide(const Apply *a, Target *t) {
        t->todo = ACTION_NONE;
        if (!t->is_wanted)
                return;
        if (a->round > 0)
                decide_again(a, t);
        else
                decide_first(a, t);
}

bool apply_needs_reload(const Apply *a) {
        if (a->plan_changed)
                return true;
        for (size_t i = 0; i < a->n; i++) {
                const Target *t = &a->targets[i];

                if (t->has_file
                            ? t->todo != ACTION_NONE ||
                                      MAX(t->newest_usec, t->planned.content_usec) > a->reload_usec
                            : t->loaded.rendered > 0)
                        return true;
        }
        return false;
}
