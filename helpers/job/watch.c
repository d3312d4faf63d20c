/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The look of watch.h: for each job that runs by its schedule, when its next run after the last
 * success was due, and whether that is too long ago. The times are kept, so that a look costs a
 * calendar only when something has changed. Tells each overdue run once, by fte-alert-hook.
 */

#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/fsat.h"
#include "base/log.h"
#include "base/run.h"
#include "base/scope.h"
#include "base/tree.h"
#include "config/load.h"
#include "due.h"
#include "watch.h"

typedef struct Watch {
        const WatchOptions *options;
        int dir_fd;
        DueTimes times;
} Watch;

/* The first time after base at which a calendar lets the job run; 0: there is none. */
static uint64_t ask_calendar(const char *schedule, uint64_t base_usec) {
        _cleanup_strbuf_ StrBuf output = { 0 };
        char base[64];
        const char *argv[] = { "systemd-analyze", "calendar", base, "--", schedule, NULL };
        int r;

        snprintf(base, sizeof(base), "--base-time=@%llu",
                 (unsigned long long) (base_usec / USEC_PER_SEC));
        r = run_program(&(RunOptions){ .argv = argv }, &output, NULL);
        if (r != 0) {
                log_line(LOG_WARNING, "systemd-analyze calendar cannot tell when \"%s\" is: %s",
                         schedule, r < 0 ? strerror(-r) : "it fails");
                return 0;
        }
        return due_parse(strbuf_text(&output));
}

static void reckon(const Agent *a, const JobRun *run, JobWatch *w) {
        uint64_t base_usec = MAX(run->success_usec, w->since_usec);
        uint64_t hash = due_hash(a->schedule), interval_usec = agent_interval_usec(a);

        if (w->base_usec == base_usec && w->schedule == hash)
                return;
        w->base_usec = base_usec;
        w->schedule = hash;
        w->due_usec = interval_usec > 0 ? base_usec + interval_usec
                                        : ask_calendar(a->schedule, base_usec);
}

/* It waits for the spool, not for the delivery. */
static void tell(const Watch *watch, const Agent *a) {
        const char *argv[6] = { watch->options->hook, "record", "--overdue", a->name };
        char home[SCOPE_HOME_BYTES + sizeof("--home=")];
        int r;

        if (watch->options->home) {
                snprintf(home, sizeof(home), "--home=%s", watch->options->home);
                argv[3] = home;
                argv[4] = a->name;
        }
        r = run_program(&(RunOptions){ .argv = argv }, NULL, NULL);
        if (r != 0)
                log_line(LOG_ERR, "%s: fte-alert-hook: %s", a->name,
                         r < 0 ? strerror(-r) : "it failed");
}

static int look_at(const Watch *watch, const Agent *a) {
        DueTimes times = watch->times;
        JobRun run = { 0 };
        JobWatch before = { 0 }, now;

        (void) job_run_read(watch->dir_fd, a->name, &run);
        (void) job_watch_read(watch->dir_fd, a->name, &before);
        now = before;
        if (now.since_usec == 0 || now.since_usec > times.now_usec)
                now.since_usec = times.now_usec;
        reckon(a, &run, &now);
        times.late_usec = agent_overdue_usec(a);
        if (due_is_overdue(&now, &times)) {
                log_line(LOG_WARNING, "%s is overdue: no run has ended well since it was due",
                         a->name);
                tell(watch, a);
                now.told_usec = now.due_usec;
        }
        return memcmp(&before, &now, sizeof(now)) == 0
                       ? 0
                       : job_watch_write(watch->dir_fd, a->name, &now);
}

static int look_at_all(const Watch *watch, Config *c, Arena *arena) {
        int r = 0;

        for (size_t i = 0; i < c->n_entries; i++) {
                Problems problems = { .arena = arena };
                Agent a;
                int k;

                arena_reset(arena);
                k = config_read_agent(c, &c->entries[i], arena, &problems, &a);
                if (k < 0)
                        return k;
                if (a.is_template || a.kind != KIND_JOB || !a.schedule || !a.enabled)
                        continue;
                k = look_at(watch, &a);
                if (k < 0)
                        log_line(LOG_ERR, "%s: %s/%s.watch: %s", a.name, watch->options->state,
                                 a.name, strerror(-k));
                r = r < 0 ? r : k;
        }
        return r;
}

/* systemd makes that of the system (StateDirectory=). */
static int open_state(const char *path) {
        int r = scope->is_user ? tree_make_parents(AT_FDCWD, path) : 0;

        if (r < 0)
                return r;
        return scope->is_user ? tree_open_dir(AT_FDCWD, path, 0755) : fsat_open_dir(AT_FDCWD, path);
}

int watch_look(const WatchOptions *o) {
        uint64_t now_usec = clock_usec(CLOCK_REALTIME);
        _cleanup_close_ int dir_fd = open_state(o->state);
        Watch watch = { .options = o, .dir_fd = dir_fd };
        Arena arena = { 0 }, agent_arena = { 0 };
        Config config;
        int r;

        if (dir_fd < 0) {
                log_line(LOG_ERR, "%s: %s", o->state, strerror(-dir_fd));
                return dir_fd;
        }
        watch.times.now_usec = now_usec;
        watch.times.boot_usec = now_usec - MIN(now_usec, clock_usec(CLOCK_BOOTTIME));
        r = config_open(&config, o->root, &arena);
        if (r >= 0)
                r = look_at_all(&watch, &config, &agent_arena);
        else
                log_line(LOG_ERR, "the configuration cannot be read: %s", strerror(-r));
        config_close(&config);
        arena_done(&agent_arena);
        arena_done(&arena);
        return r;
}
