/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What ftectl diagnose has seen of an agent: plain facts, collected once, from which the rules
 * (rules.h) draw their conclusions without looking at anything again. Whatever cannot be told is
 * UNKNOWN, NULL or "". Strings live in the arena of the collection.
 */

#include "config/load.h"

#include "base/sockets.h"
#include "ftectl/arguments.h"
#include "ftectl/lint/lint.h"
#include "ftectl/shared/log-lines.h"
#include "ftectl/shared/mounts.h"
#include "ftectl/status/status.h"
#include "overrides.h"
#include "symptoms.h"

#define EVIDENCE_PATHS_MAX   24
#define EVIDENCE_RECENT_USEC (15 * 60 * USEC_PER_SEC) /* so long a restart is not forgotten */

typedef struct UnitFacts {
        const char *load, *active, *sub, *result, *fragment, *status_text, *control_group,
                *invocation;
        char **dropins;
        uint64_t restarts, main_pid, exec_code,
                exec_status; /* code as in siginfo_t: CLD_EXITED … */
        uint64_t start_usec; /* CLOCK_REALTIME of the last main process */
        uint64_t active_usec, inactive_usec;
        uint64_t memory_max_bytes, tasks_max, open_files_max, start_limit_burst;
        uint64_t need_reload; /* 1: yes */
        bool known;           /* systemd was asked, and answered */
} UnitFacts;

typedef enum PathRole {
        PATH_STATE,
        PATH_LOGS,
        PATH_PROGRAM,
        PATH_WORK,  /* WorkingDirectory= */
        PATH_NAMED, /* by a symptom */
        PATH_CERTIFICATE,
} PathRole;

typedef struct PathFact {
        PathRole role;
        const char *path;
        const Symptom *symptom; /* that names it, or NULL */
        int error;              /* of root's look at it: -ENOENT … */
        /* the first part of it that the agent's user may not use as it has to, NULL: none */
        const char *stop;
        const char *stop_owner;
        unsigned stop_mode;
        bool stop_is_dir, stop_is_foreign;   /* owned by another user */
        const char *foreign, *foreign_owner; /* one below it that is not the user's; NULL */
        bool foreign_is_denied;              /* and whose mode keeps the user out */
        uint64_t n_foreign;
        const Mount *mount;
        uint64_t free_bytes, free_inodes, size_bytes; /* for users other than root */
} PathFact;

typedef struct Certificate {
        const char *path;
        int error;                  /* -ENOENT: no such file; -EBADMSG: no certificate; 0 */
        int64_t begin_sec, end_sec; /* CLOCK_REALTIME */
} Certificate;

typedef enum ProbeState {
        PROBE_STATE_NONE, /* there is nothing to probe */
        PROBE_STATE_GOOD,
        PROBE_STATE_REFUSED, /* nobody takes the connection */
        PROBE_STATE_SILENT,  /* it is taken and not answered in time */
        PROBE_STATE_BAD,     /* it is answered, and not well */
} ProbeState;

typedef struct Evidence {
        const char *root, *name;
        const Agent *agent;
        Generator generator;  /* what the agent lives in */
        uint64_t config_usec; /* its newest change */
        Arena *arena;
        uint64_t now_usec;

        UnitFacts unit;
        bool masked_in_etc;
        bool is_stub_loaded;

        /* of a job */
        JobRun run;        /* ended_usec 0: it has not run yet */
        JobWatch watch;    /* due_usec 0: nobody has looked yet */
        const char *timer; /* the active state of its timer; "" unknown */

        /* the account */
        const char *user;
        uint64_t uid, gid; /* UNKNOWN: there is none */

        /* the configuration */
        ConfigState config;
        ConfigLook look;           /* while the configuration is read */
        const char *config_change; /* of CONFIG_RESTART: what is different; NULL */
        const char *config_file;   /* that is newer, or has the first error */
        size_t n_errors;
        const char *first_error;
        Override overrides[OVERRIDES_MAX];
        size_t n_overrides;

        /* the log */
        char **lines; /* of the last run, and before them of the one before when it failed; NULL */
        bool lines_are_safe;      /* they may be shown */
        const char *lines_reason; /* why there are none */
        Symptoms symptoms;
        const char
                *denied_call; /* a system call by name or number, from the kernel or a traceback */

        /* files */
        ProgramFault faults[PROGRAM_FAULTS_MAX];
        size_t n_faults;
        const char *venv; /* the directory of the program's; NULL: none */
        PathFact paths[EVIDENCE_PATHS_MAX];
        size_t n_paths;
        Mounts mounts;
        const char *env_problems; /* lines of the precheck, "" */
        Certificate certificate;

        /* the network */
        HealthUrl url;
        bool has_url;
        ProbeState probe;
        const char *probe_text; /* "status 503, expected 200" */
        Listeners listeners;
        const char *unresolved; /* a name that does not resolve now; NULL */
        const char *name_servers;

        /* the kernel */
        uint64_t oom_kills, memory_peak_bytes,
                tasks_refused; /* of the cgroup, while there is one */

        /* the clock */
        bool clock_synchronized;
        uint64_t clock_floor_usec; /* it cannot be earlier than that */
} Evidence;

/* Looks at everything. Changes nothing. Negative: it cannot even begin, and that is logged. */
int evidence_collect(Evidence *e, const Arguments *a); /* e->arena is the caller's, the rest zero */
void evidence_done(Evidence *e);

/* As fsat_read() below the root, of what a path leads to: drop-ins and resolv.conf are links. */
ssize_t evidence_read_file(const Evidence *e, const char *path, char *buf, size_t size_bytes);

/* The parts of it (evidence-*.c). */
int evidence_ask_systemd(Evidence *e);
int evidence_read_log(Evidence *e);
int evidence_look_at_paths(Evidence *e);
int evidence_read_dropins(Evidence *e);
int evidence_look_at_network(Evidence *e);
void evidence_look_at_job(Evidence *e);
void evidence_look_at_kernel(Evidence *e);
void evidence_read_certificate(Evidence *e);

/* ---- what all rules ask ---- */

/* systemd says active, and the health URL answers well. */
bool evidence_is_well(const Evidence *e);
/* A run of the job was due, and has not ended well in its time. */
bool evidence_is_overdue(const Evidence *e);
/* It has been started just now, and may be well in a moment. */
bool evidence_is_starting(const Evidence *e);
/* It runs well now and did not a short time ago. */
bool evidence_has_recovered(const Evidence *e);
/* The fact about a path of that role, or NULL. */
const PathFact *evidence_path(const Evidence *e, PathRole role);
/* The agent's own unit, for whom a socket belongs to. */
bool evidence_is_own_unit(const Evidence *e, const char *unit);
