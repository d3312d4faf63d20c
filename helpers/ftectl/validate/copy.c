/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * validate/copy.h. Each copy has a name of its own, so that systemd never has an old version of it.
 * The names begin with fte-, which no agent's may.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/fsat.h"

#include "break.h"
#include "copy.h"

#define UNIT_DIRECTORY "/run/systemd/system"

/* ---- making ---- */

uint64_t copy_delay_usec(const Agent *a) {
        uint64_t most = 15 * USEC_PER_SEC / MAX(a->restart_burst, UINT64_C(1));
        uint64_t delay = MIN(a->restart_delay_usec, most);

        return MAX(delay, USEC_PER_SEC / 10);
}

static void add_usec(StrBuf *b, const char *key, uint64_t usec) {
        strbuf_add(b, key);
        format_usec(b, usec);
        strbuf_addc(b, '\n');
}

/* Lists of fte.conf are emptied: the copy wants no other unit and no secret that it has not. */
static void add_ini(const Subject *s, const CopyOptions *o, StrBuf *b) {
        static const char *const when[] = { "on-failure", "always", "on-abnormal", "no" };
        const Agent *a = &s->agent;

        strbuf_addf(b, "[Agent]\nDescription=Throw-away copy of %s for ftectl validate\nExec=%s\n",
                    s->name, o->exec);
        strbuf_addf(b, "User=%s\nEnabled=no\nAfter=\nRequires=\nPlugins=\n", agent_user(a));
        if (a->group)
                strbuf_addf(b, "Group=%s\n", a->group);
        strbuf_addf(b, "[Restart]\nWhen=%s\n", o->restarts ? when[a->restart_when] : "no");
        add_usec(b, "Delay=", copy_delay_usec(a));
        strbuf_addf(b, "Burst=%llu\n", (unsigned long long) a->restart_burst);
        add_usec(b, "MaxDelay=", copy_delay_usec(a));
        strbuf_addf(b, "[Limits]\nMemory=64M\n[Sandbox]\nProfile=%s\n",
                    profile_to_string(a->profile));
        strbuf_add(b, o->more ? o->more : "[Environment]\nFile=none\nRequired=\n");
}

typedef struct Maker {
        const Copy *copy;
        int dir_fd;
        int error;
        bool seen;
} Maker;

/* Lines that would tell people of it, or make a directory in /etc. */
static bool is_left_out(const char *line) {
        static const char *const keys[] = { "OnFailure=", "ExecStartPost=", "ExecStopPost=",
                                            "ConfigurationDirectory=" };

        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                if (startswith(line, keys[i]))
                        return true;
        return false;
}

static int write_entry(int dir_fd, const PlanEntry *e) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        const char *slash = strchr(e->path, '/');
        char parent[NAME_MAX + 1];
        int r;

        if (slash) {
                snprintf(parent, sizeof(parent), "%.*s", (int) (slash - e->path), e->path);
                r = fsat_mkdir(dir_fd, parent);
                if (r < 0)
                        return r;
        }
        if (e->is_link)
                return fsat_symlink(e->data, dir_fd, e->path);
        for (const char *line = e->data; line < e->data + e->len;) {
                size_t n = strcspn(line, "\n") + 1;

                if (!is_left_out(line))
                        strbuf_add_bytes(&b, line, MIN(n, (size_t) (e->data + e->len - line)));
                line += n;
        }
        r = strbuf_check(&b);
        if (r >= 0)
                r = fsat_write(dir_fd, e->path, strbuf_text(&b), b.len);
        if (r < 0)
                return r;
        close(r);
        return 0;
}

static void on_agent(void *userdata, const Render *render) {
        Maker *m = userdata;
        const Plan *p = render->plan;

        if (!streq(render->agent->name, m->copy->name))
                return;
        m->seen = true;
        for (size_t i = 0; i < p->n && m->error == 0; i++)
                if (p->entries[i].group == p->group)
                        m->error = write_entry(m->dir_fd, &p->entries[i]);
}

static void on_problems(void *userdata _unused_, const Problems *problems _unused_) {
}

static void on_warning(void *userdata _unused_, const Agent *a _unused_,
                       const char *message _unused_) {
}

static int write_unit(const Copy *c, char *file) {
        static const GeneratorEvents events = { on_problems, on_warning, on_agent };
        Maker m = { .copy = c, .dir_fd = -EBADF };
        Generator g = { .events = &events, .userdata = &m };
        char *files[] = { file, NULL };
        int r;

        if (mkdir(UNIT_DIRECTORY, 0755) < 0 && errno != EEXIST)
                return -errno;
        m.dir_fd = fsat_open_dir(AT_FDCWD, UNIT_DIRECTORY);
        r = m.dir_fd < 0 ? m.dir_fd
                         : generator_run(&g, &(ConfigOptions){ .root = "",
                                                               .files = files,
                                                               .reserved_names = true });
        generator_done(&g);
        closep(&m.dir_fd);
        return r < 0 ? r : m.error < 0 ? m.error : m.seen ? 0 : -ENOENT;
}

