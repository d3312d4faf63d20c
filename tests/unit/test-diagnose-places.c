/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From evidence to causes: what lies in files, mounts, sockets, names and time.
 */

#include "diagnose-case.h"

static void row_healthy_with_old_errors(Case *c) {
        says(c, "PermissionError: [Errno 13] Permission denied: '/etc/shadow'");
        stopped_by(path(c, PATH_NAMED, "/etc/shadow"), "/etc/shadow", true);
}

static void row_owner(Case *c) {
        failed(c, 1);
        says(c, "PermissionError: [Errno 13] Permission denied: '/var/lib/a/db'");
        path(c, PATH_STATE, "/var/lib/a");
        stopped_by(path(c, PATH_NAMED, "/var/lib/a/db"), "/var/lib/a/db", true);
}

static void row_owner_and_deaf(Case *c) {
        row_owner(c);
        c->e.unit.active = "active";
        c->e.unit.main_pid = 5;
}

static void row_owner_and_start_limit(Case *c) {
        row_owner(c);
        c->e.unit.result = "start-limit-hit";
}

static void row_owner_without_a_path(Case *c) {
        PathFact *p;

        failed(c, 1);
        says(c, "sqlite3.OperationalError: unable to open database file");
        p = path(c, PATH_STATE, "/var/lib/a");
        p->foreign = "/var/lib/a/db";
        p->foreign_owner = "root";
        p->n_foreign = 1;
}

static void row_mode(Case *c) {
        row_owner(c);
        c->e.paths[1].stop_is_foreign = false;
}

static void row_outside(Case *c) {
        failed(c, 1);
        says(c, "PermissionError: [Errno 13] Permission denied: '/opt/a/key'");
        stopped_by(path(c, PATH_NAMED, "/opt/a/key"), "/opt/a", true);
}

static void row_hidden(Case *c) {
        failed(c, 1);
        says(c, "PermissionError: [Errno 13] Permission denied: '/root/key'");
        stopped_by(path(c, PATH_NAMED, "/root/key"), "/root", true);
}

static void row_missing(Case *c) {
        failed(c, 1);
        says(c, "FileNotFoundError: [Errno 2] No such file or directory: '/opt/a/x.yaml'");
        path(c, PATH_NAMED, "/opt/a/x.yaml")->error = -ENOENT;
}

static void row_nothing(Case *c) {
        deaf(c);
}

static void row_starting(Case *c) {
        deaf(c);
        c->e.unit.active = "activating";
        c->e.unit.start_usec = c->e.now_usec - USEC_PER_SEC;
}

static void row_does_not_start(Case *c) {
        row_starting(c);
        c->e.unit.start_usec -= 10 * USEC_PER_SEC;
}

static void row_elsewhere(Case *c) {
        deaf(c);
        listens(c, "a.service", 9000, 100);
}

static void row_taken(Case *c) {
        failed(c, 1);
        says(c, "OSError: [Errno 98] Address already in use");
        listens(c, "b.service", 8000, 7);
}

static void row_taken_before(Case *c) {
        failed(c, 1);
        says(c, "OSError: [Errno 98] Address already in use");
}

static void row_not_taken(Case *c) {
        row_taken_before(c);
        c->agent.listen = "127.0.0.1:8000";
        c->e.probe = PROBE_STATE_SILENT;
        c->e.probe_text = "no answer within 2 s";
}

/* Before the agent, and by somebody else's. */
static void row_listen_taken(Case *c) {
        failed(c, 1);
        says(c, "fte-listen: cannot listen on 127.0.0.1:8000: Address already in use; \"ss -tlnp\" "
                "shows who does");
        c->agent.listen = "127.0.0.1:8000";
}

static void worker_hangs(Case *c) {
        c->agent.health_url = NULL;
        c->e.has_url = false;
        c->e.probe = PROBE_STATE_NONE;
        c->e.unit.active = "activating";
        c->e.unit.result = "watchdog";
        c->e.unit.restarts = 1;
}

static void row_heartbeat(Case *c) {
        worker_hangs(c);
        c->agent.health_file = "/var/lib/a/alive";
}

static void row_health_command(Case *c) {
        static char *words[] = { (char *) "/opt/a/check", NULL };

        worker_hangs(c);
        c->agent.health_command = words;
}

/* Its metrics, say. */
static void row_another_taken(Case *c) {
        failed(c, 1);
        says(c, "Error: listen EADDRINUSE: address already in use 127.0.0.1:9100");
        c->agent.listen = "127.0.0.1:8000";
}

static void row_socket_unit(Case *c) {
        listens(c, "init.scope", 8000, 1);
        deaf(c);
}

static void row_noexec(Case *c) {
        failed(c, 126);
        on(c, path(c, PATH_PROGRAM, "/mnt/x"), false, true);
}

static void row_read_only(Case *c) {
        failed(c, 238);
        on(c, path(c, PATH_STATE, "/var/lib/a"), true, false);
}

static void row_sandbox(Case *c) {
        failed(c, 1);
        says(c, "OSError: [Errno 30] Read-only file system: '/srv/x'");
        on(c, path(c, PATH_NAMED, "/srv/x"), false, false);
}

static void row_full(Case *c) {
        failed(c, 1);
        says(c, "OSError: [Errno 28] No space left on device");
        path(c, PATH_STATE, "/var/lib/a")->free_bytes = 0;
}

static void row_full_inodes(Case *c) {
        path(c, PATH_LOGS, "/var/log/a")->free_inodes = 0;
}

static void row_dns(Case *c) {
        says(c, "Error: getaddrinfo ENOTFOUND api.example.com");
        c->e.unresolved = "api.example.com";
        c->e.name_servers = "none";
}

