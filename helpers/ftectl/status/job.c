/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What ftectl status says of a job beside what it says of every agent: its schedule, its last run
 * and its next one. The last run is from the disk, where fte-job keeps it over a boot; the next
 * from the timer.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/fsat.h"
#include "base/scope.h"
#include "base/show.h"

#include "bus.h"
#include "ftectl/shared/terminal.h"
#include "status.h"

#define BUS_TIMER BUS_SYSTEMD ".Timer"

void status_read_jobs(Status *s) {
        const char *path = arena_printf(&s->arena, "%s%s", s->args->root, scope->job_state);
        _cleanup_close_ int fd = path ? fsat_open_dir(AT_FDCWD, path) : -ENOMEM;

        for (size_t i = 0; i < s->n && fd >= 0; i++) {
                AgentStatus *a = &s->agents[i];
                JobWatch watch = { 0 };

                if (a->kind != KIND_JOB)
                        continue;
                (void) job_run_read(fd, a->name, &a->run);
                (void) job_watch_read(fd, a->name, &watch);
                a->overdue = watch.told_usec > 0 && watch.told_usec == watch.due_usec &&
                             a->run.success_usec < watch.due_usec;
        }
}

/* A monotonic time as one of the calendar. */
static uint64_t to_realtime(uint64_t mono_usec) {
        uint64_t now = clock_usec(CLOCK_MONOTONIC), real = clock_usec(CLOCK_REALTIME);

        return mono_usec > now ? real + (mono_usec - now) : real;
}

static uint64_t ask(sd_bus *bus, const char *object, const char *property) {
        uint64_t usec = 0;
        int r = sd_bus_get_property_trivial(bus, BUS_SYSTEMD, object, BUS_TIMER, property, NULL,
                                            't', &usec);

        return r < 0 || usec == 0 || usec == UINT64_MAX ? UNKNOWN : usec;
}

/* Few agents are jobs, so that one question after the other will do. */
static int read_timer(Status *s, sd_bus *bus, AgentStatus *a) {
        const char *unit = arena_printf(&s->arena, "%s.timer", a->name);
        _cleanup_free_ char *object = NULL, *state = NULL;
        uint64_t real, mono;
        int r = unit ? sd_bus_path_encode(BUS_MANAGER_PATH "/unit", unit, &object) : -ENOMEM;

        if (r < 0)
                return r;
        real = ask(bus, object, "NextElapseUSecRealtime");
        mono = ask(bus, object, "NextElapseUSecMonotonic");
        a->next_usec = MIN(real, mono == UNKNOWN ? UNKNOWN : to_realtime(mono));
        if (a->next_usec == UNKNOWN &&
            sd_bus_get_property_string(bus, BUS_SYSTEMD, object, BUS_UNIT, "SubState", NULL,
                                       &state) >= 0)
                a->runs_now = streq(state, "waiting") || streq(state, "running");
        return 0;
}

int status_read_timers(Status *s, sd_bus *bus) {
        int r = 0;

        for (size_t i = 0; i < s->n && r >= 0; i++)
                if (s->agents[i].kind == KIND_JOB)
                        r = read_timer(s, bus, &s->agents[i]);
        return r;
}

const char *status_kind_to_string(const AgentStatus *a) {
        static const char *const names[] = { "service", "worker", "job" };

        return names[a->kind];
}

const char *status_job_to_string(const AgentStatus *a) {
        if (a->overdue)
                return "overdue";
        if (a->run.ended_usec == 0)
                return "-";
        return streq(a->run.result, "success") ? "ok" : a->run.result;
}

void status_add_schedule(const AgentStatus *a, StrBuf *b) {
        show_text(b, a->schedule, 128);
        if (a->runs_now) {
                strbuf_add(b, "; the next when this run has ended");
                return;
        }
        if (a->next_usec == UNKNOWN) {
                strbuf_add(b, "; its timer is not on, then: systemctl");
                strbuf_add(b, SCOPE_SWITCH);
                strbuf_add(b, " start ");
                show_string(b, a->name);
                strbuf_add(b, ".timer");
                return;
        }
        strbuf_add(b, "; next ");
        status_add_time(b, a->next_usec);
}

void status_add_last_run(const AgentStatus *a, StrBuf *b) {
        const JobRun *run = &a->run;

        if (a->overdue)
                strbuf_add(b, "overdue; ");
        if (run->ended_usec == 0) {
                strbuf_add(b, "none yet");
                return;
        }
        show_text(b, run->result, sizeof(run->result));
        if (run->status > 0)
                strbuf_addf(b, " (%llu)", (unsigned long long) run->status);
        strbuf_add(b, ", ended ");
        status_add_time(b, run->ended_usec);
        if (run->success_usec != run->ended_usec) {
                strbuf_add(b, "; last success ");
                status_add_time(b, run->success_usec);
        }
}

json_t *status_job_to_json(const AgentStatus *a) {
        if (a->kind != KIND_JOB)
                return json_null();
        return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "schedule", json_text(a->schedule),
                         "last_run", json_time(a->run.ended_usec), "last_result",
                         json_text_or_null(a->run.result), "last_status",
                         json_number(a->run.ended_usec > 0 ? a->run.status : UNKNOWN),
                         "last_success", json_time(a->run.success_usec), "next_run",
                         json_time(a->next_usec), "overdue", a->overdue);
}
