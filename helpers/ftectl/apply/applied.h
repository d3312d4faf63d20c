/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The configuration as of the last good apply, kept whole in /var/lib/fte/applied: what ftectl
 * apply puts back. Each set is a directory of its own and a link says which one holds, so that a
 * power cut leaves the old set or the new one.
 */

#include "ftectl/shared/file-set.h"

#define APPLIED_DIRECTORY "/var/lib/fte/applied"

typedef struct Applied {
        int dir_fd;
        uint64_t number;    /* of the set; 0: there has been none */
        uint64_t time_usec; /* CLOCK_REALTIME, when it was made; 0 */
        FileSet files;
        char **agents; /* by name, NULL-terminated: those that were applied well; in files.arena */
        size_t n_agents;
        char **links; /* pairs of an agent and a plugin of the admin's that it had; NULL: none */
} Applied;

#define APPLIED_CLOSED ((Applied){ .dir_fd = -EBADF })

/*
 * Reads the set that holds, below root. make: the directories are made where they are missing (else
 * that is as an empty set). A set that is damaged is as none. -EROFS, -EACCES … of the system.
 */
int applied_open(Applied *a, const char *root, bool make);
void applied_close(Applied *a);

bool applied_has_agent(const Applied *a, const char *name);

/* Whether the agent had that plugin ("plugins/x.conf") when it was last well. */
bool applied_has_link(const Applied *a, const char *agent, const char *plugin);

/*
 * Makes files, agents (sorted) and links the set that holds. What has not changed shares its bytes with
 * the set before; nothing at all is written when there is no difference.
 */
int applied_commit(Applied *a, const FileSet *files, char *const *agents, size_t n_agents,
                   char *const *links);
