/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The values of the model that follow from others (model.h). Each has one place, here, so that the
 * generator, lint and validate can never disagree about them.
 */

#include "base/parse.h"
#include "config/directive.h"
#include "config/version.h"

Place agent_place(const Agent *a, size_t offset) {
        static uint8_t rows[sizeof(Agent)]; /* by offset; 0 is Exec=, the first row */
        static bool known;

        for (size_t i = 0; i < n_directives && !known; i++)
                if (directives[i].section < SECTION_HOST)
                        rows[directives[i].offset] = (uint8_t) i;
        known = true;
        return a->places[rows[offset]];
}

Place agent_place_near(const Agent *a, size_t offset, SectionId section) {
        Place p = agent_place(a, offset);

        if (!p.file)
                p = a->section_places[section];
        return p.file ? p : a->place;
}

Notify agent_notify(const Agent *a) {
        if (a->kind == KIND_JOB)
                return NOTIFY_NONE;
        if (a->notify != NOTIFY_AUTO)
                return (Notify) a->notify;
        return agent_has_probe(a) ? NOTIFY_PROBE : NOTIFY_NONE;
}

bool agent_has_probe(const Agent *a) {
        return a->health_url || a->health_file || a->health_command;
}

/*
 * Nobody but the job's own program knows whether it may be done twice, and its next time comes.
 */
RestartWhen agent_restart_when(const Agent *a) {
        return a->kind == KIND_JOB ? RESTART_NO : (RestartWhen) a->restart_when;
}

uint64_t agent_start_limit_usec(const Agent *a) {
        return a->kind == KIND_JOB ? a->time_limit_usec : a->start_timeout_usec;
}

uint64_t agent_interval_usec(const Agent *a) {
        uint64_t usec;

        /* A number alone is no interval: nobody could tell of what. */
        if (!a->schedule || !strpbrk(a->schedule, "abcdefghijklmnopqrstuvwxyz") ||
            parse_usec(a->schedule, &usec) < 0 || usec == USEC_INFINITY)
                return 0;
        return usec;
}

/* By default a run may wait for a while, and then take all of its time. */
#define OVERDUE_SPARE_USEC (5 * 60 * USEC_PER_SEC)

uint64_t agent_overdue_usec(const Agent *a) {
        return a->overdue_usec > 0 ? a->overdue_usec : a->time_limit_usec + OVERDUE_SPARE_USEC;
}

bool agent_has_env_file(const Agent *a) {
        return !streq_ptr(a->env_file, "none");
}

/* The number that, multiplied with itself n times, is x. By halves, because libm costs a start
 * more. */
static double root(double x, uint64_t n) {
        double low = 1, high = x;

        for (unsigned i = 0; i < 60; i++) {
                double middle = (low + high) / 2, power = 1;

                for (uint64_t k = 0; k < n && power <= x; k++)
                        power *= middle;
                *(power < x ? &low : &high) = middle;
        }
        return high;
}

uint64_t agent_restart_steps(const Agent *a) {
        /* Growing delays came with systemd 254; before it the delay stays what it is. */
        if (a->restart_max_delay_usec <= a->restart_delay_usec || systemd_min_version() < 254)
                return 0;
        return MAX(a->restart_burst - 1, UINT64_C(1));
}

/* All pauses of Burst= rounds together; they grow by the same factor at each step. */
static uint64_t delays_usec(const Agent *a) {
        uint64_t steps = agent_restart_steps(a);
        double delay = (double) a->restart_delay_usec, sum = 0, factor = 1;

        if (steps > 0)
                factor = root((double) a->restart_max_delay_usec / delay, steps);
        for (uint64_t i = 0; i < a->restart_burst; i++) {
                sum += delay;
                delay *= factor;
        }
        return (uint64_t) sum;
}

/*
 * The longest that Burst= failed rounds can take. A round is a start that hangs (StartTimeout=),
 * ignores SIGTERM (StopTimeout=), and the delay before the next; one second for the rest.
 */
static uint64_t rounds_usec(const Agent *a) {
        return a->restart_burst * (a->start_timeout_usec + a->stop_timeout_usec + USEC_PER_SEC) +
               delays_usec(a);
}

uint64_t agent_window_min_usec(const Agent *a) {
        uint64_t usec = rounds_usec(a);

        usec += usec / 10;
        return (usec + USEC_PER_SEC - 1) / USEC_PER_SEC * USEC_PER_SEC;
}

uint64_t agent_window_usec(const Agent *a) {
        return a->restart_window_usec > 0 ? a->restart_window_usec : agent_window_min_usec(a);
}

uint64_t agent_watchdog_usec(const Agent *a) {
        switch (agent_notify(a)) {
        case NOTIFY_NATIVE:
                return a->watchdog_usec;
        case NOTIFY_PROBE:
                /* The gate itself ends a hang after Failures= probes; this is for a gate that
                 * hangs. */
                return a->health_failures * (a->health_interval_usec + a->health_timeout_usec) +
                       a->health_interval_usec;
        default:
                return 0;
        }
}

const char *agent_user(const Agent *a) {
        return a->user ? a->user : a->account;
}

/* The group of the same name that comes with the user, unless another is set. */
const char *agent_group(const Agent *a) {
        return a->group ? a->group : agent_user(a);
}

const char *profile_to_string(int profile) {
        static const char *const names[] = {
                [PROFILE_AI] = "ai",
                [PROFILE_STRICT] = "strict",
                [PROFILE_TRUSTED] = "trusted",
                [PROFILE_BROWSER] = "browser",
        };

        return names[profile];
}

int profile_from_string(const char *name) {
        for (int i = 0; i < _PROFILE_MAX; i++)
                if (streq(profile_to_string(i), name))
                        return i;
        return -EINVAL;
}

const char *build_to_string(int build) {
        static const char *const names[] = {
                [BUILD_AUTO] = "auto",
                [BUILD_PYTHON] = "python",
                [BUILD_NODE] = "node",
                [BUILD_NONE] = "none",
        };

        return names[build];
}
