/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Restored data in place of an agent's data, all of it or nothing, whenever the power goes: beside
 * each path a directory of root's alone holds the other data, one rename exchanges the two, and a
 * file says how far it is. What that file says is always undone, never guessed at.
 */

#include "base/strbuf.h"

#include "job.h"
#include "manifest.h"

#define SWAP_PATHS_MAX INFO_PATHS_MAX

typedef enum SwapPhase {
        SWAP_EXTRACTING, /* the agent's data have not been touched */
        SWAP_SWAPPING,   /* any of the paths may have been exchanged */
        SWAP_TRIAL,      /* all have been, and the agent is to show whether it can live with it */
        SWAP_DONE,       /* it can: what is left is to put away what was before */
        _SWAP_PHASE_MAX,
} SwapPhase;

typedef struct SwapPath {
        const char *path; /* of the agent's data, as it is configured */
        const char *real; /* the same without links */
        const char *base; /* the last part of that */
        int parent_fd, container_fd;
        uint64_t inode; /* of the restored data; 0: not known yet */
        bool had_old;   /* there was something to exchange it with */
} SwapPath;

typedef struct Swap {
        const Job *job;
        SwapPhase phase;
        bool was_active; /* the agent ran before */
        bool was_loaded; /* by swap_load(): who began it was interrupted */
        SwapPath paths[SWAP_PATHS_MAX];
        size_t n;
        Arena arena;
} Swap;

/* What restored data are called in a container. */
#define SWAP_DATA "data"

/* Each of these logs what goes wrong. */

/* For the paths of the archive, which must be the agent's: makes the containers. */
int swap_prepare(Swap *s, const Job *j, const Info *info);
/* To be called when data are in the containers and on the disk; then the agent may be stopped. */
int swap_begin(Swap *s, bool was_active);
int swap_exchange(Swap *s);
/*
 * Back to what was; also of what was read by swap_load(), and then what the agent has written
 * during the trial is kept beside it. Not when it is done.
 */
int swap_undo(Swap *s);
/* The restored data stay; also what was read by swap_load() and is done. What was before is kept
 * beside them, under the name in *ret (the first's). */
int swap_keep(Swap *s, StrBuf *ret);
void swap_done(Swap *s);

/* 1: a restore was interrupted, and is in *s. 0: none was. */
int swap_load(Swap *s, const Job *j);
