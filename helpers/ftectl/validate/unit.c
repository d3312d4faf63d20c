/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What systemd has of a unit that validate looks at, by two calls of D-Bus.
 */

#include "bus-properties.h"
#include "validate.h"

#define TIMEOUT_USEC (10 * USEC_PER_SEC)

#define ROW(name, type, field) \
        { name, type, offsetof(UnitFacts, field) }

static const BusProperty unit_rows[] = {
        ROW("LoadState", 's', load),
        ROW("ActiveState", 's', active),
        ROW("SubState", 's', sub),
        ROW("FragmentPath", 's', fragment),
        ROW("InvocationID", 'Y', invocation),
        ROW("DropInPaths", 'A', drop_ins),
        ROW("WantedBy", 'A', wanted_by),
        ROW("NeedDaemonReload", 'b', need_reload),
        ROW("Job", 'J', job),
        ROW("StartLimitBurst", 'u', burst),
        ROW("StartLimitIntervalUSec", 't', window_usec),
        ROW("ActiveEnterTimestampMonotonic", 't', active_mono_usec),
        ROW("ActiveEnterTimestamp", 't', active_usec),
};

static const BusProperty service_rows[] = {
        ROW("Result", 's', result),
        ROW("Restart", 's', restart),
        ROW("ControlGroup", 's', control_group),
        ROW("MainPID", 'u', main_pid),
        ROW("ExecMainStatus", 'i', main_status),
        ROW("ExecMainStartTimestampMonotonic", 't', main_start_mono_usec),
        ROW("ExecMainStartTimestamp", 't', main_start_usec),
        ROW("NRestarts", 'u', restarts),
        ROW("RestartUSec", 't', delay_usec),
        ROW("TimeoutStartUSec", 't', start_timeout_usec),
        ROW("TimeoutStopUSec", 't', stop_timeout_usec),
        ROW("WatchdogUSec", 't', watchdog_usec),
        ROW("MemoryMax", 't', memory_max),
        ROW("MemorySwapMax", 't', swap_max),
        ROW("TasksMax", 't', tasks_max),
};

static const BusPropertyTable tables[] = {
        { BUS_UNIT, unit_rows, ARRAY_SIZE(unit_rows) },
        { BUS_SERVICE, service_rows, ARRAY_SIZE(service_rows) },
};

int unit_read(sd_bus *bus, const char *unit, Arena *arena, UnitFacts *ret) {
        _cleanup_free_ char *object = NULL;
        UnitFacts facts = { 0 };
        int r = sd_bus_path_encode(BUS_MANAGER_PATH "/unit", unit, &object);

        for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
                bus_properties_clear(&tables[i], &facts);
        for (size_t i = 0; i < ARRAY_SIZE(tables) && r >= 0; i++)
                if (i == 0 || endswith(unit, ".service"))
                        r = bus_properties_read(bus, object, &tables[i], arena, &facts);
        if (r < 0)
                return r;
        *ret = facts;
        return 0;
}

bool unit_is_active(const Subject *s) {
        return s->unit_error == 0 && streq(s->unit.active, "active");
}

int unit_call(sd_bus *bus, const char *method, const char *unit) {
        _cleanup_bus_message_ sd_bus_message *m = NULL;
        int r = sd_bus_message_new_method_call(bus, &m, BUS_SYSTEMD, BUS_MANAGER_PATH,
                                               BUS_SYSTEMD ".Manager", method);

        if (r >= 0)
                r = sd_bus_message_append(m, "s", unit);
        if (r >= 0 && !streq(method, "ResetFailedUnit"))
                r = sd_bus_message_append(m, "s", "replace");
        return r < 0 ? r : sd_bus_call(bus, m, TIMEOUT_USEC, NULL, NULL);
}
