/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every check of ftectl validate, in the order in which they are shown within their layer. Data
 * only; REQUIREMENTS has the same identifiers. A check that cannot fail is a defect: each row is
 * seen red by a test.
 */

#include "validate.h"

#define RELOAD "systemctl daemon-reload && systemctl restart {name}"
#define START  "systemctl start {name}"
#define LOOK   "systemctl status --no-pager -n 20 {name}"
/* What can keep it from running, and says so by itself. */
#define RUNS    "FS-5 FR-001 FR-003 FR-005 SR-003"
#define JOURNAL "journalctl -u {name} --no-pager -n 50"

/* clang-format off */
const Check checks[] = {
        { "FS-5",    NULL, LAYER_EXISTENCE, "the configuration has no error, and systemd has loaded it",
          check_configuration, .fix = "ftectl lint {name}" },
        { "FR-001",  NULL, LAYER_EXISTENCE, "the service exists", check_unit_exists,
          .fix = "systemctl daemon-reload" },
        { "FR-003",  NULL, LAYER_EXISTENCE, "the account exists", check_account_exists,
          .fix = "systemctl restart fte-users.service" },
        { "FR-004",  NULL, LAYER_EXISTENCE, "the log file exists", check_log_exists,
          .fix = "systemctl restart {name}" },
        { "FR-005",  NULL, LAYER_EXISTENCE, "the data directory exists", check_data_exists,
          .fix = "systemctl restart {name}" },
        { "SR-003",  NULL, LAYER_EXISTENCE, "the env file exists", check_env_exists,
          .fix = "install -D -m 0600 /dev/null {env}" },
        { "SR-003",  NULL, LAYER_EXISTENCE, "every required variable has a value", check_env_content,
          .fix = "ftectl env {name} list" },
        { "OR-004",  NULL, LAYER_EXISTENCE, "there is a runbook, and its commands exist", check_runbook,
          .fix = "ftectl runbook {name}" },

        { "FR-003",  NULL, LAYER_PERMISSIONS, "every process runs as the agent's user", check_processes,
          .fix = RELOAD },
        { "FR-004",  NULL, LAYER_PERMISSIONS, "the log is the agent's, and closed to others",
          check_log_access, .fix = "systemctl restart {name}" },
        { "FR-005",  NULL, LAYER_PERMISSIONS, "all data is the agent's, and it can write",
          check_data_access },
        { "SR-002",  NULL, LAYER_PERMISSIONS, "only root can change the service", check_unit_files },
        { "SR-003",  NULL, LAYER_PERMISSIONS, "only root and the agent can read the secrets",
          check_env_access },

        { "FR-001",  NULL, LAYER_FUNCTIONAL, "it is started at boot", check_wanted,
          .needs = "FS-5" },
        { "FR-002",  NULL, LAYER_FUNCTIONAL, "it runs and answers its health check", check_healthy,
          .fix = START, .needs = RUNS },
        { "FR-004",  NULL, LAYER_FUNCTIONAL, "what it prints is in the log file", check_log_line,
          .fix = "systemctl restart {name}" },
        { "FR-006",  NULL, LAYER_FUNCTIONAL, "HTTPS through nginx reaches it", check_proxy,
          .fix = "nginx -t" },
        { "NFR-001", NULL, LAYER_FUNCTIONAL, "it gets healthy in time", check_start_time,
          .fix = JOURNAL },
        { "NFR-002", NULL, LAYER_FUNCTIONAL, "the memory limit is in force", check_limits_loaded,
          .fix = RELOAD, .needs = "FS-5" },
        { "NFR-003", NULL, LAYER_FUNCTIONAL, "restarts are as the file says", check_restart_loaded,
          .fix = RELOAD, .needs = "FS-5" },
        { "NFR-004", NULL, LAYER_FUNCTIONAL, "the log files keep to their limit", check_log_size,
          .fix = "systemctl restart {name}" },
        { "OR-001",  NULL, LAYER_FUNCTIONAL, "what it prints is in the journal", check_journal_line,
          .fix = "systemctl restart systemd-journald && systemctl restart {name}" },
        { "OR-002",  NULL, LAYER_FUNCTIONAL, "CPU, memory and tasks are counted", check_counters,
          .fix = "ftectl status {name}" },
        { "OR-003",  NULL, LAYER_FUNCTIONAL, "the timer of its backup runs", check_backup_timer,
          .fix = "systemctl start fte-backup.timer" },

        { "FR-002",  "FS-1", LAYER_RESILIENCE, "a crash: healthy again in time", check_crash, true,
          .fix = JOURNAL, .question = "Kill the main process of {name}" },
        { "NFR-002", "FS-3", LAYER_RESILIENCE, "a memory hog is killed, and the agent comes back",
          check_hog, true, .fix = JOURNAL,
          .question = "Use up the memory limit of {name}, which kills and restarts it" },
        { "NFR-003", NULL, LAYER_RESILIENCE, "what ends at once ends as failed, without a loop",
          check_loop, true, .fix = "ftectl lint {name}",
          .question = "Run a copy of {name}'s settings that ends at once" },
        { "NFR-004", "FS-2", LAYER_RESILIENCE, "a log flood: rotated, nothing lost, bounded",
          check_flood, true, .fix = "ftectl lint {name}",
          .question = "Run a copy of {name}'s settings that floods a log of its own" },
        { "SR-003",  NULL, LAYER_RESILIENCE, "open, missing or lacking secrets: failed, no loop",
          check_secrets, true, .fix = "ftectl lint {name}",
          .question = "Start a copy of {name}'s settings with bad env files of its own" },
        { "FS-4",    NULL, LAYER_RESILIENCE, "without a network it starts, and restarts",
          check_network, true, .fix = "ftectl lint {name}",
          .question = "Run a copy of {name}'s settings without a network" },
        { "FS-5",    NULL, LAYER_RESILIENCE, "a bad configuration fails visibly, and only there",
          check_bad_configuration, true, .fix = LOOK,
          .question = "Start a copy of {name}'s settings with an error in them" },
        { "OR-003",  NULL, LAYER_RESILIENCE, "a backup can be restored", check_restore, true,
          .fix = "systemctl list-timers --all",
          .question = "Back up {name}, and restore that into a directory of its own" },

        { "SR-001",  NULL, LAYER_SECURITY, "the account cannot log in or become root", check_rights },
        { "SR-001",  NULL, LAYER_SECURITY, "the sandbox is as tight as its profile", check_exposure,
          .fix = "systemd-analyze security --no-pager {name}.service", .needs = "FS-5" },
        { "SR-004",  NULL, LAYER_SECURITY, "SSH takes keys only", check_ssh, .of_host = true },
        { "SR-005",  NULL, LAYER_SECURITY, "only the allowed ports are open", check_firewall,
          .of_host = true },
        { "SR-005",  NULL, LAYER_SECURITY, "other ports refuse a connection from outside",
          check_outside, true, .of_host = true, .spare = spare_outside,
          .question = "Make a network interface (fte-check0) for a moment, and connect through it from "
                      "outside to all ports that are in use here" },
};
/* clang-format on */

const size_t n_checks = ARRAY_SIZE(checks);

const char *layer_to_string(Layer layer) {
        static const char *const names[_LAYER_MAX] = {
                [LAYER_EXISTENCE] = "existence",   [LAYER_PERMISSIONS] = "permissions",
                [LAYER_FUNCTIONAL] = "functional", [LAYER_RESILIENCE] = "resilience",
                [LAYER_SECURITY] = "security",
        };

        return names[layer];
}

const char *verdict_to_string(Verdict v) {
        static const char *const names[] = { "not run", "good", "bad", "skipped" };

        return names[v];
}
