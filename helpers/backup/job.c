/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The configuration as job.h has it, by lib/config. A file with mistakes is no reason to back up
 * nothing: what could be read of it is used.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/fsat.h"
#include "base/log.h"
#include "config/instance.h"
#include "config/validate.h"

#include "job.h"
#include "manifest.h"

#define LOCK_WAIT_USEC (2 * USEC_PER_SEC)

uint64_t realtime_usec(void) {
        return clock_usec(CLOCK_REALTIME);
}

static bool is_below(const char *path, const char *top) {
        const char *rest = startswith(path, top);

        return rest && *rest == '/';
}

/* The words of Paths=, without a slash at the end. */
static int take_configured(Job *j, char *const *paths) {
        size_t n = 0;

        while (paths && paths[n])
                n++;
        j->has_paths = n > 0;
        j->configured = arena_new_n(&j->arena, char *, MAX(n, (size_t) 1) + 1);
        if (!j->configured)
                return -ENOMEM;
        if (n == 0)
                j->configured[0] = arena_printf(&j->arena, "/var/lib/%s", j->directory);
        for (size_t i = 0; i < n; i++) {
                char *path = arena_strdup(&j->arena, paths[i]);

                for (size_t len = path ? strlen(path) : 0; len > 1 && path[len - 1] == '/'; len--)
                        path[len - 1] = 0;
                j->configured[i] = path;
        }
        return arena_failed(&j->arena) ? -ENOMEM : 0;
}

/* Whether a walk through outer comes by inner: not when another file system is mounted there. */
static bool covers(const Job *j, const char *outer, const char *inner) {
        struct stat a, b;

        if (!is_below(inner, outer))
                return false;
        return fstatat(j->root_fd, outer + 1, &a, AT_SYMLINK_NOFOLLOW) < 0 ||
               fstatat(j->root_fd, inner + 1, &b, AT_SYMLINK_NOFOLLOW) < 0 || a.st_dev == b.st_dev;
}

static int take_paths(Job *j) {
        char **all = j->configured;
        size_t n = 0, kept = 0;

        while (all[n])
                n++;
        j->paths = arena_new_n(&j->arena, char *, n + 1);
        if (!j->paths)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                bool within = false;

                for (size_t k = 0; k < n; k++)
                        within |= k != i &&
                                  (covers(j, all[k], all[i]) || (k < i && streq(all[k], all[i])));
                if (!within)
                        j->paths[kept++] = all[i];
        }
        if (kept <= INFO_PATHS_MAX)
                return 0;
        log_line(LOG_ERR,
                 "Paths= of %s has more than %d paths; name the directories that hold them",
                 j->name, INFO_PATHS_MAX);
        return -E2BIG;
}

static int take_agent(Job *j, const Config *c, const Agent *a) {
        const char *restic = startswith(a->backup_target, "restic:");

        j->restic = restic ? arena_strdup(&j->arena, restic) : NULL;
        j->target = restic ? DEFAULT_TARGET : arena_strdup(&j->arena, a->backup_target);
        j->keep = a->backup_keep;
        j->scheduled_together = streq(a->backup_schedule, c->host.defaults.backup_schedule);
        j->verified_together = streq(a->backup_verify, c->host.defaults.backup_verify);
        return take_configured(j, a->backup_paths);
}

/* Then nobody knows whether all is backed up that should be, and where it should go. */
static bool is_unsure(const Problems *problems) {
        for (const Problem *p = problems->first; p; p = p->next)
                if (p->section && streq(p->section, "Backup"))
                        return true;
        return false;
}

static int read_agent(Job *j, Config *c) {
        Arena arena = { 0 };
        Problems problems = { .arena = &arena };
        Agent agent = c->host.defaults;
        ConfigEntry entry;
        int r = 0;

        if (config_find(c, j->name, &entry) >= 0) {
                j->has_agent = true;
                r = config_read_agent(c, &entry, &arena, &problems, &agent);
        }
        if (problems_any(&problems))
                log_line(LOG_WARNING,
                         "%s.conf has mistakes, and what could be read of it is used; see: "
                         "ftectl lint %s",
                         j->name, j->name);
        j->is_unsure = is_unsure(&problems);
        if (r == 0)
                r = take_agent(j, c, &agent);
        if (r == 0)
                r = take_paths(j);
        arena_done(&arena);
        return r;
}

