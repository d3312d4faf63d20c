/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Carries out what was decided: asks systemd for all jobs over one connection, several at a time,
 * and learns from its signals what comes of each. A job that starts an agent ends when the agent is
 * healthy. The first start that ends badly counts as the failure, whatever systemd tries after it:
 * up to 253 the job ends there, with RestartMode=direct of 254 and newer it goes on.
 */

#include "base/log.h"

#include "jobs.h"

/* More at a time would make agents late that are quick by themselves. */
#define IN_FLIGHT_MAX 64
#define TICK_USEC     (200 * USEC_PER_MSEC)
#define SETTLE_USEC   (1 * USEC_PER_SEC) /* in which an agent without a probe can still fall over */
#define SPARE_USEC    (60 * USEC_PER_SEC) /* for what the agent waits for before its start */

volatile sig_atomic_t apply_interrupted;

/* ---- one job ---- */

static void finish(Job *j, Outcome outcome) {
        Target *t = j->target;

        t->now.outcome = outcome;
        t->now.took_usec = now_usec() - j->begun_usec;
        j->phase = JOB_OVER;
        j->jobs->n_in_flight--;
}

static const struct {
        const char *result;
        Outcome outcome;
        const char *cause;
} results[] = {
        { "failed", OUTCOME_FAILED, NULL },
        { "timeout", OUTCOME_LATE, "systemd gave up the job, because it took too long" },
        { "canceled", OUTCOME_CANCELED,
          "somebody else has stopped it, or begun something else with it" },
        { "dependency", OUTCOME_FAILED, "a unit that it requires did not start" },
        { "skipped", OUTCOME_FAILED,
          "systemd did not start it: a condition of the unit does not hold" },
        { "assert", OUTCOME_FAILED,
          "systemd did not start it: an assertion of the unit does not hold" },
};

static void take_result(Job *j, const char *result) {
        Target *t = j->target;

        if (streq(result, "done")) {
                if (t->todo == ACTION_STOP)
                        finish(j, OUTCOME_STOPPED);
                else if (t->is_probed)
                        finish(j, OUTCOME_WELL);
                else {
                        j->phase = JOB_SETTLING;
                        j->deadline_usec = now_usec() + SETTLE_USEC;
                }
                return;
        }
        for (size_t i = 0; i < ARRAY_SIZE(results); i++)
                if (streq(results[i].result, result)) {
                        t->now.cause = results[i].cause;
                        finish(j, results[i].outcome);
                        return;
                }
        t->now.cause =
                arena_printf(&j->jobs->apply->arena, "systemd ended the job as \"%s\"", result);
        finish(j, OUTCOME_FAILED);
}

static void take_sub_state(Job *j, const char *sub) {
        if (startswith(sub, "start") || streq(sub, "running"))
                j->has_started = true;
        else if (j->target->todo == ACTION_STOP)
                return;
        else if (j->phase == JOB_SETTLING)
                finish(j, OUTCOME_FAILED);
        else if (j->phase == JOB_ON && j->has_started && startswith(sub, "auto-restart"))
                finish(j, OUTCOME_FAILED);
}

/* ---- systemd's signals ---- */

static int on_job_removed(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        const char *path, *result;
        Jobs *jobs = userdata;

        if (sd_bus_message_read(m, "uoss", NULL, &path, NULL, &result) < 0)
                return 0;
        for (size_t i = 0; i < jobs->next; i++)
                if (jobs->items[i].phase == JOB_ON && streq(jobs->items[i].path, path)) {
                        take_result(&jobs->items[i], result);
                        break;
                }
        return 0;
}

static int read_changes(Job *j, sd_bus_message *m) {
        const char *name, *value;
        int r = sd_bus_message_skip(m, "s");

        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &name);
                if (r < 0)
                        return r;
                if (!streq(name, "SubState") && !streq(name, "StatusText"))
                        r = sd_bus_message_skip(m, "v");
                else if ((r = sd_bus_message_read(m, "v", "s", &value)) >= 0) {
                        if (streq(name, "SubState"))
                                take_sub_state(j, value);
                        else if (*value)
                                j->target->status_text =
                                        arena_strdup(&j->jobs->apply->arena, value);
                        if (!j->target->status_text)
                                j->target->status_text = "";
                }
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        const char *path = sd_bus_message_get_path(m);
        Jobs *jobs = userdata;

        for (size_t i = 0; i < jobs->next && path; i++) {
                Job *j = &jobs->items[i];

                if ((j->phase == JOB_ON || j->phase == JOB_SETTLING) && streq(j->object, path)) {
                        (void) read_changes(j, m);
                        break;
                }
        }
        return 0;
}

