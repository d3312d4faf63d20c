/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The reading of what load.c has found: a file, and the fragments of one. For load.c and read.c;
 * everybody else reads an agent, by config_read_agent().
 */

#include "config/ini.h"
#include "config/load.h"

#define CONFIG_BUF_BYTES (INI_FILE_BYTES_MAX + 2)

typedef struct ConfigFile {
        int dir_fd;
        const char *path;   /* relative to it */
        unsigned char type; /* DT_* */
        const char *shown;  /* the path that messages and SourcePath= name; NULL is -ENOMEM */
} ConfigFile;

/* NAME.conf.d, in those directories of the search path that have a bit. */
typedef struct Fragments {
        const char *name;
        unsigned char dirs;
} Fragments;

/*
 * Reads a file into the agent, or when it is NULL into the host. What is wrong with the file is
 * added to the problems. Returns 0 or -ENOMEM.
 */
int config_read_file(Config *c, const ConfigFile *f, Agent *agent, Problems *problems);

/*
 * The same for each fragment by name. One of one name may be in several directories; the first
 * counts, and may be a mask. Strings go to the problems' arena.
 */
int config_read_fragments(Config *c, const Fragments *in, Agent *agent, Problems *problems);
