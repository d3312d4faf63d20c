/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The model: one struct per agent, one for the host, as the directive tables fill them. Plain data
 * with defaults applied; whoever holds a const Agent needs to know nothing of files and sections.
 * Strings and arrays live in the arena they were parsed into, or are the host's defaults.
 */

#include "config/problem.h"

#define AGENT_NAME_BYTES_MAX 31
#define PLUGINS_MAX          99 /* drop-ins are numbered with two digits */
#define DIRECTIVES_MAX       104 /* rows of the table in directives.c */

#define TASKS_INFINITY UINT64_MAX
#define BYTES_INFINITY UINT64_MAX
#define UID_UNSET      UINT64_MAX

typedef enum SectionId {
        SECTION_AGENT,
        SECTION_ENVIRONMENT,
        SECTION_HEALTH,
        SECTION_RESTART,
        SECTION_LIMITS,
        SECTION_SANDBOX,
        SECTION_LOGGING,
        SECTION_ALERT,
        SECTION_BACKUP,
        SECTION_PROXY,
        SECTION_DEPLOY,
        SECTION_UNIT,    /* passed through */
        SECTION_SERVICE, /* passed through */
        SECTION_HOST,    /* this and what follows: in fte.conf only */
        SECTION_SSH,
        SECTION_FIREWALL,
        _SECTION_MAX,
        _SECTION_INVALID = -1,
} SectionId;

typedef enum AgentKind {
        KIND_SERVICE, /* runs on, and mostly has a port */
        KIND_WORKER,  /* runs on, without a port */
        KIND_JOB,     /* runs by the clock, and ends */
} AgentKind;

typedef enum Notify {
        NOTIFY_PROBE,
        NOTIFY_NATIVE,
        NOTIFY_NONE,
        NOTIFY_AUTO, /* probe where there is something to probe, else none */
} Notify;

typedef enum RestartWhen {
        RESTART_ON_FAILURE,
        RESTART_ALWAYS,
        RESTART_ON_ABNORMAL,
        RESTART_NO,
} RestartWhen;

typedef enum Profile {
        PROFILE_AI,
        PROFILE_STRICT,
        PROFILE_TRUSTED,
        PROFILE_BROWSER,
        _PROFILE_MAX,
} Profile;

/* What makes the code of a release runnable. */
typedef enum Build {
        BUILD_AUTO, /* by the files that are there */
        BUILD_PYTHON,
        BUILD_NODE,
        BUILD_NONE,
} Build;

typedef enum AlertOn {
        ALERT_FAILURE = 1 << 0,
        ALERT_RESTART = 1 << 1,
        ALERT_RECOVERY = 1 << 2,
} AlertOn;

/* A key of [Unit] or [Service], to be passed through as it is. */
typedef struct PassThrough {
        SectionId section;
        const char *key, *value;
        Place place;
        struct PassThrough *next;
} PassThrough;

