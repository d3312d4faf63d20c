/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reads unit files that somebody else wrote, by the rules of systemd.syntax(7), as lenient as
 * systemd is: what it would pass over is remembered as such and nothing stops the reading. Knows
 * lines, sections and keys; what they mean is the affair of import.c. Pure.
 */

#include "config/problem.h"

#define UNIT_FILE_BYTES_MAX ((size_t) 1024 * 1024)

typedef struct UnitSetting {
        const char *section; /* "" before the first header */
        const char *key;     /* NULL: a line that is no assignment */
        const char *value;   /* continuation lines joined, without white space around it */
        Place place;
        struct UnitSetting *next;
} UnitSetting;

/* The settings of a unit in the order in which systemd applies them. */
typedef struct UnitSettings {
        UnitSetting *first, **tail;
        size_t n;
} UnitSettings;

/*
 * Adds the settings of one file. file must live as long as they, which are in the arena. -EBADMSG:
 * the text holds a NUL; -ENOMEM.
 */
int unit_file_parse(const char *text, size_t len, const char *file, Arena *arena, UnitSettings *s);

/* What "%x" in a unit means, or NULL when only a running systemd could tell. */
typedef struct UnitSpecifiers {
        const char *unit;  /* "old.service", "old@instance.service" */
        const char *user;  /* the account that the unit runs as */
        const char *home;  /* of that account; NULL: unknown */
} UnitSpecifiers;

/*
 * A value with its specifiers replaced, in the arena. -ENOKEY: it has one that cannot be told here,
 * and *ret_letter is it; -EINVAL: a "%" at the end; -ENOMEM.
 */
int unit_specifiers_expand(const char *value, const UnitSpecifiers *s, Arena *arena, char **ret,
                           char *ret_letter);
