/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Layer 3 of ftectl validate, as far as it is about what runs: the start at boot, the health check,
 * the time to get healthy, the counters, the timer of the backup. Asks, and changes nothing.
 */

#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#include "base/distribution.h"
#include "base/format.h"
#include "base/fsat.h"
#include "base/parse.h"
#include "health-gate/report.h"

#include "ftectl/status/status.h"
#include "validate.h"

static const char *duration(Subject *s, uint64_t usec) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        format_duration(&b, usec);
        return arena_strdup(&s->arena, strbuf_text(&b));
}

/* ---- FR-001 ---- */

/* A link to /dev/null of the same name hides the one that the generator makes. */
static void find_mask(Subject *s, Finding *f) {
        static const char *const dirs[] = { "/etc/systemd/system", "/run/systemd/system" };

        for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
                const char *path = arena_printf(&s->arena, "%s/multi-user.target.wants/%s.service",
                                                dirs[i], s->name);

                if (!path || !fsat_is_mask(s->run->root_fd, path + 1))
                        continue;
                finding_bad(s, f, "wanted by multi-user.target", "%s hides that", path);
                finding_fix(s, f, "rm {1} && systemctl daemon-reload", path);
        }
}

void check_wanted(Subject *s, Finding *f) {
        if (!s->agent.enabled) {
                Place p = AGENT_PLACE(&s->agent, enabled);

                finding_skip(s, f, "%s:%u says Enabled=no", p.file ? p.file : "fte.conf", p.line);
                return;
        }
        if (s->unit.wanted_by && strv_contains(s->unit.wanted_by, "multi-user.target")) {
                finding_good(s, f, "wanted by multi-user.target");
                return;
        }
        find_mask(s, f);
        if (f->verdict == VERDICT_NOT_RUN) {
                finding_bad(s, f, "wanted by multi-user.target", "nothing wants it at boot");
                finding_fix(s, f, "systemctl daemon-reload && systemctl show -P WantedBy {name}",
                            NULL);
        }
}

/* ---- FR-002 ---- */

/* A probe as fte-health-gate makes it, by the same code. */
bool subject_probe(const Subject *s, char *text) {
        const Agent *a = &s->agent;
        static HttpSearch body;
        HealthCheck check = { .expect_status = (unsigned) a->expect_status,
                              .timeout_usec = a->health_timeout_usec };
        ProbeResult result;
        int n;

        if (health_url_parse(a->health_url, &check.url, NULL) < 0)
                return false;
        if (a->expect_body && http_search_init(&body, a->expect_body) == 0)
                check.expect_body = &body;
        if (check.url.scheme != HEALTH_TCP) {
                n = http_request(&check.url, check.request, sizeof(check.request));
                if (n < 0)
                        return false;
                check.request_len = (size_t) n;
        }
        result = probe_run(&check, -EBADF);
        report_result(&check, &result, text);
        return result.outcome == PROBE_GOOD;
}

void check_healthy(Subject *s, Finding *f) {
        char text[REPORT_MAX_BYTES] = "no probe";
        bool good;

        if (!unit_is_active(s)) {
                finding_bad(s, f, "active", "%s (%s)%s%s", s->unit.active, s->unit.sub,
                            streq(s->unit.result, "success") || !*s->unit.result ? "" : ", result ",
                            streq(s->unit.result, "success") ? "" : s->unit.result);
                if (streq(s->unit.active, "failed"))
                        finding_fix(s, f, "systemctl reset-failed {name}", NULL);
                finding_fix(s, f, "systemctl start {name}", NULL);
                return;
        }
        if (!s->agent.health_url) {
                finding_good(
                        s, f,
                        agent_has_probe(&s->agent)
                                ? "active; fte-health-gate looks after its heartbeat or command"
                                : "active; there is no [Health] URL=");
                return;
        }
        good = subject_probe(s, text);
        if (good)
                finding_good(s, f, "active; %s", text);
        else {
                finding_bad(s, f,
                            arena_printf(&s->arena, "status %llu from %s",
                                         (unsigned long long) s->agent.expect_status,
                                         s->agent.health_url),
                            "active, but its health check: %s", text);
                finding_fix(s, f, "ftectl diagnose {name}", NULL);
        }
}

/* ---- NFR-001 ---- */

/*
 * From the start of the main process, the precheck, to READY=1; a wait before a restart is no part.
 */
void check_start_time(Subject *s, Finding *f) {
        uint64_t from = s->unit.main_start_mono_usec, to = s->unit.active_mono_usec;

        if (!unit_is_active(s) || from == UINT64_MAX || to == UINT64_MAX || from == 0 || to < from)
                finding_skip(s, f, "it is not active, so there is no start to measure");
        else if (agent_notify(&s->agent) == NOTIFY_NONE)
                finding_skip(s, f,
                             "without a check in [Health] nobody can tell when it is healthy");
        else if (to - from > s->agent.start_timeout_usec) {
                finding_bad(s, f,
                            arena_printf(&s->arena, "at most StartTimeout=, %s",
                                         duration(s, s->agent.start_timeout_usec)),
                            "it took %s", duration(s, to - from));
                finding_fix_override(s, f, "TimeoutStartSec");
        } else
                finding_good(s, f, "healthy %s after its start, at most %s", duration(s, to - from),
                             duration(s, s->agent.start_timeout_usec));
}

