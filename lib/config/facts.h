/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the rules need to know of the host: its accounts, the names of its units, the plugins that
 * are installed. Read once, from files only (a generator has no NSS and no bus), then asked often.
 */

#include <sys/types.h>

#include "config/model.h"

typedef struct Account {
        const char *name;
        uint64_t uid, gid;
        const char *home, *shell;
} Account;

typedef struct Group {
        const char *name;
        uint64_t gid;
} Group;

typedef struct NameSet {
        const char **items; /* sorted */
        size_t n, size;
} NameSet;

typedef struct Facts {
        Account *accounts; /* sorted by name */
        size_t n_accounts, size_accounts;
        Group *groups; /* sorted by name */
        size_t n_groups, size_groups;
        NameSet units;                           /* in /etc, /run and /usr; masks are not in it */
        NameSet plugins;                         /* full paths, the admin's and ours */
        NameSet odd_plugins;                     /* those that are no regular file with content */
        const char *profile_paths[_PROFILE_MAX]; /* of the sandbox profiles; NULL: not installed */
} Facts;

/* Reads below root_fd. What is missing is taken for empty. Returns 0 or -ENOMEM. */
int facts_load(Facts *f, int root_fd, Arena *arena);
void facts_done(Facts *f);

/* NULL when /etc/passwd has no such account. */
const Account *facts_account(const Facts *f, const char *name);
/* NULL when /etc/group has no such group. */
const Group *facts_group(const Facts *f, const char *name);
/* Whether a unit of that name stands in a directory that is searched for units. */
bool facts_unit_exists(const Facts *f, const char *unit);
/* The same for a unit that is no service, by a look at the disk. */
bool facts_unit_file_exists(int root_fd, const char *unit);
/*
 * Whether the admin's unit of that name is a copy of the one we generate from source_path, as
 * "systemctl edit --full" makes it: then it replaces ours on purpose.
 */
bool facts_unit_is_copy_of(int root_fd, const char *unit, const char *source_path);
/*
 * Whether opening path for reading can wait for ever (a fifo, a device): systemd itself opens the
 * env file, before any program of ours could look, and would sit there until the start times out.
 */
bool facts_file_blocks(int root_fd, const char *path);
/* The file a plugin is linked from, the admin's before ours; NULL when there is none, or
 * when the first of that name is no regular file. */
const char *facts_plugin_path(const Facts *f, const char *name);
