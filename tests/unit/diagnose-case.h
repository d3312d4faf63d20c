/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A healthy agent "a" as evidence, parts of it that a row changes, and the run over the rows: each
 * wants its cause first, and whatever is told to have a proof and a remedy.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <signal.h>

#include "ftectl/diagnose/rules.h"

typedef struct Case {
        Evidence e;
        Agent agent;
        char *lines[4];
        Listener listener;
        Mount mount;
        Arena arena;
} Case;

static inline void begin(Case *c) {
        static Host host;

        host_init(&host);
        *c = (Case){ .agent = host.defaults };
        c->agent.name = "a";
        c->agent.place.file = "/etc/fte/a.conf";
        c->agent.health_url = "http://127.0.0.1:8000/health";
        c->agent.env_file = "/etc/a/.env";
        c->e = (Evidence){
                .name = "a",
                .root = "",
                .agent = &c->agent,
                .arena = &c->arena,
                .user = "a",
                .uid = 990,
                .gid = 990,
                .config = CONFIG_IN_USE,
                .config_file = "/etc/fte/a.conf",
                .now_usec = UINT64_C(1790000000) * USEC_PER_SEC,
                .env_problems = "",
                .clock_synchronized = true,
                .lines_are_safe = true,
                .has_url = true,
                .probe = PROBE_STATE_GOOD,
                .probe_text = "200 in 1 ms",
                .oom_kills = UNKNOWN,
                .memory_peak_bytes = UNKNOWN,
                .tasks_refused = UNKNOWN,
                .unit = { .known = true,
                          .load = "loaded",
                          .active = "active",
                          .sub = "running",
                          .result = "success",
                          .fragment = "",
                          .status_text = "",
                          .control_group = "/fte.slice/a.service",
                          .invocation = "",
                          .restarts = 0,
                          .main_pid = 100,
                          .exec_code = 0,
                          .exec_status = 0,
                          .start_usec = 1,
                          .active_usec = 1,
                          .inactive_usec = 0,
                          .memory_max_bytes = 512 << 20,
                          .tasks_max = 128,
                          .open_files_max = 1024,
                          .start_limit_burst = 5 },
        };
        assert_int_equal(health_url_parse(c->agent.health_url, &c->e.url, NULL), 0);
}

static inline void failed(Case *c, uint64_t status) {
        c->e.unit.active = c->e.unit.sub = "failed";
        c->e.unit.result = "exit-code";
        c->e.unit.exec_code = CLD_EXITED;
        c->e.unit.exec_status = status;
        c->e.unit.main_pid = 0;
        c->e.probe = PROBE_STATE_REFUSED;
        c->e.probe_text = "connection refused";
}

static inline void deaf(Case *c) {
        c->e.probe = PROBE_STATE_REFUSED;
        c->e.probe_text = "connection refused";
}

static inline void says(Case *c, const char *line) {
        c->lines[0] = (char *) line;
        c->e.lines = c->lines;
        assert_int_equal(symptoms_find(c->lines, &c->arena, &c->e.symptoms), 0);
}

static inline PathFact *path(Case *c, PathRole role, const char *name) {
        PathFact *p = &c->e.paths[c->e.n_paths++];

        *p = (PathFact){ .role = role,
                         .path = name,
                         .free_bytes = 1 << 30,
                         .size_bytes = UINT64_C(1) << 32,
                         .free_inodes = 1000 };
        if (role == PATH_NAMED)
                p->symptom = &c->e.symptoms.items[0];
        return p;
}

static inline void stopped_by(PathFact *p, const char *part, bool foreign) {
        p->stop = part;
        p->stop_owner = foreign ? "root" : "a";
        p->stop_mode = 0600;
        p->stop_is_foreign = foreign;
}

static inline void on(Case *c, PathFact *p, bool read_only, bool noexec) {
        c->mount = (Mount){ "/mnt", "ext4", "/dev/sdb", read_only, noexec };
        p->mount = &c->mount;
}

static inline void listens(Case *c, const char *unit, uint16_t port, uint64_t pid) {
        c->listener = (Listener){ .family = AF_INET,
                                  .in.s_addr = htonl(INADDR_LOOPBACK),
                                  .port = port,
                                  .path = "",
                                  .pid = pid,
                                  .command = "/usr/bin/x",
                                  .unit = unit };
        c->e.listeners = (Listeners){ &c->listener, 1 };
}

typedef struct CaseRow {
        const char *cause; /* NULL: none */
        void (*make)(Case *c);
} CaseRow;

static inline void run_rows(const CaseRow *rows, size_t n_rows) {
        for (size_t i = 0; i < n_rows; i++) {
                Diagnosis *list = calloc(n_causes, sizeof(Diagnosis));
                const char *id;
                Case c;
                int n;

                begin(&c);
                rows[i].make(&c);
                n = rules_apply(&c.e, list);
                assert_true(n >= 0);
                id = n > 0 ? list[0].cause->id : NULL;
                if (!streq_ptr(id, rows[i].cause))
                        fail_msg("row %zu: wanted %s, got %s (%d)", i,
                                 rows[i].cause ? rows[i].cause : "none", id ? id : "none",
                                 n > 0 ? list[0].likelihood : 0);
                for (int k = 0; k < n; k++) { /* whatever is told has proof and a remedy */
                        assert_true(list[k].seen.len > 0);
                        assert_true(list[k].fix.len > 0);
                }
                diagnoses_done(list, n_causes);
                free(list);
                arena_done(&c.arena);
        }
}
