/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The names of configuration files in a directory (entries.h). Reads directories and nothing else;
 * what the names mean, and which of two wins, is load.c's affair.
 */

#include <dirent.h>
#include <endian.h>

#include "base/fsat.h"
#include "config/entries.h"

/*
 * Most names differ in their first bytes; comparing those as a number halves the cost of sorting.
 */
uint64_t entry_prefix(const char *name, size_t len) {
        uint64_t prefix = 0;

        memcpy(&prefix, name, MIN(len, sizeof(prefix)));
        return be64toh(prefix);
}

static int entries_add(Entries *entries, Arena *arena, const char *name, size_t len,
                       const ConfigEntry *e) {
        if (entries->n == entries->size) {
                size_t size = MAX(entries->size * 2, (size_t) 64);
                ConfigEntry *items = realloc(entries->items, size * sizeof(*items));

                if (!items)
                        return -ENOMEM;
                entries->items = items;
                entries->size = size;
        }
        entries->items[entries->n] = *e;
        entries->items[entries->n].prefix = entry_prefix(name, len);
        entries->items[entries->n].name = arena_strndup(arena, name, len);
        return entries->items[entries->n++].name ? 0 : -ENOMEM;
}

void entries_done(Entries *entries) {
        free(entries->items);
}

/* By name, then by the order of the search path; files before fragment directories. */
static int entry_compare(const void *pa, const void *pb) {
        const ConfigEntry *a = pa, *b = pb;
        int c;

        if (a->prefix != b->prefix)
                return a->prefix < b->prefix ? -1 : 1;
        c = strcmp(a->name, b->name);
        if (c != 0)
                return c;
        if (a->fragment_dirs != b->fragment_dirs && (!a->fragment_dirs || !b->fragment_dirs))
                return a->fragment_dirs ? 1 : -1;
        return a->dir - b->dir;
}

int entries_list_dir(Entries *entries, int dir_fd, unsigned char index, bool want_fragments,
                     Arena *arena) {
        int fd = fsat_open_dir(dir_fd, "."), r = 0;
        struct dirent *d;
        DIR *dir;

        if (fd < 0)
                return fd;
        dir = fdopendir(fd);
        if (!dir) {
                close(fd);
                return -errno;
        }
        while (r == 0 && (errno = 0, d = readdir(dir))) {
                ConfigEntry e = { .dir = index, .type = d->d_type };
                const char *end = endswith(d->d_name, ".conf");

                if (!end && want_fragments) {
                        end = endswith(d->d_name, ".conf.d");
                        e.fragment_dirs = (unsigned char) (1u << index);
                }
                if (end && end > d->d_name && *d->d_name != '.')
                        r = entries_add(entries, arena, d->d_name, (size_t) (end - d->d_name), &e);
        }
        if (r == 0 && errno > 0)
                r = -errno;
        closedir(dir);
        return r;
}

void entries_sort(Entries *entries) {
        if (entries->n > 0)
                qsort(entries->items, entries->n, sizeof(ConfigEntry), entry_compare);
}
