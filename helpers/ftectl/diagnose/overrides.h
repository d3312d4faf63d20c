/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Settings of the generated unit that a drop-in of somebody else undoes. Pure: works on the texts
 * of the files, in the order in which systemd applies them.
 */

#include "base/arena.h"

typedef struct UnitText {
        const char *path;
        const char *text;
        bool ours; /* made or linked by the generator */
} UnitText;

typedef struct Override {
        const char *key;
        const char *rendered; /* what the unit of ours says */
        const char *loaded;   /* what holds; "" reset */
        const char *file;
        unsigned line;
        const char *requirement; /* that it breaks */
} Override;

#define OVERRIDES_MAX 16

/* Fills ret, of OVERRIDES_MAX, and returns how many there are, or -ENOMEM. */
int overrides_find(const UnitText *files, size_t n, Arena *arena, Override *ret);
