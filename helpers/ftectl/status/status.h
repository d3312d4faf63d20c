/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What ftectl status knows of an agent, and between the files that find it out: systemd by D-Bus,
 * the kernel by cgroup files, the disk. Whatever cannot be told is UNKNOWN, NULL or "".
 */

#include "base/backup-status.h"
#include "base/job-status.h"
#include "bus/bus.h"
#include "config/load.h"
#include "generate.h"

#include "ftectl/arguments.h"
#include "ftectl/deploy/store.h"
#include "ftectl/shared/config-state.h"
#include "ftectl/shared/json.h"

#define UNKNOWN UINT64_MAX

typedef enum Health {
        HEALTH_NONE, /* no check, or nothing is known */
        HEALTH_STARTING,
        HEALTH_HEALTHY,
        HEALTH_FAILING, /* some probes were bad, not yet too many */
        HEALTH_UNHEALTHY,
        _HEALTH_MAX,
} Health;

typedef struct AgentStatus {
        const char *name, *description;
        /* the configuration */
        const char *file, *log_file, *health_url;
        uint64_t log_max_bytes, memory_limit_bytes;
        size_t n_errors;
        ConfigState config;
        /* systemd */
        const char *object, *load, *active, *sub; /* "" while systemd does not have the unit */
        const char *status_text, *result;
        uint64_t restarts, active_usec, changed_usec, main_pid, exit_status;
        /* the kernel */
        uint64_t memory_bytes, memory_max_bytes, memory_peak_bytes, cpu_usec, tasks, tasks_max;
        uint64_t cpu_permille; /* of one CPU, since the last look or the start */
        /* the disk */
        uint64_t log_bytes, backup_usec, alert_usec;
        const char *alert;
        BackupStatus backup; /* made_usec 0: nothing is known */
        char release[RELEASE_ID_BYTES]; /* "": none was deployed */
        bool release_is_unproven;       /* its deployment was interrupted */
        /* of a job */
        int kind;             /* AgentKind */
        const char *schedule; /* "" of others */
        JobRun run;           /* ended_usec 0: it has not run yet */
        bool overdue;
        bool runs_now; /* by an interval, which is counted from its end */
        uint64_t next_usec; /* CLOCK_REALTIME; UNKNOWN: none, or not before a run has ended */
} AgentStatus;

typedef struct Status {
        const Arguments *args;
        Arena arena; /* everything below */
        AgentStatus *agents;
        size_t n;
        bool page; /* of one agent */
} Status;

/* Whether the unit has processes. */
bool status_is_running(const AgentStatus *a);

/*
 * What the text of fte-health-gate's STATUS= says, and in *ret_detail what follows, "200 in 2 ms".
 */
Health status_health(const char *text, const char **ret_detail);
const char *status_health_to_string(Health health);
const char *status_config_to_string(ConfigState state);

/* status/config.c: fills the list from the configuration, and what the disk knows. */
int status_read_config(Status *s);
void status_read_files(Status *s);

/* status/units.c: asks systemd. Logs. */
int status_read_units(Status *s);

/* status/job.c: when the jobs have run, from the disk, and when they are to run next. */
void status_read_jobs(Status *s);
int status_read_timers(Status *s, sd_bus *bus);
/* What the last run was: "ok", "exit-code", "overdue", "-". */
const char *status_job_to_string(const AgentStatus *a);
/* A row of the page each; of a job only. */
void status_add_schedule(const AgentStatus *a, StrBuf *b);
void status_add_last_run(const AgentStatus *a, StrBuf *b);
json_t *status_job_to_json(const AgentStatus *a);
const char *status_kind_to_string(const AgentStatus *a);
/* status/page.c: "2026-11-29 02:30:00 (5min ago)". */
void status_add_time(StrBuf *b, uint64_t usec);

/* status/cgroup.c */
void status_read_cgroups(Status *s);
/* The number in a file that holds one, or "max"; UNKNOWN for anything else. */
uint64_t cgroup_parse_number(const char *text);
/* The number behind "key " in a file of such lines. */
uint64_t cgroup_parse_key(const char *text, const char *key);

/* status/show.c */
void status_show_table(const Status *s, unsigned columns);
void status_show_page(const AgentStatus *a);
json_t *status_to_json(const Status *s);
