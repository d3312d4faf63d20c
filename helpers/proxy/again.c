/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * again.h. The timer is restarted, not started: it may be the one that started this run, and then
 * it is still active.
 */

#include "bus/bus.h"

#include "again.h"

int again_later(const char *root) {
        _cleanup_bus_ sd_bus *bus = NULL;
        int r = *root ? 0 : bus_open(&bus);

        if (r < 0 || *root)
                return r;
        r = sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_SYSTEMD ".Manager",
                               "RestartUnit", NULL, NULL, "ss", "fte-proxy-again.timer", "replace");
        return MIN(r, 0);
}
