/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whether anybody but root could change what systemd runs for the agent: the unit, every drop-in,
 * the INI file and its fragments, and each directory on the way to them, where another file could
 * be put in their place. Links are followed, and the way to their targets is looked at the same
 * way.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "validate.h"

#define LINKS_MAX 40 /* as the kernel */
#define BAD_MAX   4

static const char wanted[] = "root's, and writable by nobody else";

static void judge(Subject *s, Finding *f, const char *path, const struct stat *st) {
        bool others = st->st_mode & 0022;

        if (st->st_uid == 0 && !others)
                return;
        if (st->st_uid != 0) {
                finding_bad(s, f, wanted, "%s belongs to UID %u", path, (unsigned) st->st_uid);
                finding_fix(s, f, "chown root:root {1}", path);
        }
        if (others) {
                finding_bad(s, f, wanted, "%s has mode %04o", path,
                            (unsigned) (st->st_mode & 07777));
                finding_fix(s, f, "chmod go-w {1}", path);
        }
}

/* Puts the target of the link at path, of n bytes, in front of the rest. */
static bool follow(const Subject *s, char *path, size_t n, char *rest) {
        char target[PATH_MAX], joined[PATH_MAX];
        ssize_t len = readlinkat(s->run->root_fd, path + 1, target, sizeof(target) - 1);

        if (len < 0)
                return false;
        target[len] = 0;
        if (snprintf(joined, sizeof(joined), "%s/%s", target, rest) >= (int) sizeof(joined))
                return false;
        strcpy(rest, joined);
        if (*target == '/')
                n = 0;
        else
                while (n > 0 && path[n - 1] != '/')
                        n--;
        path[n > 0 ? n - 1 : 0] = 0;
        return true;
}

/* Every part of the way to path, and its end. -ENOENT when that is not there. */
static int look(Subject *s, Finding *f, const char *path) {
        char done[PATH_MAX] = "", rest[PATH_MAX];
        unsigned links = 0;
        struct stat st;

        if (fstatat(s->run->root_fd, ".", &st, 0) == 0)
                judge(s, f, "/", &st);
        if (snprintf(rest, sizeof(rest), "%s", path) >= (int) sizeof(rest))
                return -ENAMETOOLONG;
        while (*rest) {
                size_t skip = strspn(rest, "/"), n = strcspn(rest + skip, "/"), at = strlen(done);

                if (n == 0)
                        break;
                if (at + n + 2 > sizeof(done))
                        return -ENAMETOOLONG;
                if (n == 2 && strncmp(rest + skip, "..", 2) == 0)
                        *(strrchr(done, '/') ? strrchr(done, '/') : done) = 0;
                else if (n != 1 || rest[skip] != '.') {
                        done[at] = '/';
                        memcpy(done + at + 1, rest + skip, n);
                        done[at + 1 + n] = 0;
                }
                memmove(rest, rest + skip + n, strlen(rest + skip + n) + 1);
                if (!*done)
                        continue;
                if (fstatat(s->run->root_fd, done + 1, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        return -errno;
                if (!S_ISLNK(st.st_mode))
                        judge(s, f, arena_strdup(&s->arena, done), &st);
                else if (++links > LINKS_MAX || !follow(s, done, strlen(done), rest))
                        return -ELOOP;
        }
        return 0;
}

/* Directories in which a drop-in could be put, though there is none yet. */
static void look_at_places(Subject *s, Finding *f) {
        static const char *const dirs[] = {
                "/etc/systemd/system/%s.service.d",
                "/run/systemd/system/%s.service.d",
                "/etc/systemd/system.control/%s.service.d",
                "/run/systemd/system.control/%s.service.d",
                "/usr/local/lib/systemd/system/%s.service.d",
                "/etc/fte/%s.conf.d",
                "/run/fte/%s.conf.d",
        };

        for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
                const char *at = strstr(dirs[i], "%s");
                const char *path = arena_printf(&s->arena, "%.*s%s%s", (int) (at - dirs[i]),
                                                dirs[i], s->name, at + 2);

                if (path && look(s, f, path) == -ENOENT)
                        look(s, f, arena_strndup(&s->arena, dirs[i], (size_t) (at - dirs[i]) - 1));
        }
}

/* The INI file, and all that set a key of the agent. */
static size_t look_at_configuration(Subject *s, Finding *f) {
        const char *last = s->agent.place.file;
        size_t n = 1;

        look(s, f, last);
        for (size_t i = 0; i < DIRECTIVES_MAX; i++) {
                const char *file = s->agent.places[i].file;

                if (!file || streq(file, last))
                        continue;
                look(s, f, file);
                last = file;
                n++;
        }
        return n;
}

void check_unit_files(Subject *s, Finding *f) {
        size_t n = 1;
        /* Of a masked one systemd reads /dev/null. */
        int r = streq(s->unit.load, "masked") ? 0
                : *s->unit.fragment           ? look(s, f, s->unit.fragment)
                                              : -ENOENT;

        if (r < 0) {
                finding_bad(s, f, "a unit", "%s: %s",
                            *s->unit.fragment ? s->unit.fragment : "no file", strerror(-r));
                finding_fix(s, f, "systemctl daemon-reload", NULL);
        }
        for (char **path = s->unit.drop_ins; path && *path; path++, n++)
                if (look(s, f, *path) == -ENOENT) {
                        finding_bad(s, f, "the drop-ins that systemd has loaded", "%s is gone",
                                    *path);
                        finding_fix(s, f, "systemctl daemon-reload", NULL);
                }
        n += look_at_configuration(s, f);
        look_at_places(s, f);
        if (f->verdict == VERDICT_NOT_RUN)
                finding_good(s, f, "%zu files and the directories of all", n);
}
