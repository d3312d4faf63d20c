/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What ftectl validate does otherwise for an agent that is no plain service: checks that mean
 * nothing for its kind are skipped with the reason, and two are another question for a job.
 */

#include "base/clock.h"
#include "base/format.h"
#include "base/fsat.h"
#include "base/job-status.h"
#include "base/parse.h"

#include "ftectl/status/status.h"
#include "validate.h"

typedef struct KindRow {
        AgentKind kind;
        void (*check)(Subject *s, Finding *f);
        /* Instead of the check; NULL: skipped for this reason. */
        void (*instead)(Subject *s, Finding *f);
        const char *reason;
} KindRow;

/* ---- jobs ---- */

static void read_timer(Subject *s, UnitFacts *ret) {
        const char *unit = arena_printf(&s->arena, "%s.timer", s->name);

        *ret = (UnitFacts){ .load = "", .active = "" };
        if (s->run->bus && unit)
                (void) unit_read(s->run->bus, unit, &s->arena, ret);
}

static void check_timer_wanted(Subject *s, Finding *f) {
        UnitFacts timer;

        if (!s->agent.enabled) {
                finding_skip(s, f, "Enabled=no: nothing starts its timer");
                return;
        }
        read_timer(s, &timer);
        if (timer.wanted_by && strv_contains(timer.wanted_by, "timers.target"))
                finding_good(s, f, "a job: its timer is wanted by timers.target");
        else {
                finding_bad(s, f, "a timer that is wanted by timers.target",
                            "nothing wants %s.timer at boot", s->name);
                finding_fix(s, f,
                            "systemctl daemon-reload && systemctl show -P WantedBy {name}.timer",
                            NULL);
        }
}

static const char *ago(Subject *s, uint64_t usec) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        uint64_t now = clock_usec(CLOCK_REALTIME);

        format_duration(&b, usec < now ? (now - usec) / USEC_PER_SEC * USEC_PER_SEC : 0);
        return arena_strdup(&s->arena, strbuf_text(&b));
}

static void read_run(Subject *s, JobRun *run, JobWatch *watch) {
        _cleanup_close_ int fd = fsat_open_dir(s->run->root_fd, &JOB_STATE_DIRECTORY[1]);

        *run = (JobRun){ 0 };
        *watch = (JobWatch){ 0 };
        if (fd < 0)
                return;
        (void) job_run_read(fd, s->name, run);
        (void) job_watch_read(fd, s->name, watch);
}

static void check_runs(Subject *s, Finding *f) {
        UnitFacts timer;
        JobWatch watch;
        JobRun run;

        read_timer(s, &timer);
        read_run(s, &run, &watch);
        if (s->agent.enabled && !streq(timer.active, "active")) {
                finding_bad(s, f, "a timer that is active", "%s.timer is %s", s->name,
                            *timer.active ? timer.active : "not loaded");
                finding_fix(s, f, "systemctl start {name}.timer", NULL);
        }
        if (run.ended_usec > 0 && !streq(run.result, "success")) {
                finding_bad(s, f, "a last run that has ended well",
                            "its last run, %s ago, ended with %s", ago(s, run.ended_usec),
                            run.result);
                finding_fix(s, f, "ftectl diagnose {name}", NULL);
        }
        if (watch.told_usec > 0 && watch.told_usec == watch.due_usec &&
            run.success_usec < watch.due_usec) {
                finding_bad(s, f, "a run that has ended well in its time", "it is overdue");
                finding_fix(s, f, "ftectl diagnose {name}", NULL);
        }
        if (f->verdict == VERDICT_BAD)
                return;
        if (run.ended_usec == 0)
                finding_good(s, f, "a job: its timer is active; it has not run yet");
        else
                finding_good(s, f, "a job: its timer is active; its last run, %s ago, ended well",
                             ago(s, run.ended_usec));
}

/* ---- the table ---- */

#define BETWEEN "a job has no process between its runs"
#define NO_LOOP "nothing restarts a job: it runs again at its next time"
#define COPIES  "a job is not run for a trial: what it does may not be done twice"

static const KindRow rows[] = {
        { KIND_JOB, check_wanted, check_timer_wanted, NULL },
        { KIND_JOB, check_healthy, check_runs, NULL },
        { KIND_JOB, check_processes, NULL, BETWEEN },
        { KIND_JOB, check_start_time, NULL, "a job has TimeLimit=, and no time to get healthy in" },
        { KIND_JOB, check_restart_loaded, NULL, NO_LOOP },
        { KIND_JOB, check_counters, NULL, BETWEEN },
        { KIND_JOB, check_log_line, NULL, BETWEEN },
        { KIND_JOB, check_journal_line, NULL, BETWEEN },
        { KIND_JOB, check_crash, NULL, NO_LOOP },
        { KIND_JOB, check_hog, NULL, COPIES },
        { KIND_JOB, check_loop, NULL, NO_LOOP },
        { KIND_JOB, check_flood, NULL, COPIES },
        { KIND_JOB, check_secrets, NULL, COPIES },
        { KIND_JOB, check_network, NULL, COPIES },
        { KIND_JOB, check_bad_configuration, NULL, COPIES },
        { KIND_JOB, check_proxy, NULL, "a job answers nobody" },
        { KIND_WORKER, check_proxy, NULL, "a worker answers nobody" },
};

/* Before its first run there is nothing that only a run makes. */
static bool is_made_by_run(const Check *c) {
        void (*const made[])(Subject * s, Finding * f) = { check_log_exists,     check_data_exists,
                                                           check_account_exists, check_log_access,
                                                           check_data_access,    check_log_size };

        for (size_t i = 0; i < ARRAY_SIZE(made); i++)
                if (c->run == made[i])
                        return true;
        return false;
}

bool kind_check(Subject *s, const Check *c, Finding *f) {
        JobWatch watch;
        JobRun run;

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                if ((int) rows[i].kind != s->agent.kind || rows[i].check != c->run)
                        continue;
                if (rows[i].instead)
                        rows[i].instead(s, f);
                else
                        finding_skip(s, f, "%s", rows[i].reason);
                return true;
        }
        if (s->agent.kind != KIND_JOB || !is_made_by_run(c))
                return false;
        read_run(s, &run, &watch);
        if (run.ended_usec > 0)
                return false;
        finding_skip(s, f, "the job has not run yet");
        return true;
}
