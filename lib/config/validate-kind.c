/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The rules of validate.h about the kind of an agent: which keys mean nothing for it, what it
 * needs, and what looks at its health. Rows where it is a matter of a key alone.
 */

#include <sys/un.h>

#include "base/scope.h"
#include "config/directive.h"
#include "config/instance.h"
#include "config/validate.h"

typedef enum KindBit {
        OF_SERVICE = 1 << KIND_SERVICE,
        OF_WORKER = 1 << KIND_WORKER,
        OF_JOB = 1 << KIND_JOB,
} KindBit;

typedef struct KindRow {
        SectionId section;
        const char *key;
        size_t offset;
        unsigned kinds; /* that may have it */
        const char *problem;
} KindRow;

#define ROW(section, key, field, kinds, problem) \
        { SECTION_##section, key, offsetof(Agent, field), kinds, problem }

#define RUNS      (OF_SERVICE | OF_WORKER)
#define JOB_ONLY  "is for a job; set Kind=job, or remove the key"
#define NO_HEALTH "a job is well when it ends with status 0; remove the key"
#define NO_RETRY  "a job that fails runs again at its next time; remove the key"
#define NO_PORT   "a worker has no port; use File= or Command=, or set Kind=service"
#define NO_PROXY  "is for what answers HTTP; set Kind=service, or remove the section"

static const KindRow rows[] = {
        ROW(AGENT, "Schedule", schedule, OF_JOB, JOB_ONLY),
        ROW(AGENT, "TimeLimit", time_limit_usec, OF_JOB, JOB_ONLY),
        ROW(AGENT, "Overdue", overdue_usec, OF_JOB, JOB_ONLY),
        /* From here on none is refused to a service, which most agents are. */
#define N_ROWS_OF_SERVICE 3
        ROW(AGENT, "Listen", listen, OF_SERVICE,
            "is for what answers on a port; set Kind=service, or remove the key"),
        ROW(HEALTH, "StartTimeout", start_timeout_usec, RUNS,
            "a job has TimeLimit= in [Agent] instead"),
        ROW(HEALTH, "Interval", health_interval_usec, RUNS, NO_HEALTH),
        ROW(HEALTH, "Timeout", health_timeout_usec, RUNS, NO_HEALTH),
        ROW(HEALTH, "Failures", health_failures, RUNS, NO_HEALTH),
        ROW(HEALTH, "Notify", notify, RUNS, NO_HEALTH),
        ROW(HEALTH, "Watchdog", watchdog_usec, RUNS, NO_HEALTH),
        ROW(HEALTH, "File", health_file, RUNS, NO_HEALTH),
        ROW(HEALTH, "MaxAge", health_max_age_usec, RUNS, NO_HEALTH),
        ROW(HEALTH, "Command", health_command, RUNS, NO_HEALTH),
        ROW(RESTART, "When", restart_when, RUNS, NO_RETRY),
        ROW(RESTART, "Delay", restart_delay_usec, RUNS, NO_RETRY),
        ROW(RESTART, "Burst", restart_burst, RUNS, NO_RETRY),
        ROW(RESTART, "Window", restart_window_usec, RUNS, NO_RETRY),
        ROW(RESTART, "MaxDelay", restart_max_delay_usec, RUNS, NO_RETRY),
        ROW(PROXY, "Domain", proxy_domain, OF_SERVICE, NO_PROXY),
        ROW(PROXY, "Upstream", proxy_upstream, OF_SERVICE, NO_PROXY),
};

/* What stands in fte.conf is meant for those whom it concerns. */
static bool is_set_by_agent(const Agent *a, size_t offset) {
        const char *file = agent_place(a, offset).file;

        return file && !strstr(file, "/fte.conf");
}

#define SET(a, field) is_set_by_agent((a), offsetof(Agent, field))

static bool key_was_refused(const Problems *problems, const char *key) {
        for (const Problem *p = problems->first; p; p = p->next)
                if (!p->key || streq(p->key, key))
                        return true;
        return false;
}

static void check_rows(const Agent *a, Problems *problems) {
        size_t n = a->kind == KIND_SERVICE ? N_ROWS_OF_SERVICE : ARRAY_SIZE(rows);

        for (size_t i = 0; i < n; i++)
                if (!(rows[i].kinds & (1U << a->kind)) && is_set_by_agent(a, rows[i].offset))
                        problems_add(problems, agent_place(a, rows[i].offset),
                                     section_to_string(rows[i].section), rows[i].key, "%s",
                                     rows[i].problem);
        if (a->kind != KIND_SERVICE && SET(a, health_url))
                problems_add(problems, AGENT_PLACE(a, health_url), "Health", "URL", "%s",
                             a->kind == KIND_JOB ? NO_HEALTH : NO_PORT);
}

/* One thing tells whether an agent is well. */
static void check_probes(const Agent *a, Problems *problems) {
        static const struct {
                const char *key;
                size_t offset;
        } probes[] = {
                { "URL", offsetof(Agent, health_url) },
                { "File", offsetof(Agent, health_file) },
                { "Command", offsetof(Agent, health_command) },
        };
        const char *first = NULL;

        for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
                if (!is_set_by_agent(a, probes[i].offset))
                        continue;
                if (first)
                        problems_add(problems, agent_place(a, probes[i].offset), "Health",
                                     probes[i].key,
                                     "one check is enough: keep this one or %s=", first);
                else
                        first = probes[i].key;
        }
        if (SET(a, health_max_age_usec) && !SET(a, health_file) &&
            !key_was_refused(problems, "File"))
                problems_add(problems, AGENT_PLACE(a, health_max_age_usec), "Health", "MaxAge",
                             "does nothing without File=; add that, or remove the key");
}