/* ---- OR-002 ---- */

/* Whether the kernel offers the controller to anybody here. */
static bool host_has_controller(const Subject *s, const char *name) {
        char text[512];
        ssize_t n =
                fsat_read(s->run->root_fd, "sys/fs/cgroup/cgroup.controllers", text, sizeof(text));
        size_t len = strlen(name);

        for (const char *p = n > 0 ? text : NULL; p && (p = strstr(p, name)); p += len)
                if ((p == text || p[-1] == ' ') && strchr(" \n", p[len]))
                        return true;
        return false;
}

static uint64_t count(int fd, const char *file, const char *key) {
        char text[4096];

        if (fd < 0 || fsat_read(fd, file, text, sizeof(text)) <= 0)
                return UNKNOWN;
        return key ? cgroup_parse_key(text, key) : cgroup_parse_number(text);
}

void check_counters(Subject *s, Finding *f) {
        _cleanup_close_ int fd = *s->unit.control_group
                                         ? cgroup_open(s->run->args->root, s->unit.control_group)
                                         : -ENOENT;
        uint64_t cpu = count(fd, "cpu.stat", "usage_usec"),
                 memory = count(fd, "memory.current", NULL);
        uint64_t tasks = count(fd, "pids.current", NULL);
        bool has_memory = host_has_controller(s, "memory"),
             has_pids = host_has_controller(s, "pids");

        if (!unit_is_active(s) || fd < 0) {
                finding_skip(s, f, "nothing runs whose use could be counted");
                return;
        }
        if (cpu == UNKNOWN)
                finding_bad(s, f, "usage_usec in cpu.stat of its control group", "CPU: no counter");
        if (memory == UNKNOWN && has_memory)
                finding_bad(s, f, "memory.current in its control group", "memory: no counter");
        if (tasks == UNKNOWN && has_pids)
                finding_bad(s, f, "pids.current in its control group", "tasks: no counter");
        if (f->verdict == VERDICT_BAD)
                finding_fix_override(s, f,
                                     memory == UNKNOWN ? "MemoryAccounting" : "TasksAccounting");
        else if (!has_memory || !has_pids)
                finding_skip(s, f, "CPU %s; this host counts no %s in control groups (cgroup v2)",
                             duration(s, cpu), has_memory ? "tasks" : "memory");
        else
                finding_good(s, f, "CPU %s, memory %llu KiB, %llu tasks", duration(s, cpu),
                             (unsigned long long) (memory / 1024), (unsigned long long) tasks);
}

/* ---- OR-003 ---- */

static bool is_loaded(Subject *s, const char *unit, UnitFacts *ret) {
        return s->run->bus && unit && unit_read(s->run->bus, unit, &s->arena, ret) >= 0 &&
               streq(ret->load, "loaded");
}

bool finding_no_backups(Subject *s, Finding *f) {
        const char *unit = arena_printf(&s->arena, "fte-backup@%s.service", s->name);
        UnitFacts facts = { .load = "not found" };

        if (is_loaded(s, unit, &facts))
                return false;
        finding_bad(s, f, "the unit that makes backups, which comes with systemd-fte", "%s is %s",
                    unit, facts.load);
        if (streq(facts.load, "masked"))
                finding_fix(s, f, "systemctl unmask {1} fte-backup@.service", unit);
        else
                finding_fix(s, f,
                            arena_printf(&s->arena, "%s && systemctl daemon-reload",
                                         distribution_install(s->run->args->root, REINSTALL_NOW,
                                                              "systemd-fte", &s->arena)),
                            NULL);
        return true;
}

/* A schedule of its own has a timer of its own; the host's has one for all agents. */
void check_backup_timer(Subject *s, Finding *f) {
        const char *own = arena_printf(&s->arena, "fte-backup@%s.timer", s->name);
        const char *timer = "fte-backup.timer";
        UnitFacts facts = { .load = "", .active = "" };

        if (streq_ptr(s->agent.backup_schedule, "none")) {
                finding_skip(s, f, "[Backup] Schedule=none");
                return;
        }
        if (finding_no_backups(s, f))
                return;
        if (is_loaded(s, own, &facts))
                timer = own;
        else if (!is_loaded(s, timer, &facts))
                facts.active = "not loaded";
        if (streq(facts.active, "active")) {
                finding_good(s, f, "%s is active", timer);
                return;
        }
        finding_bad(s, f, "a timer that is active", "%s is %s", timer, facts.active);
        finding_fix(s, f,
                    streq(facts.load, "loaded") ? "systemctl start {1}"
                                                : "systemctl daemon-reload && systemctl start {1}",
                    timer);
}