static int open_places(Job *j) {
        static const char state[] = BACKUP_STATE_DIRECTORY;

        j->root_fd = open(*j->root ? j->root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (j->root_fd < 0) {
                log_line(LOG_ERR, "%s: %s", j->root, strerror(errno));
                return -errno;
        }
        if (mkdirat(j->root_fd, state + 1, 0755) == 0) /* everyone may read the status */
                (void) !fchmodat(j->root_fd, state + 1, 0755, 0);
        j->state_fd = fsat_open_dir(j->root_fd, state + 1);
        if (j->state_fd < 0)
                log_line(LOG_ERR, BACKUP_STATE_DIRECTORY ": %s; run it as root",
                         strerror(-j->state_fd));
        return MIN(j->state_fd, 0);
}

int job_open(Job *j, const char *root, const char *name) {
        Config c;
        int r;

        *j = JOB_CLOSED;
        j->root = root;
        j->name = arena_strdup(&j->arena, name);
        j->directory = j->name ? name_directory(j->name, &j->arena) : NULL;
        if (!j->directory)
                return -ENOMEM;
        if (!agent_name_is_good(name)) {
                log_line(LOG_ERR, "\"%s\" cannot be the name of an agent", name);
                return -EINVAL;
        }
        r = open_places(j);
        if (r < 0)
                return r;
        r = config_open(&c, root, &j->arena);
        if (r == 0)
                r = read_agent(j, &c);
        config_close(&c);
        if (r < 0)
                log_line(LOG_ERR, "the configuration of %s cannot be read: %s", name, strerror(-r));
        return r;
}

bool job_is_known(Job *j) {
        const char *target = arena_printf(&j->arena, "%s/%s", j->target + 1, j->name);
        bool known = j->has_agent || j->restic || !target;

        for (char **p = j->paths; *p && !known; p++)
                known = faccessat(j->root_fd, *p + 1, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        if (!known)
                known = faccessat(j->root_fd, target, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        if (!known)
                log_line(LOG_ERR,
                         "there is no agent %s: /etc/fte/%s.conf does not exist; \"ftectl status\" "
                         "lists the agents",
                         j->name, j->name);
        return known;
}

int job_lock(Job *j, bool wait) {
        char file[300];
        int r;

        snprintf(file, sizeof(file), "%s.lock", j->name);
        j->lock_fd = openat(j->state_fd, file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        r = j->lock_fd < 0 ? -errno : fsat_lock(j->lock_fd, LOCK_WAIT_USEC);
        if (r == -EAGAIN && wait) {
                log_line(LOG_NOTICE, "another backup or restore of %s is under way; waiting for it",
                         j->name);
                r = fsat_lock(j->lock_fd, USEC_INFINITY);
        }
        if (r == -EAGAIN)
                log_line(LOG_ERR,
                         "another backup or restore of %s is under way; see: systemctl status "
                         "'fte-backup*@%s'",
                         j->name, j->name);
        else if (r < 0)
                log_line(LOG_ERR, BACKUP_STATE_DIRECTORY "/%s: %s", file, strerror(-r));
        return r;
}

void job_close(Job *j) {
        closep(&j->lock_fd);
        closep(&j->state_fd);
        closep(&j->root_fd);
        arena_done(&j->arena);
        *j = JOB_CLOSED;
}

int job_names(const char *root, Arena *arena, char ***ret) {
        char **names;
        Config c;
        int r = config_open(&c, root, arena);

        names = r == 0 ? arena_new_n(arena, char *, c.n_entries + 1) : NULL;
        for (size_t i = 0, n = 0; names && i < c.n_entries; i++)
                if (agent_name_is_good(c.entries[i].name))
                        names[n++] = arena_strdup(arena, c.entries[i].name);
        config_close(&c);
        if (r == 0 && (!names || arena_failed(arena)))
                r = -ENOMEM;
        if (r < 0)
                log_line(LOG_ERR, "the configuration cannot be read: %s", strerror(-r));
        else
                *ret = names;
        return r;
}