static void check_needs(const Agent *a, Problems *problems) {
        if (a->kind == KIND_JOB && !a->schedule && !key_was_refused(problems, "Schedule"))
                problems_add(problems,
                             agent_place_near(a, offsetof(Agent, schedule), SECTION_AGENT), "Agent",
                             "Schedule",
                             "missing; a job needs a time to run at, such as daily or 15min");
        if (a->kind == KIND_JOB && SET(a, overdue_usec) && a->overdue_usec < a->time_limit_usec &&
            !key_was_refused(problems, "Overdue") && !key_was_refused(problems, "TimeLimit"))
                problems_add(problems, AGENT_PLACE(a, overdue_usec), "Agent", "Overdue",
                             "is shorter than TimeLimit=, so a run that takes its time would be "
                             "overdue");
}

/* Where the agent itself may make a socket, and nginx may reach it. */
static void check_listen(const Agent *a, Problems *problems) {
        const char *rest = a->listen ? startswith(a->listen, scope->runtime_top) : NULL;

        if (a->listen && a->health_url && startswith(a->health_url, "tcp:"))
                problems_add(problems, AGENT_PLACE(a, health_url), "Health", "URL",
                             "a connection to a socket that systemd keeps (Listen=) succeeds "
                             "whatever the agent does; use http://");
        if (!a->listen || *a->listen != '/')
                return;
        rest = rest ? startswith(rest, a->directory) : NULL;
        if (!rest || *rest != '/' || strchr(rest + 1, '/'))
                problems_add(problems, AGENT_PLACE(a, listen), "Agent", "Listen",
                             "a unix socket must lie in %s" DIRECTORY_FORMAT, scope->runtime_top,
                             DIRECTORY_ARGS(a));
        else if (strlen(a->listen) >= sizeof(((struct sockaddr_un *) NULL)->sun_path))
                problems_add(problems, AGENT_PLACE(a, listen), "Agent", "Listen",
                             "is longer than the path of a socket can be");
}

void agent_validate_kind(const Agent *a, Problems *problems) {
        check_rows(a, problems);
        check_probes(a, problems);
        check_needs(a, problems);
        check_listen(a, problems);
}
