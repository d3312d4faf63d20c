/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The way to the service manager, for every subcommand that asks or tells it something.
 */

#include <systemd/sd-bus.h>

#include "base/macro.h"

#define BUS_SYSTEMD      "org.freedesktop.systemd1"
#define BUS_MANAGER_PATH "/org/freedesktop/systemd1"

#define BUS_MANAGER    BUS_SYSTEMD ".Manager"
#define BUS_UNIT       BUS_SYSTEMD ".Unit"
#define BUS_SERVICE    BUS_SYSTEMD ".Service"
#define BUS_PROPERTIES "org.freedesktop.DBus.Properties"

/* As root directly, as systemctl does: no broker on the way. Others over the system bus. */
int bus_open(sd_bus **ret);
/* The same of the system below root; only a test has such a one, with a manager that is made up. */
int bus_open_below(const char *root, sd_bus **ret);

/* A unit as systemd lists it; the strings live only during the visit. */
typedef struct UnitRow {
        const char *unit, *load, *active, *sub, *object;
} UnitRow;

/*
 * Visits all units that are loaded and whose names match, in one call. Negative errno, also when a
 * visit returns it.
 */
int bus_visit_units(sd_bus *bus, const char *pattern,
                    int (*visit)(void *userdata, const UnitRow *row), void *userdata);

/* One property of a unit that is text; the caller frees it. Negative errno of sd-bus. */
int bus_unit_string(sd_bus *bus, const char *unit, const char *interface, const char *property,
                    char **ret);

static inline void bus_donep(sd_bus **bus) {
        sd_bus_flush_close_unref(*bus);
}

static inline void bus_message_donep(sd_bus_message **m) {
        sd_bus_message_unref(*m);
}

#define _cleanup_bus_         _cleanup_(bus_donep)
#define _cleanup_bus_message_ _cleanup_(bus_message_donep)
