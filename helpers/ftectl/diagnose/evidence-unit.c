/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What systemd knows of the unit: two calls, each for all properties of an interface.
 */

#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/log.h"

#include "bus-properties.h"
#include "evidence.h"
#include "ftectl/shared/loaded.h"

#define ROW(name, type, field) \
        { name, type, offsetof(UnitFacts, field) }

static const BusProperty unit_rows[] = {
        ROW("LoadState", 's', load),
        ROW("ActiveState", 's', active),
        ROW("SubState", 's', sub),
        ROW("FragmentPath", 's', fragment),
        ROW("DropInPaths", 'A', dropins),
        ROW("InvocationID", 'Y', invocation),
        ROW("NeedDaemonReload", 'b', need_reload),
        ROW("ActiveEnterTimestamp", 't', active_usec),
        ROW("InactiveEnterTimestamp", 't', inactive_usec),
        ROW("StartLimitBurst", 'u', start_limit_burst),
};

static const BusProperty service_rows[] = {
        ROW("Result", 's', result),
        ROW("StatusText", 's', status_text),
        ROW("ControlGroup", 's', control_group),
        ROW("NRestarts", 'u', restarts),
        ROW("MainPID", 'u', main_pid),
        ROW("ExecMainCode", 'i', exec_code),
        ROW("ExecMainStatus", 'i', exec_status),
        ROW("ExecMainStartTimestamp", 't', start_usec),
        ROW("MemoryMax", 't', memory_max_bytes),
        ROW("TasksMax", 't', tasks_max),
        ROW("LimitNOFILESoft", 't', open_files_max),
};

static const BusPropertyTable tables[] = {
        { BUS_UNIT, unit_rows, ARRAY_SIZE(unit_rows) },
        { BUS_SERVICE, service_rows, ARRAY_SIZE(service_rows) },
};

static bool is_link_to_null(const Evidence *e, const char *dir) {
        char path[512];

        snprintf(path, sizeof(path), "%s/systemd/system/%s.service", dir, e->name);
        return fsat_is_mask(e->generator.config.root_fd, path);
}

/* What the generator puts into a stub and into nothing else. */
static bool is_stub(const Evidence *e) {
        char path[512];
        _cleanup_free_ char *text = NULL;
        int fd = loaded_open(e->root);

        snprintf(path, sizeof(path), "%s.service", e->name);
        text = loaded_read(fd, path);
        closep(&fd);
        return text && strstr(text, "The configuration has errors, so nothing was started.");
}

int evidence_ask_systemd(Evidence *e) {
        _cleanup_bus_ sd_bus *bus = NULL;
        _cleanup_free_ char *object = NULL;
        const char *unit = arena_printf(e->arena, "%s.service", e->name);
        int r;

        e->unit = (UnitFacts){ 0 };
        for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
                bus_properties_clear(&tables[i], &e->unit);
        e->masked_in_etc = is_link_to_null(e, "etc");
        e->is_stub_loaded = is_stub(e);
        if (*e->root) { /* nobody to ask there */
                e->unit.load = e->masked_in_etc || is_link_to_null(e, "run") ? "masked" : "";
                return 0;
        }
        r = unit ? sd_bus_path_encode(BUS_MANAGER_PATH "/unit", unit, &object) : -ENOMEM;
        if (r >= 0)
                r = bus_open(&bus);
        for (size_t i = 0; i < ARRAY_SIZE(tables) && r >= 0; i++)
                r = bus_properties_read(bus, object, &tables[i], e->arena, &e->unit);
        if (r < 0)
                log_line(LOG_ERR, "systemd does not answer: %s%s", strerror(-r),
                         access("/run/systemd/system", F_OK) < 0 ? "; it does not run here" : "");
        e->unit.known = r >= 0;
        return r;
}
