/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The warnings of ftectl --user lint: what cannot hold on this host for the agents of a person
 * although the configuration may say it, because only root could change that. What can hold nowhere
 * is an error (config/user-keys.c). Reads a few files of the kernel and of logind.
 */

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/parse.h"
#include "base/scope.h"

#include "lint.h"

void lint_check_user_namespaces(Warner *w) {
        const UsernsSetting *s = userns_settings;

        if (!scope->is_user || w->agent->profile == PROFILE_TRUSTED)
                return;
        while (s->name && !userns_is_refused(w, s))
                s++;
        if (s->name)
                WARN(w, SANDBOX, "Profile", profile,
                     "\"%s\" rests on a user namespace, which this host does not allow a person "
                     "(%s is %s), so the agent cannot start; have root change that, or use "
                     "Profile=trusted, which protects no files",
                     profile_to_string(w->agent->profile), s->name, s->bad);
}

/* Without it the manager, and the agents with it, end with the last session. */
void lint_check_lingering(Warner *w) {
        struct passwd *p = scope->is_user ? getpwuid(geteuid()) : NULL;
        char path[256];

        if (!p || snprintf(path, sizeof(path), "var/lib/systemd/linger/%s", p->pw_name) >=
                          (int) sizeof(path))
                return;
        if (faccessat(w->root_fd, "var/lib/systemd", F_OK, 0) == 0 &&
            faccessat(w->root_fd, path, F_OK, 0) < 0)
                WARN(w, AGENT, "Enabled", enabled,
                     "your agents run only while you are logged in, and do not start at boot; to "
                     "change that: loginctl enable-linger");
}

/* systemd passes over a limit whose controller it was not given, in silence. */
void lint_check_user_limits(Warner *w) {
        const Agent *a = w->agent;
        const struct {
                const char *controller, *key;
                size_t offset;
                bool is_wanted;
        } rows[] = {
                { "memory", "Memory", offsetof(Agent, memory_bytes),
                  a->memory_bytes != BYTES_INFINITY },
                { "cpu", "CPU", offsetof(Agent, cpu_percent), a->cpu_percent > 0 },
                { "pids", "Tasks", offsetof(Agent, tasks), a->tasks > 0 },
                { "io", "IO", offsetof(Agent, io_weight), a->io_weight > 0 },
        };
        char path[256], controllers[256];
        unsigned uid = geteuid();

        if (!scope->is_user)
                return;
        snprintf(path, sizeof(path),
                 "sys/fs/cgroup/user.slice/user-%u.slice/user@%u.service/cgroup.controllers", uid,
                 uid);
        if (fsat_read(w->root_fd, path, controllers, sizeof(controllers)) < 0)
                return; /* no such manager runs */
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (rows[i].is_wanted &&
                    !word_find(controllers, " \n", rows[i].controller, strlen(rows[i].controller)))
                        warner_add(w, SECTION_LIMITS, rows[i].key,
                                   agent_place_near(a, rows[i].offset, SECTION_LIMITS),
                                   arena_printf(w->arena,
                                                "does not hold here: root has not given your "
                                                "manager the controller \"%s\"; have "
                                                "Delegate=%s set for user@.service",
                                                rows[i].controller, rows[i].controller));
}
