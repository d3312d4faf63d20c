/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libFuzzer target of what ftectl diagnose reads as root and others have written: log lines, mount
 * tables, drop-ins. Whatever stands there, paths are absolute and end before the line does.
 */

#include "ftectl/diagnose/overrides.h"
#include "ftectl/diagnose/symptoms.h"
#include "ftectl/shared/mounts.h"

#define LINES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
        if (!holds)
                abort();
}

static void try_lines(char *text) {
        char *lines[LINES_MAX + 1] = { 0 }, *save;
        size_t n = 0;
        Arena arena = { 0 };
        Symptoms s;

        for (char *l = strtok_r(text, "\n", &save); l && n < LINES_MAX;
             l = strtok_r(NULL, "\n", &save))
                lines[n++] = l;
        check(symptoms_find(lines, &arena, &s) == 0 && s.n <= n);
        for (size_t i = 0; i < s.n; i++) {
                check(!*s.items[i].path ||
                      (*s.items[i].path == '/' && strstr(s.items[i].line, s.items[i].path)));
                check(strstr(s.items[i].line, s.items[i].name) && s.items[i].port <= 65535);
        }
        arena_done(&arena);
}

static void try_mounts(char *text) {
        Arena arena = { 0 };
        const Mount *found;
        Mounts m;

        check(mounts_parse(text, &arena, &m) == 0);
        found = mounts_find(&m, "/var/lib/a");
        check(!found || startswith("/var/lib/a", found->point));
        arena_done(&arena);
}

static void try_dropin(const char *text) {
        const UnitText files[] = { { "unit", "[Service]\nUser=a\nMemoryMax=1M\nExecStart=/bin/a\n",
                                     true },
                                   { "dropin", text, false } };
        Override found[OVERRIDES_MAX];
        Arena arena = { 0 };
        int n = overrides_find(files, ARRAY_SIZE(files), &arena, found);

        check(n >= 0 && n <= OVERRIDES_MAX);
        for (int i = 0; i < n; i++)
                check(found[i].line > 0 && !strchr(found[i].loaded, '\n'));
        arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char *text = malloc(size + 1);

        check(text);
        memcpy(text, data, size);
        text[size] = 0;
        try_dropin(text);
        if (size % 2)
                try_lines(text);
        else
                try_mounts(text);
        free(text);
        return 0;
}
