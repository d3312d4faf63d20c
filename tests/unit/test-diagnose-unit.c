/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From evidence to causes: what lies in the unit, its configuration, its program, its limits.
 */

#include "diagnose-case.h"

static void row_healthy(Case *c) {
        listens(c, "a.service", 8000, 100);
}

static void row_masked(Case *c) {
        failed(c, 1);
        c->e.unit.load = "masked";
}

static void row_not_loaded(Case *c) {
        failed(c, 0);
        c->e.unit.load = "not-found";
        c->e.unit.active = "inactive";
}

static void row_errors(Case *c) {
        failed(c, 78);
        c->e.n_errors = 2;
        c->e.first_error = "x";
        c->e.config = CONFIG_ERRORS;
}

static void row_reload(Case *c) {
        c->e.config = CONFIG_RELOAD;
}

static void row_restart(Case *c) {
        c->e.config = CONFIG_RESTART;
}

static void row_interpreter(Case *c) {
        failed(c, 127);
        c->e.faults[c->e.n_faults++] =
                (ProgramFault){ PROGRAM_INTERPRETER, FAULT_MISSING, "/opt/node", "m" };
}

static void row_venv(Case *c) {
        row_interpreter(c);
        c->e.venv = "/opt/a/venv";
}

static void row_env_value(Case *c) {
        failed(c, 78);
        c->e.env_problems = "/etc/a/.env: KEY: is missing; add a line NAME=VALUE for it\n";
}

static void row_env_file(Case *c) {
        failed(c, 78);
        c->e.env_problems = "/etc/a/.env: mode 0644 gives rights to the group or others; correct "
                            "that with: chmod 0600 /etc/a/.env\n";
}

static void row_env_good(Case *c) {
        failed(c, 78);
}

static void row_sigsys(Case *c) {
        failed(c, SIGSYS);
        c->e.unit.exec_code = CLD_KILLED;
}

static void row_browser(Case *c) {
        failed(c, 1);
        says(c, "[1129/08:42:ERROR:zygote_host_impl_linux.cc:128] No usable sandbox! If this is");
}

static void row_eperm(Case *c) {
        failed(c, 1);
        says(c, "PermissionError: [Errno 1] Operation not permitted");
}

static void row_oom(Case *c) {
        failed(c, SIGKILL);
        c->e.unit.result = "oom-kill";
}

static void row_oom_by_dropin(Case *c) {
        row_oom(c);
        c->e.overrides[c->e.n_overrides++] =
                (Override){ "MemoryMax", "512M", "8M", "/etc/x.conf", 2, "NFR-002" };
}

static void row_dropin(Case *c) {
        c->e.overrides[c->e.n_overrides++] =
                (Override){ "User", "a", "root", "/etc/x.conf", 2, "FR-003" };
}

static void row_limit(Case *c) {
        failed(c, 3);
        says(c, "a.service: Start request repeated too quickly.");
        c->e.unit.restarts = 5;
}

static void row_stopped(Case *c) {
        failed(c, 0);
        c->e.unit.active = "inactive";
        c->e.unit.result = "success";
        says(c, "Stopping a.service - a...");
}

static void row_ended(Case *c) {
        row_stopped(c);
        says(c, "a.service: Deactivated successfully.");
}

static void row_never(Case *c) {
        row_stopped(c);
        c->e.lines = NULL;
        c->e.unit.start_usec = 0;
}

static void row_user(Case *c) {
        failed(c, 217);
        c->e.uid = UNKNOWN;
}

static void row_user_not_made_yet(Case *c) {
        row_never(c);
        c->e.uid = UNKNOWN;
}

static void row_module(Case *c) {
        failed(c, 1);
        says(c, "ModuleNotFoundError: No module named 'x'");
}

static void row_files(Case *c) {
        failed(c, 1);
        says(c, "OSError: [Errno 24] Too many open files");
}

static void row_tasks(Case *c) {
        failed(c, 1);
        says(c, "RuntimeError: can't start new thread");
}

static void row_unknown(Case *c) {
        failed(c, 3);
        says(c, "I am unhappy");
}

static const CaseRow rows[] = {
        { NULL, row_healthy },
        { NULL, row_unknown },
        { "masked-unit", row_masked },
        { "config-not-loaded", row_not_loaded },
        { "config-not-loaded", row_reload },
        { "config-not-loaded", row_restart },
        { "config-errors", row_errors },
        { "interpreter-missing", row_interpreter },
        { "venv-elsewhere", row_venv },
        { "env-value", row_env_value },
        { "env-file", row_env_file },
        { "env-corrected", row_env_good },
        { "browser-sandbox", row_browser },
        { "denied-call", row_sigsys },
        { "denied-call", row_eperm },
        { "memory-limit", row_oom },
        { "drop-in", row_oom_by_dropin },
        { "drop-in", row_dropin },
        { "start-limit", row_limit },
        { "not-started", row_stopped },
        { "not-started", row_never },
        { "not-started", row_user_not_made_yet },
        { "ended", row_ended },
        { "user-missing", row_user },
        { "module-missing", row_module },
        { "open-files", row_files },
        { "tasks-limit", row_tasks },
};

static void test_rules(void **state _unused_) {
        run_rows(rows, ARRAY_SIZE(rows));
}

static void test_table(void **state _unused_) {
        for (size_t i = 0; i < n_causes; i++) {
                assert_non_null(causes[i].rule);
                assert_true(*causes[i].title && *causes[i].symptom && *causes[i].remedy);
                for (size_t k = 0; k < i; k++)
                        assert_string_not_equal(causes[i].id, causes[k].id);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rules),
                cmocka_unit_test(test_table),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
