/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Asks systemd for the states of all agents. One call lists the units. Three facts are in no list
 * and in no file (restarts, status text, since when), so they are asked for one by one, but all
 * together: many requests are on their way at any time, and nobody waits for each answer. As root
 * it talks to systemd directly; a daemon in between would double the time.
 */

#include "base/log.h"

#include "bus.h"
#include "status.h"

#define TIMEOUT_USEC (5 * USEC_PER_SEC)
/* dbus-daemon ends a connection with more than 128 calls without an answer. */
#define ON_THE_WAY_MAX 100

typedef struct PropertyRow {
        const char *interface, *name;
        char type; /* of D-Bus: u, t, i, s */
        bool page_only;
        size_t offset;
} PropertyRow;

static const PropertyRow properties[] = {
        { BUS_SERVICE, "NRestarts", 'u', false, offsetof(AgentStatus, restarts) },
        { BUS_SERVICE, "StatusText", 's', false, offsetof(AgentStatus, status_text) },
        { BUS_UNIT, "ActiveEnterTimestamp", 't', false, offsetof(AgentStatus, active_usec) },
        { BUS_UNIT, "StateChangeTimestamp", 't', true, offsetof(AgentStatus, changed_usec) },
        { BUS_SERVICE, "MainPID", 'u', true, offsetof(AgentStatus, main_pid) },
        { BUS_SERVICE, "Result", 's', true, offsetof(AgentStatus, result) },
        { BUS_SERVICE, "ExecMainStatus", 'i', true, offsetof(AgentStatus, exit_status) },
};

/* ---- the list ---- */

static int compare_name(const void *key, const void *row) {
        return strcmp(key, ((const AgentStatus *) row)->name);
}

/* The agent whose service a unit is; agents are sorted by name. */
static AgentStatus *find_agent(Status *s, const char *unit) {
        const char *end = endswith(unit, ".service");
        char name[256];

        if (!end || (size_t) (end - unit) >= sizeof(name) || s->n == 0)
                return NULL;
        memcpy(name, unit, (size_t) (end - unit));
        name[end - unit] = 0;
        return bsearch(name, s->agents, s->n, sizeof(AgentStatus), compare_name);
}

static int take_unit(void *userdata, const UnitRow *row) {
        Status *s = userdata;
        AgentStatus *a = find_agent(s, row->unit);

        if (!a)
                return 0;
        a->load = arena_strdup(&s->arena, row->load);
        a->active = arena_strdup(&s->arena, row->active);
        a->sub = arena_strdup(&s->arena, row->sub);
        a->object = arena_strdup(&s->arena, row->object);
        return a->load && a->active && a->sub && a->object ? 0 : -ENOMEM;
}

/* ---- the rest ---- */

typedef struct Batch {
        Status *status;
        size_t on_the_way;
        int error;
} Batch;

typedef struct Request {
        Batch *batch;
        AgentStatus *agent;
        const PropertyRow *row;
} Request;

static void store(Request *q, sd_bus_message *m) {
        char type[2] = { q->row->type, 0 };
        char *field = (char *) q->agent + q->row->offset;
        union {
                uint32_t u;
                int32_t i;
                uint64_t t;
                const char *s;
        } value = { 0 };

        if (sd_bus_message_read(m, "v", type, &value) <= 0)
                return;
        if (q->row->type != 's') {
                *(uint64_t *) field = q->row->type == 'u'   ? value.u
                                      : q->row->type == 'i' ? (uint64_t) (uint32_t) value.i
                                                            : value.t;
                return;
        }
        *(const char **) field = arena_strdup(&q->batch->status->arena, value.s);
        if (!*(const char **) field)
                q->batch->error = -ENOMEM;
}

/* A unit that went away meanwhile answers with an error, and its facts stay unknown. */
static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_) {
        Request *q = userdata;

        q->batch->on_the_way--;
        if (!sd_bus_message_is_method_error(m, NULL))
                store(q, m);
        return 0;
}

static int send(sd_bus *bus, Request *q) {
        int r = sd_bus_call_method_async(bus, NULL, BUS_SYSTEMD, q->agent->object,
                                         "org.freedesktop.DBus.Properties", "Get", on_answer, q,
                                         "ss", q->row->interface, q->row->name);

        if (r >= 0)
                q->batch->on_the_way++;
        return r;
}

static int wait_for_answers(sd_bus *bus, const Batch *batch, size_t most) {
        while (batch->on_the_way > most) {
                int r = sd_bus_process(bus, NULL);

                if (r == 0)
                        r = sd_bus_wait(bus, TIMEOUT_USEC) == 0 ? -ETIMEDOUT : 1;
                if (r < 0)
                        return r;
        }
        return batch->error;
}

static int read_properties(Status *s, sd_bus *bus) {
        Batch batch = { .status = s };
        Request *requests = arena_new_n(&s->arena, Request, s->n * ARRAY_SIZE(properties));
        size_t n = 0;
        int r = requests || s->n == 0 ? 0 : -ENOMEM;

        for (size_t i = 0; i < s->n; i++)
                for (size_t k = 0; k < ARRAY_SIZE(properties) && r >= 0; k++) {
                        if (!*s->agents[i].object || (properties[k].page_only && !s->page))
                                continue;
                        requests[n] = (Request){ &batch, &s->agents[i], &properties[k] };
                        r = send(bus, &requests[n++]);
                        if (r >= 0)
                                r = wait_for_answers(bus, &batch, ON_THE_WAY_MAX);
                }
        return r < 0 ? r : wait_for_answers(bus, &batch, 0);
}

int status_read_units(Status *s) {
        _cleanup_bus_ sd_bus *bus = NULL;
        int r;

        r = bus_open(&bus);
        if (r >= 0)
                r = bus_visit_units(bus,
                                    s->page && s->n == 1 ? arena_printf(&s->arena, "%s.service",
                                                                        s->agents[0].name)
                                                         : "*.service",
                                    take_unit, s);
        if (r >= 0)
                r = read_properties(s, bus);
        if (r >= 0)
                r = status_read_timers(s, bus);
        if (r < 0)
                log_line(LOG_ERR, "systemd does not answer: %s%s", strerror(-r),
                         access("/run/systemd/system", F_OK) < 0 ? "; it does not run here" : "");
        return r;
}