typedef struct Agent {
        const char *name; /* of NAME.conf; "NAME@INST" of an instance, "NAME@" of a template */
        /*
         * What follows from the name, and is the same but for instances: how the unit speaks of
         * itself, "NAME-INST" for its directories, NAME for its account. Those of a template have
         * SPECIFIER_BYTE and "i" where an instance has its INST (instance.h).
         */
        const char *called, *directory, *account;
        const char *instance, *instance_path; /* what %i and %I are; NULL: no instance */
        bool is_template;
        bool is_by_hand; /* an instance that is in no file, but can be started */
        Place place; /* the INI file */
        Place section_places[_SECTION_MAX];
        /* by row of the table; file NULL: not set, the default holds */
        Place places[DIRECTIVES_MAX];
        unsigned n_set[_SECTION_MAX]; /* how many of a section's keys are set; nearly all are not */

        /* [Agent] */
        char **exec;
        const char *description, *user, *group, *operators_group, *working_directory, *contact;
        char **after, **requires, **plugins, **instances;
        uint64_t uid, stop_timeout_usec;
        bool enabled;
        int kind;
        const char *schedule, *listen;
        uint64_t time_limit_usec, overdue_usec; /* of a job; overdue 0: by TimeLimit= */

        /* [Environment] */
        const char *env_file; /* "none": there is none */
        char **env_required, **env_set;
        bool env_encrypted;

        /* [Health] */
        const char *health_url, *expect_body, *health_file;
        char **health_command;
        uint64_t health_max_age_usec;
        uint64_t expect_status, health_failures;
        uint64_t start_timeout_usec, health_interval_usec, health_timeout_usec, watchdog_usec;
        int notify;

        /* [Restart] */
        int restart_when;
        uint64_t restart_delay_usec, restart_max_delay_usec, restart_window_usec, restart_burst;

        /* [Limits] */
        uint64_t memory_bytes, tasks, open_files, io_weight;
        unsigned cpu_percent;

        /* [Sandbox] */
        int profile;
        char **read_write_paths, **read_only_paths, **allow_addresses, **devices;

        /* [Logging] */
        const char *log_file;
        uint64_t log_max_bytes, log_keep;
        bool log_compress;

        /* [Alert] */
        const char *alert_slack, *alert_discord, *alert_teams, *alert_telegram, *alert_pagerduty,
                *alert_ntfy, *alert_webhook, *alert_webhook_secret, *alert_smtp, *alert_smtp_login;
        char **alert_email, **alert_command;
        unsigned alert_on;
        uint64_t alert_cooldown_usec, alert_lines;

        /* [Backup] */
        const char *backup_schedule, *backup_target, *backup_verify;
        char **backup_paths;
        uint64_t backup_keep;

        /* [Proxy] */
        const char *proxy_domain, *proxy_upstream, *proxy_certificate, *proxy_certificate_key,
                *proxy_static_root, *proxy_rate_limit;
        uint64_t proxy_max_body_bytes;
        bool proxy_acme, proxy_hsts, proxy_expose_health;

        /* [Deploy] */
        char **deploy_check;
        uint64_t deploy_keep, deploy_timeout_usec, deploy_memory_bytes, deploy_max_bytes;
        int deploy_build;

        /* [Unit] and [Service] */
        PassThrough *pass_through, **pass_through_tail;
} Agent;

typedef struct Host {
        Agent defaults; /* what fte.conf says in the agents' sections */
        const char *environment;
        bool ssh_password_authentication;
        int ssh_permit_root_login;
        char **firewall_allow;
} Host;

/* What holds when nothing is set: DESIGN's table of defaults. */
void host_init(Host *h);
/* The same of an agent's keys: an option that says what a helper does anyway can be left out. */
const Agent *agent_built_in(void);

/* Where a key was set, by its offset in Agent; file NULL when the default holds. */
Place agent_place(const Agent *a, size_t offset);
/* The same; when it is not set, the header of its section, or the file. */
Place agent_place_near(const Agent *a, size_t offset, SectionId section);
#define AGENT_PLACE(a, field) agent_place((a), offsetof(Agent, field))

/* The values that depend on others, in one place for all who ask. */
Notify agent_notify(const Agent *a);
/* Whether fte-health-gate has something to ask: a URL, a heartbeat file or a command. */
bool agent_has_probe(const Agent *a);
/* When=; a job runs again by its schedule and not before. */
RestartWhen agent_restart_when(const Agent *a);
/* What systemd waits for a start: StartTimeout=, or a job's TimeLimit=. */
uint64_t agent_start_limit_usec(const Agent *a);
/* Schedule= as an interval; 0: it is a calendar expression, or there is none. */
uint64_t agent_interval_usec(const Agent *a);
/* How long after its time a run may still lack success. */
uint64_t agent_overdue_usec(const Agent *a);
/* The account the agent runs as, and the group it gets with a user that is made for it. */
const char *agent_user(const Agent *a);
const char *agent_group(const Agent *a);
/* The name of a sandbox profile's file, without .conf. */
const char *profile_to_string(int profile);
/* -EINVAL: no profile is called so. */
int profile_from_string(const char *name);
/* As Build= has it. */
const char *build_to_string(int build);
/* Whether /etc/NAME/.env or another file is to be loaded. */
bool agent_has_env_file(const Agent *a);
/* In how many steps the delay grows to MaxDelay=; 0: it does not grow. */
uint64_t agent_restart_steps(const Agent *a);
/* The time in which Burst= failed rounds fit, with a margin: what Window= must be at least. */
uint64_t agent_window_min_usec(const Agent *a);
/* Window=, or by default that minimum. */
uint64_t agent_window_usec(const Agent *a);
/* The watchdog behind the health probes, or Watchdog= of an agent that feeds it; 0 for none. */
uint64_t agent_watchdog_usec(const Agent *a);
