/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A growing list of the configuration files that stand in directories: NAME.conf, and NAME.conf.d
 * for its fragments. Hidden files and everything else are passed over.
 */

#include "base/arena.h"

typedef struct ConfigEntry {
        uint64_t prefix;   /* the name's first bytes, as a number that sorts as they do */
        const char *name;  /* of the file, without .conf */
        unsigned char dir; /* index into the search path: the first directory that has it */
        unsigned char type; /* DT_* */
        unsigned char fragment_dirs; /* bit per directory of the search path with NAME.conf.d */
        uint32_t given; /* 1 + index of the path that was given for it; 0: it was found */
        /*
         * Of an instance: the name of its template, whose file and fragments the fields above are,
         * and its own fragments.
         */
        const char *template_name;
        unsigned char own_fragment_dirs;
        bool is_wanted;      /* it is in Instances= */
        bool fragments_only; /* there is no file, until its template is found */
        const char *clash;   /* the agent or template that has the same directories, or NULL */
} ConfigEntry;

typedef struct Entries {
        ConfigEntry *items;
        size_t n, size;
} Entries;

/*
 * Adds the NAME.conf, and with want_fragments the NAME.conf.d, of the directory that is number
 * index of the search path. Names are copied into the arena. Returns 0 or a negative errno.
 */
int entries_list_dir(Entries *entries, int dir_fd, unsigned char index, bool want_fragments,
                     Arena *arena);

/* What ConfigEntry.prefix is of a name. */
uint64_t entry_prefix(const char *name, size_t len);

/* By name; of the same name files before fragment directories, then by index. */
void entries_sort(Entries *entries);
void entries_done(Entries *entries);
