/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Files of /etc/fte put back, in two steps that a power cut may come between: first the edit is
 * saved below /var/lib/fte/rejected, with what is to be put back beside it, and a link says that
 * this is on its way; then the files are replaced, one after the other, each whole or not at all.
 */

#include "ftectl/shared/file-set.h"

#define REJECTED_DIRECTORY "/var/lib/fte/rejected"
#define RESTORE_KEEP       5 /* edits of an agent, and of the host */

typedef struct Restore {
        int root_fd, etc_fd;
        const char *name;          /* of the agent, or FILE_SET_HOST */
        const char *const *groups; /* whose files */
        size_t n_groups;
        const FileSet *good; /* what is to be put back is in it */
        const FileSet *edit; /* what was in /etc/fte before anything was put back */
        Arena *arena;
        /* results */
        const char *directory; /* with "rejected" and "applied" in it */
        const char *was_link;  /* a file that was a link, and is none any more; or NULL */
        int dir_fd;
} Restore;

bool restore_has_group(const Restore *r, const char *group);
/* Nothing in /etc/fte is touched yet. Older edits than the newest few are removed. */
int restore_save(Restore *r);
int restore_put_back(Restore *r);
void restore_done(Restore *r);

/*
 * Finishes what was interrupted, but for files that were changed since. Returns 1 and where the
 * edit is, 0 when there is nothing to finish.
 */
int restore_resume(int root_fd, int etc_fd, Arena *arena, const char **ret_directory);
