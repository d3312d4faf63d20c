/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Between the files of ftectl lint: what is found, and the run that it is found in.
 */

#include <stdio.h>

#include "generate.h"

#include "ftectl/arguments.h"
#include "ftectl/shared/json.h"

typedef struct Finding {
        bool is_error;
        Place place;
        const char *section, *key; /* or NULL */
        const char *message;       /* "what is wrong; what to do" */
        const char *id;            /* of a warning: its row */
} Finding;

/* Where findings go: printed as they come, or collected as JSON. */
typedef struct Report {
        const char *root;
        char *const *files; /* given paths, which stand for /etc/fte/NAME.conf */
        FILE *out;
        json_t *findings; /* NULL: print */
        bool once;        /* the same files are read twice: what both runs find is told once */
        size_t n_errors, n_warnings;
        char *text;  /* scratch: a file */
        StrBuf told; /* of templates, whose instances have the same findings; with once of all */
        Arena arena; /* of one finding */
} Report;

void report_add(Report *r, const Finding *f);
/* Each as an error. */
void report_add_problems(Report *r, const Problems *problems);
/* How many there were, in a line. */
void report_summary(const Report *r, size_t n_agents);
void report_done(Report *r);

/* The file that the configuration calls shown ("/etc/fte/a.conf"): below the root, or as given. */
const char *report_path(Report *r, const char *shown);

/* What is wrong with the program of an agent. */
typedef enum ProgramPart {
        PROGRAM_ITSELF,
        PROGRAM_INTERPRETER,
        PROGRAM_VENV_HOME,
        PROGRAM_ARGUMENT,
} ProgramPart;

typedef enum FaultKind {
        FAULT_MISSING,
        FAULT_HIDDEN, /* by the sandbox */
        FAULT_NOT_EXECUTABLE,
        FAULT_OTHER,
} FaultKind;

typedef struct ProgramFault {
        ProgramPart part;
        FaultKind kind;
        const char *path, *message;
} ProgramFault;

#define PROGRAM_FAULTS_MAX 4

/* The directories that the sandbox hides from an agent, NULL-terminated. */
const char *const *lint_hidden_from(const Agent *a);

/* Runs every row of the table of warnings for an agent that has no errors. */
typedef struct Warner {
        const Agent *agent;
        const char *root;
        int root_fd;
        Report *report;
        Arena *arena;            /* of this agent */
        const char *id;          /* of the row that runs */
        const char *interpreter; /* lint_interpreter() */
        bool knows_interpreter;
        ProgramFault *faults; /* instead of reporting what lint_check_program() finds: room for
                                 PROGRAM_FAULTS_MAX */
        size_t n_faults;
} Warner;

void lint_warn_all(Warner *w);

/* For the rows: at a key, or where it would stand. */
#define WARN(w, SECTION, key, field, ...)                                                   \
        warner_add((w), SECTION_##SECTION, key,                                             \
                   agent_place_near((w)->agent, offsetof(Agent, field), SECTION_##SECTION), \
                   arena_printf((w)->arena, __VA_ARGS__))
void warner_add(Warner *w, SectionId section, const char *key, Place place, const char *message);

/* What a program's files say (lint/program.c); all in the arena. */
/* A name without a slash as a path, or NULL: no directory of the PATH of services has it. */
const char *program_find(Warner *w, const char *name);
/*
 * The interpreter that a script's first line names: a path, or a name that env does not find. NULL
 * when it is no script.
 */
const char *program_interpreter(Warner *w, const char *path);
/* What "home = DIR" of the venv beside the program says, or NULL: the standard library is there. */
const char *program_venv_home(Warner *w, const char *program);

/* The rows about paths (lint/paths.c). */
void lint_check_program(Warner *w);
void lint_check_other_programs(Warner *w); /* of the health check, of that of a release */
void lint_check_arguments(Warner *w);
/* What the first line of the program names, in the arena, or NULL. */
const char *lint_interpreter(Warner *w);
void lint_check_mounts(Warner *w);
void lint_check_log_space(Warner *w);
void lint_check_alert_files(Warner *w);
void lint_check_mailer(Warner *w);
void lint_check_env_file(Warner *w);
void lint_check_backup_files(Warner *w);
void lint_check_backup_program(Warner *w);

/* Whether profile and plugins fit the program (lint/sandbox.c). */
void lint_check_jit(Warner *w);
void lint_check_browser(Warner *w);
void lint_check_browser_memory(Warner *w);
void lint_check_browser_host(Warner *w);
void lint_check_npx(Warner *w);
void lint_check_gpu(Warner *w);

/* What is around the agent (lint/host.c). */
void lint_check_proxy_programs(Warner *w);
void lint_check_proxy_files(Warner *w);
void lint_check_proxy_hsts(Warner *w);
void lint_check_proxy_bypass(Warner *w);
/* A setting of the kernel that gives user name spaces to nobody but root. */
typedef struct UsernsSetting {
        const char *name, *path; /* as in sysctl.d(5), and relative to the root */
        const char *bad, *good;
        const char *or_else; /* another way than good, or "" */
} UsernsSetting;

extern const UsernsSetting userns_settings[]; /* the last one has no name */
bool userns_is_refused(const Warner *w, const UsernsSetting *s);

/* The agents of a person (lint/user.c). */
void lint_check_user_namespaces(Warner *w);
void lint_check_lingering(Warner *w);
void lint_check_user_limits(Warner *w);
/* Times and sockets (lint/kind.c). */
void lint_check_schedule(Warner *w);
void lint_check_restart_gap(Warner *w);
/* [SSH] and [Firewall] of fte.conf. */
void lint_warn_host(const Config *c, Report *report);

/* lint/accounts.c: behind a run over all agents. */
void lint_warn_accounts(Generator *g, Report *report);

/* What would be made: the files of the plan from a group on, which are one agent's while it is
 * told. */
void plan_show(const Plan *p, uint32_t from_group, FILE *out);
json_t *plan_to_json(const Plan *p, uint32_t from_group);

/*
 * All about one installed agent: printed, or added to findings unless that is NULL. Negative errno.
 */
int lint_named(const char *root, char *name, json_t *findings, size_t *ret_errors);

typedef struct PlanDiff {
        const Plan *plan;
        uint32_t from_group;
        const char *agent; /* whose old files count; NULL: those of agents that are gone */
} PlanDiff;

/* The difference to what systemd has loaded, below root; how many files differ. */
size_t plan_diff(const PlanDiff *what, const char *root, FILE *out, json_t *changes);
