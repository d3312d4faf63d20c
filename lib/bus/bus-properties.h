/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The properties of an object of D-Bus as the fields of a struct: one call brings all of an
 * interface, and the rows of a table say which are kept, and where.
 */

#include "base/arena.h"

#include "bus.h"

typedef struct BusProperty {
        const char *name;
        /*
         * Of D-Bus: s, a const char *; u, t, i and b, a uint64_t; "A" for as, a char ** that ends
         * with NULL; "Y" for an ay of 16 bytes, an ID, as 32 hexadecimal digits; "J" for the (uo)
         * of a job, its number.
         */
        char type;
        size_t offset;
} BusProperty;

typedef struct BusPropertyTable {
        const char *interface;
        const BusProperty *rows;
        size_t n;
} BusPropertyTable;

/* Nothing is known yet: "", UINT64_MAX, an empty list. */
void bus_properties_clear(const BusPropertyTable *table, void *ret);

/*
 * Fills in what the object has of the rows; the rest stays as it is. Strings and lists are the
 * arena's. Negative errno of the call, -ENOMEM; then some may be filled in.
 */
int bus_properties_read(sd_bus *bus, const char *object, const BusPropertyTable *table,
                        Arena *arena, void *ret);