static int write_file(const char *path, const char *text) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600), r;

        if (fd < 0)
                return -errno;
        r = fd_write_all(fd, text, strlen(text));
        close(fd);
        return r;
}

int copy_make(Subject *s, const CopyOptions *o, Copy *ret) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        Copy c = { .subject = s, .name = arena_printf(&s->arena, COPY_PREFIX "%s", o->word) };
        char *file = arena_printf(&s->arena, BREAK_DIRECTORY "/%s.conf", c.name);
        int r;

        c.unit = arena_printf(&s->arena, "%s.service", c.name);
        if (!c.name || !c.unit || !file)
                return -ENOMEM;
        add_ini(s, o, &b);
        r = strbuf_check(&b) < 0 ? -ENOMEM : write_file(file, strbuf_text(&b));
        if (r >= 0 && o->fragment) {
                const char *dir = arena_printf(&s->arena, "%s.d", file);

                r = mkdir(dir, 0700) < 0 && errno != EEXIST ? -errno : 0;
                if (r >= 0)
                        r = write_file(arena_printf(&s->arena, "%s/fault.conf", dir), o->fragment);
        }
        if (r >= 0)
                r = write_unit(&c, file);
        if (r < 0)
                return r;
        *ret = c;
        return 0;
}

/* ---- running ---- */

int copy_start(const Copy *c) {
        unit_call(c->subject->run->bus, "ResetFailedUnit", c->unit);
        return unit_call(c->subject->run->bus, "StartUnit", c->unit);
}

/* No start, stop or restart is under way, nor waits for another unit: then there is a job. */
static bool is_settled(const UnitFacts *u) {
        return u->job == 0 && (streq(u->active, "active") || streq(u->active, "failed") ||
                               streq(u->active, "inactive"));
}

int copy_wait(const Copy *c, uint64_t timeout_usec, uint64_t change_of, UnitFacts *ret) {
        uint64_t deadline = clock_usec(CLOCK_MONOTONIC) + timeout_usec;

        do {
                int r = unit_read(c->subject->run->bus, c->unit, &c->subject->arena, ret);

                if (r < 0)
                        return r;
                if (is_settled(ret) && (change_of == 0 || ret->main_pid != change_of))
                        return 0;
        } while (break_wait(deadline));
        return break_interrupted() ? -EINTR : -ETIMEDOUT;
}

static void wait_for_end(sd_bus *bus, const char *unit) {
        uint64_t deadline = clock_usec(CLOCK_MONOTONIC) + 15 * USEC_PER_SEC;
        const struct timespec pause = { .tv_nsec = 30 * 1000 * 1000 };

        while (clock_usec(CLOCK_MONOTONIC) < deadline) { /* also when interrupted */
                _cleanup_arena_ Arena arena = { 0 };
                UnitFacts u;

                if (unit_read(bus, unit, &arena, &u) < 0 || streq(u.active, "inactive") ||
                    streq(u.active, "failed"))
                        return;
                nanosleep(&pause, NULL);
        }
}

static void stop(sd_bus *bus, const char *unit) {
        unit_call(bus, "StopUnit", unit);
        wait_for_end(bus, unit);
        unit_call(bus, "ResetFailedUnit", unit);
}

void copy_stop(const Copy *c) {
        stop(c->subject->run->bus, c->unit);
}

/* ---- removing ---- */

/* Others' processes wrote there: by descriptors, and no link is followed. */
static void remove_tree(int dir_fd, const char *name, unsigned depth) {
        int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        while (dir && depth < 32 && (entry = readdir(dir)))
                if (!streq(entry->d_name, ".") && !streq(entry->d_name, ".."))
                        remove_tree(fd, entry->d_name, depth + 1);
        if (dir)
                closedir(dir);
        if (unlinkat(dir_fd, name, 0) < 0 && (errno == EISDIR || errno == EPERM))
                unlinkat(dir_fd, name, AT_REMOVEDIR);
}

/* All names in a directory that begin with prefix. */
static void for_each(const char *path, const char *prefix, sd_bus *bus,
                     void (*call)(int dir_fd, const char *name, sd_bus *bus)) {
        int fd = fsat_open_dir(AT_FDCWD, path);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        while (dir && (entry = readdir(dir)))
                if (startswith(entry->d_name, prefix) && *entry->d_name != '.')
                        call(fd, entry->d_name, bus);
        if (dir)
                closedir(dir);
}

static void stop_one(int dir_fd _unused_, const char *name, sd_bus *bus) {
        if (endswith(name, ".service"))
                stop(bus, name);
}

static void remove_one(int dir_fd, const char *name, sd_bus *bus _unused_) {
        remove_tree(dir_fd, name, 0);
}

void copies_remove_all(sd_bus *bus) {
        static const char *const directories[] = { UNIT_DIRECTORY, "/var/lib", "/var/log",
                                                   "/var/cache" };

        for_each(UNIT_DIRECTORY, COPY_PREFIX, bus, stop_one);
        for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
                for_each(directories[i], COPY_PREFIX, bus, remove_one);
        for_each(BREAK_DIRECTORY, "", bus, remove_one);
}
