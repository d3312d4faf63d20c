/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * ftectl validate, between its files: what a check is, what it gets to look at, what it finds. A
 * check is a row in validate/checks.c; what runs them and what prints them knows nothing of any
 * one.
 */

#include <sys/stat.h>

#include "generate.h"

#include "bus.h"
#include "ftectl/arguments.h"
#include "ftectl/shared/config-state.h"
#include "ftectl/shared/processes.h"

typedef enum Layer {
        LAYER_EXISTENCE = 1,
        LAYER_PERMISSIONS,
        LAYER_FUNCTIONAL,
        LAYER_RESILIENCE,
        LAYER_SECURITY,
        _LAYER_MAX,
} Layer;

typedef enum Verdict {
        VERDICT_NOT_RUN, /* a layer before it failed, or nobody asked for it */
        VERDICT_GOOD,
        VERDICT_BAD,
        VERDICT_SKIPPED, /* it cannot be judged here; seen says why */
} Verdict;

/* Texts live in the subject's arena; NULL where there is nothing to say. None holds a secret. */
typedef struct Finding {
        Verdict verdict;
        const char *seen, *wanted;
        const char *fix; /* commands for a shell of root, joined by " && " */
        uint64_t usec;   /* how long the check took */
} Finding;

typedef struct Subject Subject;

typedef struct Check {
        const char *id;
        const char *also; /* another requirement that the same look proves, or NULL */
        Layer layer;
        const char *title;
        void (*run)(Subject *s, Finding *f);
        bool disruptive;
        const char *fix;      /* when run names none; with {name} and the like, see finding_fix() */
        const char *question; /* of a disruptive one: what it does; {name} as in fix */
        bool of_host;         /* the same for every agent */
        /* Before the question: true, and skipped, when there is nothing to try. */
        bool (*spare)(Subject *s, Finding *f);
        /* Requirements: while one is broken in a layer that ran before, this cannot be judged. */
        const char *needs;
} Check;

extern const Check checks[];
extern const size_t n_checks;

/* What systemd says of a unit; "" and UINT64_MAX where it says nothing. */
typedef struct UnitFacts {
        const char *load, *active, *sub, *result, *fragment, *invocation, *restart, *control_group;
        char **drop_ins, **wanted_by;
        uint64_t job; /* 0: none is waiting or running */
        uint64_t need_reload, burst, window_usec, active_mono_usec, active_usec;
        uint64_t main_pid, main_status, main_start_mono_usec, main_start_usec, restarts;
        uint64_t delay_usec, start_timeout_usec, stop_timeout_usec, watchdog_usec;
        uint64_t memory_max, swap_max, tasks_max;
} UnitFacts;

/* What the journal and the log file have of the run that is on; see validate/log.c. */
typedef struct LogLook {
        bool done;
        int journal_error, file_error; /* 0, or negative errno */
        size_t n_journal;              /* lines that the agent printed */
        uint64_t both_usec;            /* when one that is in both was printed; 0: there is none */
        bool file_grew;                /* since the run began */
} LogLook;

typedef struct Validation {
        const Arguments *args;
        Generator generator;
        Arena arena; /* of the run */
        sd_bus *bus; /* NULL: systemd does not answer */
        int root_fd;
        Subject *subjects;
        size_t n;
        Finding *host_findings; /* by check, of those of the host */
        bool out_of_memory;
} Validation;

/* One agent. */
struct Subject {
        Validation *run;
        const char *name;
        Arena arena;
        Agent agent;
        size_t n_problems;
        const char *problem; /* the first, as text; NULL: none */
        ConfigState config;
        const char *config_change; /* of CONFIG_RESTART: what is different; NULL */
        const Account *account;    /* NULL: there is none */
        gid_t gid;                 /* of its group, when there is the account */
        UnitFacts unit;
        int unit_error;
        LogLook log;
        Finding *findings; /* by check */
        Layer stopped_at;  /* the layer that failed, after which nothing was run; 0 */
};

/* ---- validate/finding.c ---- */

/* seen, as printf. */
void finding_good(Subject *s, Finding *f, const char *format, ...) _printf_(3, 4);
void finding_skip(Subject *s, Finding *f, const char *format, ...) _printf_(3, 4);
/* A further thing that is bad is added to what was seen and wanted before. */
void finding_bad(Subject *s, Finding *f, const char *wanted, const char *format, ...)
        _printf_(4, 5);
/*
 * The command for it; a further one is added. {name}, {user}, {group}, {conf}, {env}, {log}, {data}
 * are the agent's and {1} is path, which may be NULL; all are quoted for a shell.
 */
void finding_fix(Subject *s, Finding *f, const char *template, const char *path);
/* The same, for a text of its own in the subject's arena. */
const char *fill_template(Subject *s, const char *template, const char *path);

/* ---- validate/unit.c ---- */

