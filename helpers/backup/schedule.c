/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-backup run --all and verify --all, which one timer for all agents starts: one agent after the
 * other, so that the disk has one of them at a time. Each is a service of its own, with its own
 * sandbox, log and alert.
 */

#include <stdio.h>

#include "base/log.h"
#include "base/run.h"

#include "job.h"
#include "verbs.h"

/* Then the next agent has its turn beside this one: nobody's data may keep others waiting. */
#define SERVICE_USEC (3600 * USEC_PER_SEC)

/* 0, or 1 when the service failed, of which its own journal tells. */
static int start_service(const char *prefix, const char *name) {
        char unit[256];
        const char *argv[] = { "systemctl", "start", unit, NULL };
        int r;

        snprintf(unit, sizeof(unit), "%s@%s.service", prefix, name);
        r = run_program(&(RunOptions){ .argv = argv, .timeout_usec = SERVICE_USEC }, NULL, NULL);
        if (r == -ETIMEDOUT) {
                log_line(LOG_NOTICE, "%s goes on; the next one is started beside it", unit);
                return 0;
        }
        if (r != 0)
                log_line(LOG_ERR, "%s failed; see: journalctl -u %s", unit, unit);
        return r != 0;
}

static int run_all(const Arguments *a, const char *unit, bool verify) {
        Arena arena = { 0 };
        char **names;
        int failed = 0, r = job_names(a->root, &arena, &names);

        for (char **name = names; r == 0 && *name; name++) {
                Job job;

                if (job_open(&job, a->root, *name) < 0)
                        failed++;
                else if (verify ? job.verified_together : job.scheduled_together) {
                        Arguments one = { .root = a->root, .name = *name };

                        if (!*a->root)
                                failed += start_service(unit, *name);
                        else
                                failed += (verify ? verb_verify : verb_run)(&one) != EXIT_GOOD;
                }
                job_close(&job);
        }
        arena_done(&arena);
        return r < 0 || failed > 0 ? EXIT_BAD : EXIT_GOOD;
}

int verb_run_all(const Arguments *a) {
        return run_all(a, "fte-backup", false);
}

int verb_verify_all(const Arguments *a) {
        return run_all(a, "fte-backup-verify", true);
}
