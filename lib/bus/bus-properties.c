/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * bus-properties.h, by GetAll: a call for each property would be a round trip for each.
 */

#include "bus-properties.h"

/* ---- values ---- */

static int read_strings(sd_bus_message *m, Arena *arena, char ***ret) {
        size_t n = 0, size = 8;
        char **list = arena_new_n(arena, char *, size + 1);
        const char *s;
        int r = sd_bus_message_enter_container(m, 'a', "s");

        while (r > 0 && list && (r = sd_bus_message_read(m, "s", &s)) > 0) {
                if (n == size) {
                        char **more = arena_new_n(arena, char *, size * 2 + 1);

                        if (more)
                                memcpy(more, list, n * sizeof(*list));
                        list = more;
                        size *= 2;
                }
                if (list)
                        list[n++] = arena_strdup(arena, s);
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (r >= 0)
                *ret = list;
        return r < 0 ? r : list ? 0 : -ENOMEM;
}

static int read_id(sd_bus_message *m, Arena *arena, const char **ret) {
        static const char digits[] = "0123456789abcdef";
        const void *data;
        char text[33] = "";
        size_t len;
        int r = sd_bus_message_read_array(m, 'y', &data, &len);

        for (size_t i = 0; r >= 0 && i < len && len == 16; i++) {
                text[2 * i] = digits[((const uint8_t *) data)[i] >> 4];
                text[2 * i + 1] = digits[((const uint8_t *) data)[i] & 15];
        }
        if (r >= 0)
                *ret = arena_strdup(arena, text);
        return r;
}

static int read_job(sd_bus_message *m, uint64_t *ret) {
        uint32_t id;
        int r = sd_bus_message_read(m, "(uo)", &id, NULL);

        if (r >= 0)
                *ret = id;
        return r;
}

static int read_number(sd_bus_message *m, char type, uint64_t *ret) {
        union {
                uint32_t u;
                int32_t i;
                int b;
                uint64_t t;
        } value = { 0 };
        int r = sd_bus_message_read_basic(m, type, &value);

        if (r < 0)
                return r;
        *ret = type == 't'   ? value.t
               : type == 'i' ? (uint64_t) (uint32_t) value.i
               : type == 'b' ? (uint64_t) (value.b != 0)
                             : value.u;
        return 0;
}

static int read_value(sd_bus_message *m, const BusProperty *row, Arena *arena, void *ret) {
        char type[5] = { row->type, 0 };
        void *field = (char *) ret + row->offset;
        const char *s;
        int r;

        if (strchr("AYJ", row->type))
                strcpy(type, row->type == 'A' ? "as" : row->type == 'Y' ? "ay" : "(uo)");
        r = sd_bus_message_enter_container(m, 'v', type);
        if (r < 0)
                return r;
        if (row->type == 'A')
                r = read_strings(m, arena, field);
        else if (row->type == 'Y')
                r = read_id(m, arena, field);
        else if (row->type == 'J')
                r = read_job(m, field);
        else if (row->type != 's')
                r = read_number(m, row->type, field);
        else if ((r = sd_bus_message_read(m, "s", &s)) > 0)
                *(const char **) field = arena_strdup(arena, s);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* ---- an interface ---- */

static const BusProperty *find(const BusPropertyTable *table, const char *name) {
        for (size_t i = 0; i < table->n; i++)
                if (streq(name, table->rows[i].name))
                        return &table->rows[i];
        return NULL;
}

void bus_properties_clear(const BusPropertyTable *table, void *ret) {
        static char *none[] = { NULL };

        for (size_t i = 0; i < table->n; i++) {
                void *field = (char *) ret + table->rows[i].offset;

                if (strchr("sY", table->rows[i].type))
                        *(const char **) field = "";
                else if (table->rows[i].type == 'A')
                        *(char ***) field = none;
                else
                        *(uint64_t *) field = UINT64_MAX;
        }
}

int bus_properties_read(sd_bus *bus, const char *object, const BusPropertyTable *table,
                        Arena *arena, void *ret) {
        _cleanup_bus_message_ sd_bus_message *m = NULL;
        int r = sd_bus_call_method(bus, BUS_SYSTEMD, object, BUS_PROPERTIES, "GetAll", NULL, &m,
                                   "s", table->interface);

        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                const BusProperty *row;
                const char *name;

                r = sd_bus_message_read(m, "s", &name);
                if (r >= 0) {
                        row = find(table, name);
                        r = row ? read_value(m, row, arena, ret) : sd_bus_message_skip(m, "v");
                }
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : arena_failed(arena) ? -ENOMEM : 0;
}
