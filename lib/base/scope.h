/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whose agents a program is about: the system's, or one person's (systemd.unit(5) calls the latter
 * user units). What differs between the two is a row here, so that all other code is the same for
 * both. A program is about one of them from its start to its end, so this is the one thing that is
 * global.
 */

#include "base/macro.h"

#define SCOPE_CONFIG_DIRS 5 /* the last one: of a file that was named (load.h) */
#define SCOPE_UNIT_DIRS   8
#define SCOPE_OWN_DIRS    2
#define SCOPE_HOME_BYTES  512

/* With its length, for a generator adds each to every unit. */
typedef struct ScopeText {
        const char *text;
        size_t len;
} ScopeText;

typedef struct Scope {
        bool is_user;
        /* Relative to the root; the first that has a name wins. */
        const char *config_dirs[SCOPE_CONFIG_DIRS];
        const char *config_dir; /* the first of them as people write it, with a slash at the end */
        /* With the slash that a name follows: the admin's first. */
        const char *plugin_dirs[2];
        const char *unit_dirs[SCOPE_UNIT_DIRS]; /* relative to the root; what follows is NULL */
        const char *copy_dirs[2];               /* where "systemctl edit --full" copies units to */
        const char *env_top, *env_suffix;       /* around an agent's directory: its env file */
        const char *reload;                     /* what to type after a change of a file */
        const char *alert_spool, *job_state;
        const char *manager_address; /* for sd-bus: the manager itself, without a broker */
        const char *credentials;     /* where it keeps those of its units */
        const char *runs;            /* where it notes which run of a unit it is */
        const char *output;          /* where the generator writes, without a slash at the end */
        /* Where agents' directories are; of a person's the first that is there. */
        const char *state_dirs[SCOPE_OWN_DIRS], *log_dirs[SCOPE_OWN_DIRS];

        const char *state_top, *logs_top, *runtime_top; /* as in units, with a slash at the end */
        const char *install;                            /* the target that starts agents */
        const char *stub;                               /* what that of a wrong file says first */
        /* Lines of a unit, or their beginnings, which an agent's directory or name follows. */
        ScopeText change, dependencies, service, state, logs, runtime, working, home, log_file,
                hook, ended;
} Scope;

/* The system's unless scope_enter_user() was called. */
extern const Scope *scope;

/*
 * From now on it is about the agents of the person with that home. Once, at the start. NULL: $HOME.
 * -EINVAL when that is no absolute path, or has characters that a path in a unit cannot have;
 * -ENOMEM.
 */
int scope_enter_user(const char *home);

/* "systemctl" or "systemctl --user", and the same for journalctl and ftectl. */
#define SCOPE_SWITCH (scope->is_user ? " --user" : "")
