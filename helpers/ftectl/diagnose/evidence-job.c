/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What there is to be seen of a job between its runs: what fte-job has noted, and its timer.
 */

#include "base/fsat.h"

#include "bus.h"
#include "evidence.h"

static void ask_timer(Evidence *e) {
        _cleanup_bus_ sd_bus *bus = NULL;
        _cleanup_free_ char *state = NULL;
        const char *unit = arena_printf(e->arena, "%s.timer", e->name);

        if (!unit || bus_open(&bus) < 0)
                return;
        if (bus_unit_string(bus, unit, BUS_UNIT, "ActiveState", &state) >= 0)
                e->timer = arena_strdup(e->arena, state);
        if (!e->timer)
                e->timer = "";
}

void evidence_look_at_job(Evidence *e) {
        _cleanup_close_ int fd = -EBADF;

        e->timer = "";
        if (e->agent->kind != KIND_JOB)
                return;
        fd = fsat_open_dir(e->generator.config.root_fd, &JOB_STATE_DIRECTORY[1]);
        if (fd >= 0) {
                (void) job_run_read(fd, e->name, &e->run);
                (void) job_watch_read(fd, e->name, &e->watch);
        }
        if (!*e->root)
                ask_timer(e);
}
