/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The processes of a unit: those of its control group and of all groups below it, as the kernel has
 * them. Whoever left the group is no process of the unit. Reads, never signals.
 */

#include <sys/types.h>

#include "base/arena.h"

typedef struct Process {
        pid_t pid;
        pid_t parent;
        uid_t uid, euid;     /* the real and the effective one */
        uint64_t start_usec; /* CLOCK_BOOTTIME; 0: not known */
        const char *command; /* the kernel's short name; arguments could hold a secret */
} Process;

typedef struct ProcessList {
        Process *items; /* by pid */
        size_t n;
        bool cut; /* there are more than PROCESSES_MAX, which are not in it */
} ProcessList;

#define PROCESSES_MAX 4096

/*
 * Those below root ("" for the running system) in the control group that systemd calls cgroup
 * ("/fte.slice/NAME.service"), in an arena. A process that ends meanwhile is left out. -ENOENT:
 * there is no such group, so nothing runs; -ENOMEM and errors of reading.
 */
int processes_of_cgroup(const char *root, const char *cgroup, Arena *arena, ProcessList *ret);

/* One process; -ESRCH when there is none. */
int process_read(const char *root, pid_t pid, Arena *arena, Process *ret);

/*
 * Opens the control group in whatever hierarchy this host has: the unified one, alone or beside the
 * old ones, or systemd's own. -ENOENT: there is none of that name.
 */
int cgroup_open(const char *root, const char *cgroup);
