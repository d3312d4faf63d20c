/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The questions of manager.h, a row each. Not GetAll, for which PID 1 collects three hundred
 * values. Over /run/systemd/private, as systemctl does it for root: no broker on the way, and none
 * needed.
 */

#include <systemd/sd-bus.h>
#include <time.h>

#include "base/clock.h"
#include "base/scope.h"

#include "manager.h"

#define DESTINATION "org.freedesktop.systemd1"
#define UNIT        "org.freedesktop.systemd1.Unit"
#define SERVICE     "org.freedesktop.systemd1.Service"

typedef struct Query {
        sd_bus *bus;
        const char *path;
        uint64_t until_usec;
        UnitFacts *facts;
} Query;

typedef struct Property {
        ManagerQuestions question;
        const char *interface, *name;
        char type;
        size_t offset, size_bytes;
} Property;

#define P(question, interface, name, type, field)                                      \
        {                                                                              \
                MANAGER_##question, interface, name, type, offsetof(UnitFacts, field), \
                        sizeof(((UnitFacts *) NULL)->field)                            \
        }

/* The most important first: the time may not do for all. */
static const Property properties[] = {
        P(STATE, UNIT, "SubState", 's', sub_state),
        P(CAUSE, UNIT, "InvocationID", 'y', invocation),
        P(CAUSE, SERVICE, "Result", 's', result),
        P(CAUSE, SERVICE, "ExecMainCode", 'i', exit_code),
        P(CAUSE, SERVICE, "ExecMainStatus", 'i', exit_status),
        P(FIGURES, SERVICE, "ExecMainStartTimestamp", 't', start_usec),
        P(FIGURES, SERVICE, "ExecMainExitTimestamp", 't', exit_usec),
        P(FIGURES, SERVICE, "NRestarts", 'u', restarts),
        P(STATE, SERVICE, "MemoryPeak", 't',
          memory_peak_bytes), /* 256 and newer; else the kernel's */
};

static uint64_t now_usec(void) {
        return clock_usec(CLOCK_MONOTONIC);
}

static int read_text(sd_bus_message *m, const Property *p, void *field) {
        const char *s;
        int r = sd_bus_message_read(m, "s", &s);

        if (r < 0 || strlen(s) >= p->size_bytes)
                return r < 0 ? r : -EMSGSIZE;
        strcpy(field, s);
        return 0;
}

static int read_id(sd_bus_message *m, char *field) {
        static const char digits[] = "0123456789abcdef";
        const void *bytes;
        size_t n;
        int r = sd_bus_message_read_array(m, 'y', &bytes, &n);

        if (r < 0 || n != 16)
                return r < 0 ? r : -EMSGSIZE;
        for (size_t i = 0; i < n; i++) {
                *field++ = digits[((const uint8_t *) bytes)[i] >> 4];
                *field++ = digits[((const uint8_t *) bytes)[i] & 15];
        }
        *field = 0;
        return 0;
}

static int read_value(sd_bus_message *m, const Property *p, void *field) {
        uint32_t u;
        int r;

        switch (p->type) {
        case 's':
                return read_text(m, p, field);
        case 'y':
                return read_id(m, field);
        case 'u':
                r = sd_bus_message_read(m, "u", &u);
                if (r >= 0)
                        *(uint64_t *) field = u;
                return r;
        default:
                return sd_bus_message_read_basic(m, p->type, field);
        }
}

/* A property that this systemd does not have is no failure; a manager that does not answer is. */
static int ask(const Query *q, const Property *p) {
        sd_bus_message *call = NULL, *reply = NULL;
        uint64_t now = now_usec();
        int r = -ETIMEDOUT;

        if (now < q->until_usec)
                r = sd_bus_message_new_method_call(q->bus, &call, DESTINATION, q->path,
                                                   "org.freedesktop.DBus.Properties", "Get");
        if (r >= 0)
                r = sd_bus_message_append(call, "ss", p->interface, p->name);
        if (r >= 0)
                r = sd_bus_call(q->bus, call, q->until_usec - now, NULL, &reply);
        if (r >= 0) {
                const char type[] = { p->type, 0 };

                r = sd_bus_message_enter_container(reply, 'v', p->type == 'y' ? "ay" : type);
                if (r >= 0)
                        r = read_value(reply, p, (char *) q->facts + p->offset);
        }
        sd_bus_message_unref(call);
        sd_bus_message_unref(reply);
        return r == -ETIMEDOUT || r == -ENOTCONN || r == -ECONNRESET ? r : 0;
}

/* sd_bus_call() would wait for the connection without an end. */
static int wait_ready(sd_bus *bus, uint64_t until_usec) {
        for (;;) {
                uint64_t now = now_usec();
                int r = sd_bus_is_ready(bus);

                if (r != 0)
                        return MIN(r, 0);
                if (now >= until_usec)
                        return -ETIMEDOUT;
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, until_usec - now);
                if (r < 0)
                        return r;
        }
}

static int open_bus(const char *address, bool is_broker, sd_bus **ret) {
        sd_bus *bus = NULL;
        int r = sd_bus_new(&bus);

        if (r >= 0)
                r = sd_bus_set_address(bus, address);
        if (r >= 0)
                r = sd_bus_set_bus_client(bus, is_broker);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r < 0) {
                sd_bus_close_unref(bus);
                return r;
        }
        *ret = bus;
        return 0;
}

static int connect_manager(uint64_t until_usec, sd_bus **ret) {
        sd_bus *bus = NULL;
        int r;

        r = open_bus(scope->manager_address, false, &bus);
        if (r < 0 && !scope->is_user)
                r = open_bus("unix:path=/run/dbus/system_bus_socket", true, &bus);
        if (r >= 0)
                r = wait_ready(bus, until_usec);
        if (r < 0)
                sd_bus_close_unref(bus);
        else
                *ret = bus;
        return r;
}

int manager_ask(const char *unit, ManagerQuestions questions, uint64_t timeout_usec,
                UnitFacts *ret) {
        uint64_t until_usec = now_usec() + timeout_usec;
        sd_bus *bus = NULL;
        char *path = NULL;
        int r;

        *ret = (UnitFacts){
                .restarts = UINT64_MAX,
                .start_usec = UINT64_MAX,
                .exit_usec = UINT64_MAX,
                .memory_peak_bytes = UINT64_MAX,
        };
        r = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path);
        if (r >= 0)
                r = connect_manager(until_usec, &bus);
        for (size_t i = 0; i < ARRAY_SIZE(properties) && r >= 0; i++)
                if (properties[i].question & questions)
                        r = ask(&(Query){ bus, path, until_usec, ret }, &properties[i]);
        sd_bus_close_unref(bus); /* flushing would wait */
        free(path);
        return MIN(r, 0);
}
