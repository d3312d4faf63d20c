/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where a unit of somebody else's lies, and all that it says: its own file and its drop-ins, merged
 * as systemd does (systemd.unit(5)). Read from the files and not over the bus, so that it works
 * below another root and for a unit that is not loaded; reads, never writes.
 */

#include "unit-file.h"

typedef struct UnitSource {
        const char *name; /* "old.service" */
        const char *file; /* of the unit itself, as the running system calls it */
        bool is_installed; /* found by its name, and not given by a path */
        bool is_wanted;    /* by a target: it starts at boot */
        char **drop_in_dirs; /* of this unit alone, that exist; NULL-terminated */
        char **wanted_by;    /* targets that want it */
        UnitSettings settings;
} UnitSource;

/*
 * Finds word, which is the name of a unit (".service" may be left out) below root or the path of a
 * file, and reads it. Strings are in the arena. Says what is wrong; negative errno.
 */
int unit_source_read(const char *root, const char *word, Arena *arena, UnitSource *ret);
