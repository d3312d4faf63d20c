/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is done to the code of a release, inside the sandbox of its build: unpack it, and make it
 * run, with the programs that its language has for that. Their output is the build's.
 */

#include "base/arena.h"
#include "config/model.h"

#define BUILD_EXIT_REFUSED 65 /* the source: damaged, hostile, too large, lacking something */
#define BUILD_EXIT_FAILED  70 /* a program of the build */

typedef struct BuildRun {
        const char *dir; /* of the release, where it will be used: a venv has its path inside */
        Build kind;
        bool flatten; /* a directory around all is left out */
        uint64_t bytes_max, files_max;
        /* inside */
        int dir_fd;
        const char *wheel; /* a wheel was given: its name below wheels/ */
        Arena arena;
} BuildRun;

/* Reads the source from standard input, a file. An exit status; prints. */
int build_run(BuildRun *b);

/* build.c: runs a program of the system and waits; prints its words first. Its exit status. */
int build_program(const char *const *argv);
bool build_has(const BuildRun *b, const char *path);
/* Where the program is, of those that root installs; NULL: it is not. */
const char *build_find_program(const char *name);

/* python.c and node.c: whether the code is of that kind, and an exit status. */
bool python_is_wanted(const BuildRun *b);
int python_build(BuildRun *b);
bool node_is_wanted(const BuildRun *b);
int node_build(BuildRun *b);
