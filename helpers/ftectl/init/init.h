/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Between the files of ftectl init: what is to be written, and what is said about it.
 */

#include "ftectl/arguments.h"
#include "ftectl/shared/json.h"
#include "import.h"

typedef struct Init {
        const Arguments *args;
        const char *name;
        Arena arena;
        Facts facts;
        int root_fd;
        UnitSource source; /* with --from */
        Import import;
        Draft draft;
        StrBuf text, env_text; /* of the files; the latter is wiped at the end */
        const char *file,
                *env_file; /* as the running system calls them; env_file NULL: none is written */
        bool env_file_is_kept;
        bool unit_is_in_the_way; /* the old unit has the name that the agent is to get */
        const char **steps;      /* what to type next, NULL-terminated */
        size_t n_errors;         /* of lint */
} Init;

/* init/check.c: takes back what came from the old unit and the whole configuration refuses. */
int init_take_back(Init *in);

/* init/files.c: writes both files, neither over another. Says what is wrong. */
int init_write(const Init *in);

/* init/show.c */
int init_make_steps(Init *in);
void init_show(const Init *in);
/* Prints; findings is consumed. */
int init_show_json(const Init *in, json_t *findings);
