/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mounts.h. Lines: "36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/sda
 * rw,errors=continue".
 */

#include "mounts.h"

/* "\040" is a blank. */
static void unescape(char *s) {
        char *to = s;

        for (; *s; s++) {
                if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
                    s[3] >= '0' && s[3] <= '7') {
                        *to++ = (char) ((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
                        s += 3;
                } else
                        *to++ = *s;
        }
        *to = 0;
}

static bool has_option(const char *options, const char *name) {
        size_t n = strlen(name);

        for (const char *p = options; *p; p += strcspn(p, ","), p += *p == ',')
                if (strncmp(p, name, n) == 0 && (!p[n] || p[n] == ','))
                        return true;
        return false;
}

static bool parse_line(char *line, Mount *ret) {
        char *fields[6] = { 0 }, *separator = strstr(line, " - "), *save, *type, *source, *super;

        if (!separator)
                return false;
        *separator = 0;
        fields[0] = strtok_r(line, " ", &save);
        for (size_t i = 1; i < ARRAY_SIZE(fields) && fields[i - 1]; i++)
                fields[i] = strtok_r(NULL, " ", &save);
        type = strtok_r(separator + 3, " ", &save);
        source = strtok_r(NULL, " ", &save);
        super = strtok_r(NULL, " ", &save);
        if (!fields[5] || !type || !source)
                return false;
        unescape(fields[4]);
        unescape(source);
        *ret = (Mount){
                .point = fields[4],
                .type = type,
                .source = source,
                .read_only = has_option(fields[5], "ro") || (super && has_option(super, "ro")),
                .noexec = has_option(fields[5], "noexec"),
        };
        return true;
}

int mounts_parse(char *text, Arena *arena, Mounts *ret) {
        Mounts m = { 0 };
        size_t lines = 1;
        char *save;

        for (const char *p = text; *p; p++)
                lines += *p == '\n';
        m.items = arena_new_n(arena, Mount, lines);
        if (!m.items)
                return -ENOMEM;
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
                m.n += parse_line(line, &m.items[m.n]);
        *ret = m;
        return 0;
}

const Mount *mounts_find(const Mounts *m, const char *path) {
        const Mount *best = NULL;
        size_t best_len = 0;

        for (size_t i = 0; i < m->n; i++) {
                const char *rest = startswith(path, m->items[i].point);
                size_t len = strlen(m->items[i].point);

                if (rest && (len == 1 || !*rest || *rest == '/') && (!best || len >= best_len)) {
                        best = &m->items[i];
                        best_len = len;
                }
        }
        return best;
}
