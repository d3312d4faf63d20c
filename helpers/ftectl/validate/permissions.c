/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Layer 2 of ftectl validate: whose the processes, the log and the secrets are. The data directory
 * is in validate/tree.c, the unit in validate/trust.c.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "validate.h"

#define NAMED_MAX 3 /* offenders that are named */

/* ---- processes ---- */

static bool is_other(const Subject *s, const Process *p) {
        return p->uid != s->account->uid || p->euid != s->account->uid;
}

/* While it starts or restarts, a hook of ours is in the group for a moment, as root. */
static int read_processes(Subject *s, ProcessList *ret) {
        const struct timespec pause = { .tv_nsec = 200 * 1000 * 1000 };
        const char *cgroup = *s->unit.control_group
                                     ? s->unit.control_group
                                     : arena_printf(&s->arena, "/fte.slice/%s.service", s->name);
        int r = -ENOENT;

        for (unsigned i = 0; i < 5; i++) {
                bool hook = false;

                r = processes_of_cgroup(s->run->args->root, cgroup, &s->arena, ret);
                for (size_t k = 0; r >= 0 && k < ret->n; k++)
                        hook = hook || (is_other(s, &ret->items[k]) &&
                                        startswith(ret->items[k].command, "fte-alert-hook"));
                if (!hook)
                        break;
                nanosleep(&pause, NULL);
        }
        return r;
}

void check_processes(Subject *s, Finding *f) {
        const char *user = agent_user(&s->agent);
        ProcessList list = { 0 };
        size_t bad = 0;
        int r;

        if (!s->account) {
                finding_skip(s, f, "there is no account %s", user);
                return;
        }
        r = read_processes(s, &list);
        if ((r < 0 && r != -ENOENT) || list.cut)
                finding_bad(s, f, "the processes of its control group", "%s",
                            list.cut ? "more than anybody could look at" : strerror(-r));
        else if (list.n == 0)
                finding_skip(s, f, "it has no process; start it: systemctl start %s", s->name);
        for (size_t i = 0; i < list.n; i++)
                if (is_other(s, &list.items[i]) && bad++ < NAMED_MAX)
                        finding_bad(s, f,
                                    arena_printf(&s->arena, "all of %s, UID %llu", user,
                                                 (unsigned long long) s->account->uid),
                                    "process %d (%s) has UID %u", (int) list.items[i].pid,
                                    list.items[i].command,
                                    list.items[i].uid != s->account->uid ? list.items[i].uid
                                                                         : list.items[i].euid);
        if (bad > 0)
                finding_fix_override(s, f, "User");
        if (f->verdict == VERDICT_NOT_RUN)
                finding_good(s, f, "%zu process%s, UID %llu", list.n, list.n == 1 ? "" : "es",
                             (unsigned long long) s->account->uid);
}

/* ---- files ---- */

typedef struct Rule {
        const char *path, *what;
        mode_t forbidden; /* bits of the mode */
        const char *mode; /* for chmod */
        bool root_may_own;
} Rule;

static const char *owner_of(Subject *s, const struct stat *st) {
        return arena_printf(&s->arena, "%u:%u", (unsigned) st->st_uid, (unsigned) st->st_gid);
}

static void judge(Subject *s, Finding *f, const Rule *rule, const struct stat *st) {
        bool good_owner = st->st_uid == s->account->uid || (rule->root_may_own && st->st_uid == 0);

        if (!good_owner) {
                finding_bad(s, f,
                            arena_printf(&s->arena, "%s of %s%s", rule->what, agent_user(&s->agent),
                                         rule->root_may_own ? " or root" : ""),
                            "%s belongs to %s", rule->path, owner_of(s, st));
                finding_fix(s, f,
                            rule->root_may_own ? "chown root:root {1}" : "chown {user}:{group} {1}",
                            rule->path);
        }
        if (st->st_mode & rule->forbidden) {
                finding_bad(s, f, arena_printf(&s->arena, "%s of mode %s", rule->what, rule->mode),
                            "%s has mode %04o", rule->path, (unsigned) (st->st_mode & 07777));
                finding_fix(s, f, arena_printf(&s->arena, "chmod %s {1}", rule->mode), rule->path);
        }
}

/* On the same disk as the data that one check tells of it. */
static void check_log_space(Subject *s, Finding *f, const char *path) {
        struct stat data, log;
        _cleanup_close_ int fd = -EBADF;

        if (!path || subject_stat(s, path, &log) < 0)
                return;
        if (subject_stat(s, fill_template(s, "{data}", NULL), &data) == 0 &&
            data.st_dev == log.st_dev)
                return;
        fd = openat(s->run->root_fd, path + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
                finding_full(s, f, fd, path);
}

/* A group may read it: OperatorsGroup= by an ACL, whose mask is what the group's bits then are. */
void check_log_access(Subject *s, Finding *f) {
        const char *path = subject_log_file(s);
        Rule rule = { path, "a log", 0027 | S_ISUID | S_ISGID, "0640", false };
        const char *slash = strrchr(path, '/');
        struct stat st;
        int r;

        if (!*path || !s->account) {
                finding_skip(s, f, *path ? "there is no account %s" : "%s has [Logging] File=none",
                             *path ? agent_user(&s->agent) : s->agent.place.file);
                return;
        }
        r = fstatat(s->run->root_fd, path + 1, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
        if (r == -ENOENT && finding_skip_absent(s, f))
                return;
        if (r < 0) {
                finding_bad(s, f, "a log file", "%s: %s", path, strerror(-r));
                finding_fix_override(s, f, "ExecStart");
                return;
        }
        judge(s, f, &rule, &st);
        rule = (Rule){ arena_strndup(&s->arena, path, (size_t) (slash - path)), "a log directory",
                       0027, "0750", false };
        if (startswith(path, "/var/log/") && rule.path && subject_stat(s, rule.path, &st) == 0) {
                judge(s, f, &rule, &st);
                if (f->verdict == VERDICT_NOT_RUN && st.st_uid == s->account->uid)
                        finding_foreign(s, f, rule.path); /* older logs */
        }
        check_log_space(s, f, rule.path);
        if (f->verdict == VERDICT_NOT_RUN)
                finding_good(s, f, "%s and its directory", path);
}

void check_env_access(Subject *s, Finding *f) {
        Rule rule = { s->agent.env_file, "a file", 0077, "0600", true };
        struct stat st;
        int r;

        if (!agent_has_env_file(&s->agent) || !s->account) {
                finding_skip(s, f, s->account ? "[Environment] File=none" : "there is no account");
                return;
        }
        r = fstatat(s->run->root_fd, rule.path + 1, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
        if (r < 0) {
                finding_bad(s, f, "a file with the secrets", "%s: %s", rule.path, strerror(-r));
                finding_fix(s, f, "install -D -m 0600 /dev/null {1}", rule.path);
                return;
        }
        judge(s, f, &rule, &st);
        if (f->verdict == VERDICT_NOT_RUN)
                finding_good(s, f, "%s, mode %04o", rule.path, (unsigned) (st.st_mode & 07777));
}
