/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the kernel counts for an agent, from the files of its cgroup: memory, CPU time, tasks. On a
 * host that still has the old hierarchies some files do not exist, and are unknown.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/parse.h"
#include "base/scope.h"

#include "ftectl/shared/terminal.h"
#include "status.h"

#define CPU_SPAN_USEC (2 * USEC_PER_SEC) /* shorter ones say nothing */
#define FILE_BYTES    4096

/* Where units may be; agents are in the first one unless a drop-in moved them. */
static const char *const parents[] = {
        "/sys/fs/cgroup/fte.slice",
        "/sys/fs/cgroup/system.slice",
        "/sys/fs/cgroup/unified/fte.slice",
};

uint64_t cgroup_parse_number(const char *text) {
        char digits[24];
        uint64_t n;

        if (snprintf(digits, sizeof(digits), "%.*s", (int) strcspn(text, "\n"), text) >=
            (int) sizeof(digits))
                return UNKNOWN;
        return parse_uint(digits, UINT64_MAX - 1, &n) == 0 ? n : UNKNOWN;
}

uint64_t cgroup_parse_key(const char *text, const char *key) {
        size_t n = strlen(key);

        for (const char *line = text; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, key, n) == 0 && line[n] == ' ')
                        return cgroup_parse_number(line + n + 1);
        }
        return UNKNOWN;
}

static uint64_t read_number(int dir_fd, const char *file) {
        char text[FILE_BYTES];

        return fsat_read(dir_fd, file, text, sizeof(text)) > 0 ? cgroup_parse_number(text)
                                                               : UNKNOWN;
}

static uint64_t read_key(int dir_fd, const char *file, const char *key) {
        char text[FILE_BYTES];

        return fsat_read(dir_fd, file, text, sizeof(text)) > 0 ? cgroup_parse_key(text, key)
                                                               : UNKNOWN;
}

/* Where the pids controller is off: the threads are listed all the same. */
static uint64_t count_threads(int dir_fd) {
        char text[16 * FILE_BYTES];
        uint64_t n = 0;

        if (fsat_read(dir_fd, "cgroup.threads", text, sizeof(text)) < 0)
                return UNKNOWN;
        for (const char *p = text; *p; p++)
                n += *p == '\n';
        return n;
}

/* Those of a person's are below the control group of their manager. */
static const char *parent_path(size_t i, char buf[static 256]) {
        unsigned uid = geteuid();

        if (!scope->is_user)
                return parents[i];
        snprintf(buf, 256, "/sys/fs/cgroup%s/user.slice/user-%u.slice/user@%u.service/app.slice%s",
                 i == 2 ? "/unified" : "", uid, uid, i == 1 ? "" : "/app-fte.slice");
        return buf;
}

static int open_cgroup(const int *parent_fds, const char *name) {
        char unit[256 + sizeof(".service")];

        stpcpy(stpcpy(unit, name), ".service");
        for (size_t i = 0; i < ARRAY_SIZE(parents); i++) {
                int fd = parent_fds[i] < 0 ? -ENOENT : fsat_open_dir(parent_fds[i], unit);

                if (fd >= 0)
                        return fd;
        }
        return -ENOENT;
}

/*
 * Of one CPU, on average since the start: the only span that a single look knows. The counter has
 * the start itself, too, which a moment after it would make hundreds of percents.
 */
static uint64_t cpu_permille(const AgentStatus *a) {
        uint64_t now = now_usec();

        if (a->cpu_usec == UNKNOWN || a->active_usec == UNKNOWN || a->active_usec == 0 ||
            now < a->active_usec + CPU_SPAN_USEC)
                return UNKNOWN;
        return a->cpu_usec * 1000 / (now - a->active_usec);
}

void status_read_cgroups(Status *s) {
        int parent_fds[ARRAY_SIZE(parents)];
        char path[256];

        for (size_t i = 0; i < ARRAY_SIZE(parents); i++)
                parent_fds[i] = fsat_open_dir(AT_FDCWD, parent_path(i, path));
        for (size_t i = 0; i < s->n; i++) {
                AgentStatus *a = &s->agents[i];
                int fd = status_is_running(a) ? open_cgroup(parent_fds, a->name) : -EBADF;

                if (fd < 0)
                        continue;
                a->memory_bytes = read_number(fd, "memory.current");
                a->memory_max_bytes = read_number(fd, "memory.max");
                a->cpu_usec = read_key(fd, "cpu.stat", "usage_usec");
                a->tasks = read_number(fd, "pids.current");
                if (a->tasks == UNKNOWN)
                        a->tasks = count_threads(fd);
                if (s->page) {
                        a->memory_peak_bytes = read_number(fd, "memory.peak"); /* Linux 5.19 */
                        a->tasks_max = read_number(fd, "pids.max");
                }
                a->cpu_permille = cpu_permille(a);
                closep(&fd);
        }
        for (size_t i = 0; i < ARRAY_SIZE(parents); i++)
                closep(&parent_fds[i]);
}
