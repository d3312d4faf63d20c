/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The environment the agent will see: what systemd passed, overlaid with --set= and that with the
 * env file. Borrows the strings of all, so all must outlive it.
 */

#include "base/env-file.h"

typedef struct Environment {
        const EnvFile *file; /* may be NULL */
        char *const *set;    /* or NULL */
        char *const *inherited;
} Environment;

/* The value of a name: the file's, else the one set, else the inherited one, else NULL. For
 * ExpandLookup, too. */
const char *environment_get(const void *environment, const char *name, size_t name_len);

/* The array for execve(), to be freed (not the strings), or NULL when memory is out. */
char **environment_merge(const Environment *e);
