/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Makes a release what runs: everything that can be known to fail is looked at first, then the link
 * is switched, the agent restarted, and judged as ftectl apply judges it. Where that is bad, the
 * link leads back to what ran before and the agent is restarted once more.
 */

#include "base/log.h"
#include "base/parse.h"

#include "deploy.h"

#define LOCK_WAIT_USEC (60 * USEC_PER_SEC)

/* ---- before anything is touched ---- */

static int load_units(Deploy *d) {
        Apply *a = &d->apply;
        Target *t = apply_find(a, d->name);

        if (!t || !t->has_file) {
                log_line(LOG_ERR, "%s.conf is gone; nothing was switched", d->name);
                return -ENOENT;
        }
        if (!apply_needs_reload(a) && t->loaded.rendered == t->planned.rendered)
                return 0;
        (void) apply_note_loaded(a);
        if (apply_reload(a) < 0)
                return -EIO;
        if (!apply_is_loaded(a)) {
                log_line(LOG_ERR, "systemd has loaded something else than the files say, see "
                                  "\"journalctl -k -g fte\"; nothing was switched, run it again");
                return -EBUSY;
        }
        return apply_read_units(a);
}

int live_parse_timeout(Deploy *d) {
        const char *text = VALUE(d->args, TIMEOUT);

        d->apply.timeout_usec = UINT64_MAX;
        if (!text || (parse_usec(text, &d->apply.timeout_usec) == 0 && d->apply.timeout_usec > 0))
                return 0;
        log_line(LOG_ERR, "--timeout: must be a time such as 20s or 2min");
        return -EINVAL;
}

/* The agent alone is meant, whatever the words of the command line are besides. */
static int plan(Deploy *d) {
        Apply *a = &d->apply;
        Arguments *args = arena_new(&d->arena, Arguments);
        char **words = arena_new_n(&d->arena, char *, 2);
        int r;

        if (!args || !words)
                return -ENOMEM;
        *args = *d->args;
        *words = (char *) d->name;
        args->words = words;
        args->n_words = 1;
        a->args = args;
        a->report = (Report){ .root = args->root, .out = stderr };
        r = apply_open(a);
        if (r < 0)
                return r;
        r = apply_plan(a);
        if (r > 0)
                log_line(LOG_ERR, "%d error%s in the files, so nothing was switched", r,
                         r == 1 ? "" : "s");
        if (r != 0)
                return r > 0 ? EXIT_BAD : r;
        r = bus_open(&a->bus);
        return r < 0 ? r : apply_read_units(a);
}

int live_prepare(Deploy *d) {
        Target *t;
        int r;

        r = d->apply_lock_fd = apply_lock(d->args->root, LOCK_WAIT_USEC);
        if (r >= 0)
                r = plan(d);
        if (r == 0)
                r = load_units(d);
        t = r == 0 ? apply_find(&d->apply, d->name) : NULL;
        if (t && streq(t->load, "masked")) {
                log_line(LOG_ERR,
                         "%s.service is masked, so nothing was switched; to allow it: systemctl "
                         "unmask %s",
                         d->name, d->name);
                return EXIT_BAD;
        }
        if (t)
                d->was_running = apply_is_running(t);
        return r;
}

/* ---- switching ---- */

static int complain(int error) {
        log_line(LOG_ERR, "the link cannot be switched: %s", strerror(-error));
        return error;
}

/* What a failed or unproven release would be gone back to is not that release itself. */
static bool is_worth_going_back_to(Deploy *d, const char *id) {
        Release r;

        return *id && store_find(&d->store, id, &r) == 0 && r.state == RELEASE_WELL;
}

static int switch_to_new(Deploy *d) {
        const char *previous =
                is_worth_going_back_to(d, d->before) ? d->before : d->before_previous;
        int r = 0;

        if (*previous && !streq(previous, d->release.id))
                r = store_set_link(&d->store, PREVIOUS_LINK, previous);
        if (r == 0)
                r = store_set_link(&d->store, CURRENT_LINK, d->release.id);
        return r < 0 ? complain(r) : 0;
}

static int switch_back(Deploy *d) {
        int r = store_set_link(&d->store, CURRENT_LINK, d->before);

        if (r == 0)
                r = store_set_link(&d->store, PREVIOUS_LINK, d->before_previous);
        return r < 0 ? complain(r) : 0;
}

/*
 * A timer that is on stays as it is: it would count an interval anew, and have a job run within a
 * minute that nobody has asked to run.
 */
static Action action_for(const Deploy *d, const Target *t) {
        return d->was_running && !t->is_timer ? ACTION_RESTART : ACTION_START;
}

static int restart(Deploy *d, Target *t, Action action, Why why) {
        t->todo = action;
        t->now = (Attempt){ .action = action, .why = why };
        return apply_run_jobs(&d->apply);
}

/* ---- the verdict ---- */

static int note(Deploy *d, ReleaseState state) {
        int r;

        d->release.state = state;
        d->release.cause = state == RELEASE_FAILED && d->cause ? d->cause : "";
        r = store_write_record(&d->store, &d->release);
        if (r < 0)
                log_line(LOG_WARNING, "what came of it cannot be noted: %s", strerror(-r));
        return r;
}

/* Ctrl-C or not, the agent is not left with what it cannot run. */
static int go_back(Deploy *d, Target *t) {
        bool had = *d->before != 0;
        int r = switch_back(d);

        (void) note(d, RELEASE_FAILED);
        if (r < 0)
                return r;
        apply_interrupted = 0;
        (void) apply_read_units(&d->apply);
        if (!had) {
                d->verdict = VERDICT_NO_WAY_BACK;
                return restart(d, t, ACTION_STOP, WHY_PUT_BACK);
        }
        r = restart(d, t, ACTION_RESTART, WHY_PUT_BACK);
        d->back = t->now;
        d->verdict = t->now.outcome == OUTCOME_WELL ? VERDICT_PUT_BACK : VERDICT_BOTH_BAD;
        return r;
}

static int judge(Deploy *d, Target *t) {
        switch (t->now.outcome) {
        case OUTCOME_WELL:
                d->verdict = VERDICT_DONE;
                (void) note(d, RELEASE_WELL);
                (void) apply_keep(&d->apply);
                return 0;
        case OUTCOME_CANCELED:
                d->verdict = VERDICT_CANCELED;
                return 0;
        case OUTCOME_CUT:
        case OUTCOME_NOT_BEGUN:
                d->verdict = VERDICT_INTERRUPTED;
                return 0;
        default:
                d->cause = t->now.cause;
                d->log = t->now.log;
                return go_back(d, t);
        }
}

int live_read_links(Deploy *d) {
        int r = store_link(&d->store, CURRENT_LINK, d->before);

        if (r >= 0)
                r = store_link(&d->store, PREVIOUS_LINK, d->before_previous);
        if (r < 0)
                log_line(LOG_ERR,
                         RELEASES_TOP "%s: " CURRENT_LINK " or " PREVIOUS_LINK
                                      " is not a link to a release; move it away, nothing was "
                                      "switched",
                         d->agent.directory);
        return MIN(r, 0);
}

int live_switch(Deploy *d, Why why) {
        Target *t = apply_find(&d->apply, d->name);
        int r = live_read_links(d);

        if (r < 0)
                return r;
        if (apply_interrupted) {
                d->verdict = VERDICT_INTERRUPTED;
                return 0;
        }
        r = switch_to_new(d);
        if (r == 0)
                r = restart(d, t, action_for(d, t), why);
        d->took_usec = t->now.took_usec;
        if (r == 0)
                r = judge(d, t);
        (void) apply_note_runs(&d->apply);
        return r;
}