static int listen_to_systemd(Jobs *jobs) {
        sd_bus *bus = jobs->apply->bus;
        int r;

        /* Over its own socket systemd sends signals unasked, over the bus to subscribers. */
        (void) sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_MANAGER, "Subscribe",
                                  NULL, NULL, NULL);
        r = sd_bus_add_match(bus, &jobs->removed_slot,
                             "type='signal',interface='" BUS_MANAGER "',member='JobRemoved',"
                             "path='" BUS_MANAGER_PATH "'",
                             on_job_removed, jobs);
        if (r >= 0)
                r = sd_bus_add_match(bus, &jobs->changed_slot,
                                     "type='signal',interface='" BUS_PROPERTIES "',"
                                     "member='PropertiesChanged',"
                                     "path_namespace='" BUS_MANAGER_PATH "/unit'",
                                     on_changed, jobs);
        return r;
}

/* ---- beginning ---- */

static int on_called(sd_bus_message *m, void *userdata, sd_bus_error *ret_error _unused_) {
        const sd_bus_error *e = sd_bus_message_get_error(m);
        const char *path;
        Job *j = userdata;

        if (j->phase != JOB_CALLED)
                return 0; /* its time was up */
        if (e && endswith(e->name, ".UnitMasked")) {
                finish(j, OUTCOME_MASKED);
        } else if (e && j->target->todo == ACTION_STOP && endswith(e->name, ".NoSuchUnit")) {
                finish(j, OUTCOME_STOPPED);
        } else if (e || sd_bus_message_read(m, "o", &path) < 0) {
                j->target->now.cause = arena_printf(&j->jobs->apply->arena, "systemd refuses: %s",
                                                    e && e->message ? e->message : "no answer");
                finish(j, OUTCOME_FAILED);
        } else {
                j->path = arena_strdup(&j->jobs->apply->arena, path);
                j->phase = JOB_ON;
                if (!j->path)
                        j->jobs->error = -ENOMEM;
        }
        return 0;
}

static int ignore(sd_bus_message *m _unused_, void *userdata _unused_, sd_bus_error *e _unused_) {
        return 0;
}

/* So that neither a start limit that was hit stands in the way, nor starts of a while ago count. */
static int reset_failed(sd_bus *bus, const char *unit) {
        return sd_bus_call_method_async(bus, NULL, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_MANAGER,
                                        "ResetFailedUnit", ignore, NULL, "s", unit);
}

static uint64_t budget_usec(const Apply *a, const Target *t) {
        return a->timeout_usec != UINT64_MAX
                       ? a->timeout_usec
                       : t->agent.start_timeout_usec + t->agent.stop_timeout_usec + SPARE_USEC;
}

static int begin(Job *j) {
        static const char *const methods[_ACTION_MAX] = {
                [ACTION_START] = "StartUnit",
                [ACTION_RESTART] = "RestartUnit",
                [ACTION_STOP] = "StopUnit",
        };
        Apply *a = j->jobs->apply;
        Target *t = j->target;
        const char *unit = apply_unit(a, t);
        _cleanup_free_ char *object = NULL;
        int r = unit ? sd_bus_path_encode(BUS_MANAGER_PATH "/unit", unit, &object) : -ENOMEM;

        if (r < 0)
                return r;
        j->object = arena_strdup(&a->arena, object);
        j->begun_usec = now_usec();
        j->deadline_usec = j->begun_usec + budget_usec(a, t);
        t->now.cause = NULL;
        t->status_text = "";
        t->now.outcome = OUTCOME_CUT; /* until something comes of it */
        r = j->object ? reset_failed(a->bus, unit) : -ENOMEM;
        if (r >= 0)
                r = sd_bus_call_method_async(a->bus, NULL, BUS_SYSTEMD, BUS_MANAGER_PATH,
                                             BUS_MANAGER, methods[t->todo], on_called, j, "ss",
                                             unit, "replace");
        if (r < 0)
                return r;
        j->phase = JOB_CALLED;
        j->jobs->n_in_flight++;
        return 0;
}