static void row_dns_healed(Case *c) {
        says(c, "Error: getaddrinfo ENOTFOUND api.example.com");
}

static void row_old_certificates(Case *c) {
        says(c, "certificate is not yet valid");
}

static void row_image(Case *c) {
        PathFact *p = path(c, PATH_WORK, "/opt/a");

        p->free_bytes = p->free_inodes = 0;
}

static void row_clock(Case *c) {
        c->e.clock_floor_usec = c->e.now_usec + 1;
        failed(c, 1);
        says(c, "certificate is not yet valid");
        c->e.clock_synchronized = false;
}

static void row_expired(Case *c) {
        c->e.certificate = (Certificate){ "/etc/c.pem", 0, 1, 1700000000 };
}

static void row_not_expired(Case *c) {
        c->e.certificate = (Certificate){ "/etc/c.pem", 0, 1, 1800000000 };
}

static void row_500(Case *c) {
        c->e.probe = PROBE_STATE_BAD;
        c->e.probe_text = "status 500, expected 200";
}

static void row_hang(Case *c) {
        c->e.probe = PROBE_STATE_SILENT;
        c->e.probe_text = "no answer within 2 s";
}

static void row_recovered(Case *c) {
        row_owner(c);
        c->e.unit.active = "active";
        c->e.unit.sub = "running";
        c->e.unit.main_pid = 7;
        c->e.unit.restarts = 1;
        c->e.unit.active_usec = c->e.now_usec - USEC_PER_SEC;
        c->e.probe = PROBE_STATE_GOOD;
}

static const CaseRow rows[] = {
        { NULL, row_healthy_with_old_errors },
        { NULL, row_dns_healed },
        { NULL, row_not_expired },
        { NULL, row_old_certificates },
        { NULL, row_image },
        { NULL, row_starting },
        { "nothing-listens", row_does_not_start },
        { "wrong-owner", row_owner },
        { "wrong-owner", row_owner_and_deaf },
        { "wrong-owner", row_owner_and_start_limit },
        { "wrong-owner", row_owner_without_a_path },
        { "wrong-owner", row_recovered },
        { "no-access", row_mode },
        { "no-access", row_outside },
        { "path-hidden", row_hidden },
        { "file-missing", row_missing },
        { "nothing-listens", row_nothing },
        { "nothing-listens", row_socket_unit },
        { "listens-elsewhere", row_elsewhere },
        { "port-taken", row_taken },
        { "port-taken", row_taken_before },
        { "socket-not-taken", row_not_taken },
        { "port-taken", row_another_taken },
        { "port-taken", row_listen_taken },
        { "heartbeat", row_heartbeat },
        { "health-command", row_health_command },
        { "noexec-mount", row_noexec },
        { "read-only-mount", row_read_only },
        { "sandbox-write", row_sandbox },
        { "disk-full", row_full },
        { "disk-full", row_full_inodes },
        { "dns", row_dns },
        { "clock", row_clock },
        { "certificate-expired", row_expired },
        { "health-error", row_500 },
        { "health-hangs", row_hang },
};

static void test_rules(void **state _unused_) {
        run_rows(rows, ARRAY_SIZE(rows));
}

/* An agent writes its own log: no command opens for it what is not its own. */
static void test_no_gift(void **state _unused_) {
        static const struct {
                const char *line, *path, *stop;
                bool opens;
        } gifts[] = {
                { "Permission denied: '/etc/shadow'", "/etc/shadow", "/etc/shadow", false },
                { "Permission denied: '/var/lib/b/db'", "/var/lib/b/db", "/var/lib/b", false },
                { "Permission denied: '/etc/a/key'", "/etc/a/key", "/etc/a/key", true },
                { "Permission denied: '/opt/a/key'", "/opt/a/key", "/opt/a", true },
                { "Permission denied: '/key'", "/key", "/key", false },
                { "Read-only file system: '/etc/passwd'", "/etc/passwd", NULL, false },
                { "Read-only file system: '/x'", "/x", NULL, false },
                { "Read-only file system: '/srv/a/x'", "/srv/a/x", NULL, true },
        };

        for (size_t i = 0; i < ARRAY_SIZE(gifts); i++) {
                Diagnosis *list = calloc(n_causes, sizeof(Diagnosis));
                const char *fix;
                PathFact *p;
                Case c;

                begin(&c);
                failed(&c, 1);
                says(&c, gifts[i].line);
                p = path(&c, PATH_NAMED, gifts[i].path);
                on(&c, p, false, false);
                if (gifts[i].stop)
                        stopped_by(p, gifts[i].stop, true);
                assert_true(rules_apply(&c.e, list) > 0);
                fix = strbuf_text(&list[0].fix);
                if ((strstr(fix, "chgrp") || strstr(fix, "ReadWritePaths")) != gifts[i].opens)
                        fail_msg("%s: %s", gifts[i].line, fix);
                diagnoses_done(list, n_causes);
                free(list);
                arena_done(&c.arena);
        }
}

/* Lines whose secrets are not known are used, and not shown. */
static void test_hidden_lines(void **state _unused_) {
        Diagnosis *list = calloc(n_causes, sizeof(Diagnosis));
        Case c;
        int n;

        begin(&c);
        row_owner(&c);
        c.e.lines_are_safe = false;
        n = rules_apply(&c.e, list);
        assert_true(n > 0);
        assert_string_equal(list[0].cause->id, "wrong-owner");
        assert_null(strstr(strbuf_text(&list[0].seen), "the log says"));
        diagnoses_done(list, n_causes);
        free(list);
        arena_done(&c.arena);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rules),
                cmocka_unit_test(test_no_gift),
                cmocka_unit_test(test_hidden_lines),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
