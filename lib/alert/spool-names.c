/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The names of the spool: a time in microseconds that only grows, also when the clock is set back,
 * and the alert's ID. Lists them, finds the next one, removes what is too old.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"

#include "alert/spool-names.h"

#define TIME_DIGITS 20
#define NAME_CHARS  (TIME_DIGITS + 1 + ALERT_ID_CHARS)

static bool name_is_valid(const char *name) {
        return strspn(name, "0123456789") == TIME_DIGITS && name[TIME_DIGITS] == '-' &&
               strlen(name) == NAME_CHARS &&
               strspn(name + TIME_DIGITS + 1, "0123456789abcdef") == ALERT_ID_CHARS;
}

typedef struct Names {
        Arena *arena;
        char **items;
        size_t n, size;
} Names;

static int names_add(Names *names, const char *name) {
        if (names->n + 1 >= names->size) {
                size_t size = MAX(names->size * 2, (size_t) 64);
                char **items = arena_new_n(names->arena, char *, size);

                if (!items)
                        return -ENOMEM;
                if (names->n > 0)
                        memcpy(items, names->items, names->n * sizeof(*items));
                names->items = items;
                names->size = size;
        }
        names->items[names->n] = arena_strdup(names->arena, name);
        return names->items[names->n++] ? 0 : -ENOMEM;
}

static DIR *open_listing(int dir_fd) {
        int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);

        if (!dir)
                closep(&fd);
        return dir;
}

static int list(int dir_fd, bool (*want)(const char *name), Names *names) {
        DIR *dir = open_listing(dir_fd);
        struct dirent *d;
        int r = 0;

        if (!dir)
                return -errno;
        while (r == 0 && (d = readdir(dir)))
                if (want(d->d_name))
                        r = names_add(names, d->d_name);
        closedir(dir);
        return r;
}

static int name_compare(const void *a, const void *b) {
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

int spool_list(Spool *s, SpoolBox box, Arena *arena, char ***ret_names) {
        static char *none[] = { NULL };
        Names names = { .arena = arena };
        int r = list(s->box_fds[box], name_is_valid, &names);

        if (r < 0)
                return r;
        if (names.n > 0) {
                qsort(names.items, names.n, sizeof(char *), name_compare);
                names.items[names.n] = NULL;
        }
        *ret_names = names.n > 0 ? names.items : none;
        return 0;
}

/* The newest name in any box, "" when all are empty; and how many wait. */
static int survey(Spool *s, char ret_newest[static NAME_CHARS + 1], size_t *ret_waiting) {
        size_t waiting = 0;

        *ret_newest = 0;
        for (int box = 0; box < _SPOOL_BOX_MAX; box++) {
                DIR *dir = open_listing(s->box_fds[box]);
                struct dirent *d;

                if (!dir)
                        return -errno;
                while ((d = readdir(dir))) {
                        if (!name_is_valid(d->d_name))
                                continue;
                        waiting += box == SPOOL_WAITING;
                        if (strcmp(d->d_name, ret_newest) > 0)
                                memcpy(ret_newest, d->d_name, NAME_CHARS + 1);
                }
                closedir(dir);
        }
        *ret_waiting = waiting;
        return 0;
}

int spool_next_name(Spool *s, const Alert *a, char ret_name[static 80]) {
        char newest[NAME_CHARS + 1];
        uint64_t usec, after;
        size_t waiting = 0;
        int r;

        r = survey(s, newest, &waiting);
        if (r < 0)
                return r;
        if (waiting >= SPOOL_FILES_MAX)
                return -EDQUOT;
        usec = clock_usec(CLOCK_REALTIME);
        after = strtoull(newest, NULL, 10) + 1; /* it ends at the "-" */
        snprintf(ret_name, 80, "%020llu-%s", (unsigned long long) MAX(usec, after), a->id);
        return 0;
}

static bool is_temporary(const char *name) {
        return startswith(name, SPOOL_TEMPORARY) != NULL;
}

/* Nothing takes an hour to be written. */
static int remove_leftovers(Spool *s, Arena *arena) {
        Names names = { .arena = arena };
        int r = list(s->dir_fd, is_temporary, &names);

        for (size_t i = 0; i < names.n && r == 0; i++) {
                struct stat st;

                if (fstatat(s->dir_fd, names.items[i], &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                    st.st_mtime + 3600 < time(NULL))
                        (void) unlinkat(s->dir_fd, names.items[i], 0);
        }
        return r;
}

int spool_trim(Spool *s, SpoolBox box, size_t keep) {
        _cleanup_arena_ Arena arena = { 0 };
        size_t n = 0;
        char **names;
        int r;

        r = spool_list(s, box, &arena, &names);
        if (r < 0)
                return r;
        while (names[n])
                n++;
        for (size_t i = 0; i + keep < n; i++)
                if (unlinkat(s->box_fds[box], names[i], 0) < 0 && errno != ENOENT)
                        return -errno;
        return remove_leftovers(s, &arena);
}