/* ---- until all are over ---- */

static void check_time(Jobs *jobs) {
        uint64_t now = now_usec();

        for (size_t i = 0; i < jobs->next; i++) {
                Job *j = &jobs->items[i];

                if (j->phase == JOB_OVER || now < j->deadline_usec)
                        continue;
                if (j->phase == JOB_SETTLING)
                        finish(j, OUTCOME_WELL);
                else {
                        j->target->now.cause = "it did not get healthy in the time that it has";
                        finish(j, OUTCOME_LATE);
                }
        }
}

/* At once: the next attempt of systemd would be another run. */
static void explain(Jobs *jobs) {
        for (size_t i = 0; i < jobs->next; i++) {
                Target *t = jobs->items[i].target;

                if (jobs->items[i].phase == JOB_OVER && outcome_is_failure(t->now.outcome) &&
                    !jobs->items[i].is_explained) {
                        jobs->items[i].is_explained = true;
                        apply_explain(jobs->apply, t);
                }
        }
}

static int step(Jobs *jobs) {
        int r = 0;

        while (r >= 0 && jobs->next < jobs->n && jobs->n_in_flight < IN_FLIGHT_MAX)
                r = begin(&jobs->items[jobs->next++]);
        while (r >= 0 && (r = sd_bus_process(jobs->apply->bus, NULL)) > 0)
                ;
        if (r < 0)
                return r;
        check_time(jobs);
        explain(jobs);
        apply_progress(jobs);
        if (jobs->n_in_flight == 0)
                return jobs->error;
        apply_signals(true);
        r = sd_bus_wait(jobs->apply->bus, TICK_USEC);
        apply_signals(false);
        return r < 0 && r != -EINTR ? r : jobs->error;
}

static int run(Jobs *jobs) {
        int r = 0;

        while (r >= 0 && (jobs->n_in_flight > 0 || jobs->next < jobs->n) && !apply_interrupted)
                r = step(jobs);
        progress_clear();
        return r;
}

/* What is stopped goes first: it may free the port of what is started. */
static Jobs *list_jobs(Apply *a, bool stop) {
        Jobs *jobs = arena_new(&a->arena, Jobs); /* answers that come late still find it */

        if (!jobs)
                return NULL;
        jobs->apply = a;
        jobs->items = arena_new_n(&a->arena, Job, a->n + 1);
        for (size_t i = 0; i < a->n && jobs->items; i++) {
                Target *t = &a->targets[i];

                if (t->todo == ACTION_NONE || (t->todo == ACTION_STOP) != stop)
                        continue;
                jobs->items[jobs->n++] = (Job){ .jobs = jobs, .target = t };
        }
        return jobs->items ? jobs : NULL;
}

static int run_actions(Apply *a, bool stop) {
        Jobs *jobs = list_jobs(a, stop);
        int r;

        if (!jobs)
                return -ENOMEM;
        if (jobs->n == 0)
                return 0;
        r = listen_to_systemd(jobs);
        if (r >= 0)
                r = run(jobs);
        /* A unit that ended badly is gone, too. */
        for (size_t i = 0; i < jobs->next && stop && r >= 0; i++)
                r = reset_failed(a->bus, apply_unit(a, jobs->items[i].target));
        sd_bus_slot_unref(jobs->removed_slot);
        sd_bus_slot_unref(jobs->changed_slot);
        return r;
}

int apply_run_jobs(Apply *a) {
        int r = run_actions(a, true);

        if (r >= 0)
                r = run_actions(a, false);
        if (r < 0)
                log_line(LOG_ERR,
                         "systemd does not answer any more: %s; what was begun goes on, see "
                         "\"ftectl status\"",
                         strerror(-r));
        return r;
}
