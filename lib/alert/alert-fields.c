/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of alert-fields.h, in the order in which it is written.
 */

#include "alert/alert-fields.h"

#define FIELD(key, type, field, ...) { key, FIELD_##type, offsetof(Alert, field), __VA_ARGS__ }
#define TARGET(key, type, field)     { "target." key, FIELD_##type, offsetof(AlertTarget, field) }

/* clang-format off */
static const Field alert_rows[] = {
        FIELD("id",          ID,     id),
        FIELD("kind",        KIND,   kind),
        FIELD("agent",       TEXT,   agent),
        FIELD("unit",        TEXT,   unit),
        FIELD("description", TEXT,   description),
        FIELD("contact",     TEXT,   contact),
        FIELD("host",        TEXT,   host),
        FIELD("environment", TEXT,   environment),
        FIELD("invocation",  TEXT,   invocation),
        FIELD("result",      TEXT,   result),
        FIELD("code",        TEXT,   code),
        FIELD("status",      TEXT,   status),
        FIELD("smtp",        TEXT,   smtp),
        FIELD("time",        NUMBER, time_usec,         ALERT_UNKNOWN),
        FIELD("uptime",      NUMBER, uptime_usec,       ALERT_UNKNOWN),
        FIELD("outage",      NUMBER, outage_usec,       ALERT_UNKNOWN),
        FIELD("restarts",    NUMBER, restarts,          ALERT_UNKNOWN),
        FIELD("memory_peak", NUMBER, memory_peak_bytes, ALERT_UNKNOWN),
        FIELD("repeated",    NUMBER, repeated,          0),
        FIELD("not_before",  NUMBER, not_before_usec,   0),
        FIELD("line",        LINE,   lines),
        FIELD("target",      TARGET, targets),
};

static const Field target_rows[] = {
        TARGET("argument", TEXT,   argument),
        TARGET("path",     TEXT,   path),
        TARGET("extra",    TEXT,   extra_path),
        TARGET("state",    STATE,  state),
        TARGET("attempts", NUMBER, attempts),
        TARGET("next",     NUMBER, next_usec),
        TARGET("answer",   TEXT,   answer),
};
/* clang-format on */

const char *const target_state_names[_TARGET_STATE_MAX] = {
        [TARGET_WAITING] = "waiting",
        [TARGET_SENT] = "sent",
        [TARGET_DEAD] = "dead",
};

const FieldTable alert_fields = { alert_rows, ARRAY_SIZE(alert_rows) };
const FieldTable target_fields = { target_rows, ARRAY_SIZE(target_rows) };

void alert_init(Alert *a) {
        *a = (Alert){ 0 };
        for (size_t i = 0; i < ARRAY_SIZE(alert_rows); i++) {
                char *field = (char *) a + alert_rows[i].offset;

                if (alert_rows[i].type == FIELD_TEXT)
                        *(const char **) field = "";
                else if (alert_rows[i].type == FIELD_NUMBER)
                        *(uint64_t *) field = alert_rows[i].omitted;
        }
}
