/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The connection of bus.h.
 */

#include <stdio.h>

#include "base/scope.h"
#include "bus/bus.h"

static int open_address(const char *address, sd_bus **ret) {
        sd_bus *bus = NULL;
        int r = sd_bus_new(&bus);

        if (r >= 0)
                r = sd_bus_set_address(bus, address);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r < 0)
                sd_bus_unref(bus);
        else
                *ret = bus;
        return r;
}

static int open_direct(const char *root, sd_bus **ret) {
        char address[128];

        if (snprintf(address, sizeof(address), "unix:path=%s/run/systemd/private", root) >=
            (int) sizeof(address))
                return -ENAMETOOLONG;
        return open_address(address, ret);
}

int bus_open(sd_bus **ret) {
        if (scope->is_user) /* a person may have no bus at all, but their manager listens */
                return open_address(scope->manager_address, ret);
        if (geteuid() == 0 && open_direct("", ret) >= 0)
                return 0;
        return sd_bus_open_system(ret);
}

int bus_visit_units(sd_bus *bus, const char *pattern,
                    int (*visit)(void *userdata, const UnitRow *row), void *userdata) {
        _cleanup_bus_message_ sd_bus_message *m = NULL;
        int r;

        /* A pattern for each of a thousand agents would be tried on each unit. */
        r = sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_MANAGER,
                               "ListUnitsByPatterns", NULL, &m, "asas", 0, 1, pattern);
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "(ssssssouso)");
        while (r > 0) {
                UnitRow row;

                r = sd_bus_message_read(m, "(ssssssouso)", &row.unit, NULL, &row.load, &row.active,
                                        &row.sub, NULL, &row.object, NULL, NULL, NULL);
                if (r > 0) {
                        int k = visit(userdata, &row);

                        r = k < 0 ? k : r;
                }
        }
        return r;
}

int bus_unit_string(sd_bus *bus, const char *unit, const char *interface, const char *property,
                    char **ret) {
        _cleanup_free_ char *object = NULL;
        int r = sd_bus_path_encode(BUS_MANAGER_PATH "/unit", unit, &object);

        return r < 0 ? r
                     : sd_bus_get_property_string(bus, BUS_SYSTEMD, object, interface, property,
                                                  NULL, ret);
}

int bus_open_below(const char *root, sd_bus **ret) {
        return *root ? open_direct(root, ret) : bus_open(ret);
}