/* Fills *ret about any unit, in the arena; systemd loads it when it has to. */
int unit_read(sd_bus *bus, const char *unit, Arena *arena, UnitFacts *ret);
bool unit_is_active(const Subject *s);
/* Asks again, after something has changed. */
int subject_read_unit(Subject *s);
/* A method of the manager about a unit: StartUnit, StopUnit, ResetFailedUnit. */
int unit_call(sd_bus *bus, const char *method, const char *unit);

/* ---- what checks share ---- */

/* NAME's log file, or "" with File=none. */
const char *subject_log_file(const Subject *s);
/* One probe as fte-health-gate makes it; text, of 192 bytes, says what came of it. */
bool subject_probe(const Subject *s, char *text);
/* A reason to skip what is only there once it runs, at the latest. */
bool finding_skip_absent(Subject *s, Finding *f);
/* Bad when something below the directory is another user's. */
void finding_foreign(Subject *s, Finding *f, const char *dir);
/* Bad when a file system has no place left for the agent. */
void finding_full(Subject *s, Finding *f, int fd, const char *path);
/* A path of the agent below the root that is looked at. */
int subject_stat(const Subject *s, const char *path, struct stat *ret);
/* The drop-in that sets key of the loaded unit and is not ours, or NULL; in the arena. */
const char *subject_override(Subject *s, const char *key);
/* Proposes to remove it, when there is one. */
void finding_fix_override(Subject *s, Finding *f, const char *key);
/* Bad when the units are not there that back it up: then the package is broken. */
bool finding_no_backups(Subject *s, Finding *f);
/* Proposes what makes the firewall be as fte.conf says. */
void finding_fix_firewall(Subject *s, Finding *f);
/* "program" below the root, as a path for run_program(); NULL when it is not installed. */
const char *subject_tool(const Subject *s, const char *program);

/* ---- validate/kind.c ---- */

/* Whether an agent of this kind has another answer to the check, which is in *f then. */
bool kind_check(Subject *s, const Check *c, Finding *f);

/* ---- the checks, by file ---- */

void check_configuration(Subject *s, Finding *f); /* validate/existence.c */
void check_unit_exists(Subject *s, Finding *f);
void check_account_exists(Subject *s, Finding *f);
void check_log_exists(Subject *s, Finding *f);
void check_data_exists(Subject *s, Finding *f);
void check_env_exists(Subject *s, Finding *f);
void check_env_content(Subject *s, Finding *f);
void check_runbook(Subject *s, Finding *f); /* validate/runbook.c */

void check_processes(Subject *s, Finding *f); /* validate/permissions.c */
void check_log_access(Subject *s, Finding *f);
void check_env_access(Subject *s, Finding *f);
void check_data_access(Subject *s, Finding *f); /* validate/tree.c */
void check_unit_files(Subject *s, Finding *f);  /* validate/trust.c */

void check_wanted(Subject *s, Finding *f); /* validate/functional.c */
void check_healthy(Subject *s, Finding *f);
void check_start_time(Subject *s, Finding *f);
void check_counters(Subject *s, Finding *f);
void check_backup_timer(Subject *s, Finding *f);
void check_limits_loaded(Subject *s, Finding *f); /* validate/loaded.c */
void check_restart_loaded(Subject *s, Finding *f);
void check_log_line(Subject *s, Finding *f); /* validate/log.c */
void check_journal_line(Subject *s, Finding *f);
void check_log_size(Subject *s, Finding *f);
void check_proxy(Subject *s, Finding *f); /* validate/proxy.c */

void check_rights(Subject *s, Finding *f); /* validate/security.c */
void check_exposure(Subject *s, Finding *f);
void check_ssh(Subject *s, Finding *f);      /* validate/ssh.c */
void check_firewall(Subject *s, Finding *f); /* validate/firewall.c */
void check_outside(Subject *s, Finding *f);  /* validate/ports.c */
bool spare_outside(Subject *s, Finding *f);

void check_crash(Subject *s, Finding *f); /* validate/resilience.c */
void check_hog(Subject *s, Finding *f);
void check_loop(Subject *s, Finding *f); /* validate/copies.c */
void check_flood(Subject *s, Finding *f);
void check_secrets(Subject *s, Finding *f);
void check_network(Subject *s, Finding *f);
void check_bad_configuration(Subject *s, Finding *f);
void check_restore(Subject *s, Finding *f);

/* ---- validate/report.c, validate/formats.c: they print ---- */

typedef struct Tally {
        size_t good, bad, skipped;
} Tally;

Tally subject_tally(const Subject *s);
const char *layer_to_string(Layer layer);
const char *verdict_to_string(Verdict v);

int report_text(const Validation *v);
int report_json(const Validation *v);
int report_tap(const Validation *v);
int report_junit(const Validation *v);
/* Text in an XML attribute or element; what XML cannot hold is "?". */
void xml_text(StrBuf *b, const char *s);
/* A description of TAP: no line end, no "#" that would begin a directive. */
void tap_text(StrBuf *b, const char *s);

/* Keeps the report of an agent in /var/lib/fte/reports. 0 or negative errno. */
int report_save(const Subject *s);
