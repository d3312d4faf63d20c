/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * processes.h by cgroup.procs and /proc/PID/status and stat. The owner of /proc/PID is not asked:
 * it is root for a process that may not be dumped, whoever it runs as.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/parse.h"

#include "processes.h"

#define DEPTH_MAX   16
#define PROCS_BYTES (64 * 1024)

/* Where hierarchies are mounted whose groups have the names that systemd gives them. */
static const char *const hierarchies[] = {
        "/sys/fs/cgroup",
        "/sys/fs/cgroup/unified",
        "/sys/fs/cgroup/systemd",
};

int cgroup_open(const char *root, const char *cgroup) {
        for (size_t i = 0; i < ARRAY_SIZE(hierarchies); i++) {
                char path[PATH_MAX];
                int fd;

                if (snprintf(path, sizeof(path), "%s%s%s", root, hierarchies[i], cgroup) >=
                    (int) sizeof(path))
                        return -ENAMETOOLONG;
                fd = fsat_open_dir(AT_FDCWD, path);
                if (fd != -ENOENT)
                        return fd;
        }
        return -ENOENT;
}

/* ---- one process ---- */

/* The number at the column of the line that begins with key. */
static int number_of_line(const char *text, const char *key, unsigned column, uint64_t *ret) {
        const char *line = strstr(text, key);

        if (!line)
                return -EBADMSG;
        line += strlen(key);
        for (;; column--) {
                char *end;

                errno = 0;
                *ret = strtoull(line, &end, 10);
                if (end == line || errno != 0)
                        return -EBADMSG;
                if (column == 0)
                        return 0;
                line = end;
        }
}

/* Field 22 of proc_pid_stat(5); what is before it may hold blanks and brackets. */
static uint64_t start_of(const char *stat) {
        const char *p = strrchr(stat, ')');
        long ticks = sysconf(_SC_CLK_TCK);

        for (unsigned field = 2; p && field < 22; field++) {
                p = strchr(p, ' ');
                p = p ? p + 1 : NULL;
        }
        return p && ticks > 0 ? strtoull(p, NULL, 10) * (USEC_PER_SEC / (uint64_t) ticks) : 0;
}

static int read_process(int proc_fd, pid_t pid, Arena *arena, Process *ret) {
        char path[48], status[8192], stat[4096], name[64];
        uint64_t parent, uid, euid;
        ssize_t n;

        snprintf(path, sizeof(path), "%d/status", (int) pid);
        n = fsat_read(proc_fd, path, status, sizeof(status));
        if (n < 0)
                return n == -ENOENT ? -ESRCH : (int) n;
        if (number_of_line(status, "\nPPid:", 0, &parent) < 0 ||
            number_of_line(status, "\nUid:", 0, &uid) < 0 ||
            number_of_line(status, "\nUid:", 1, &euid) < 0)
                return -ESRCH; /* it ended while it was read */
        snprintf(path, sizeof(path), "%d/stat", (int) pid);
        if (fsat_read(proc_fd, path, stat, sizeof(stat)) < 0)
                *stat = 0;
        snprintf(path, sizeof(path), "%d/comm", (int) pid);
        n = fsat_read(proc_fd, path, name, sizeof(name));
        name[n > 0 ? strcspn(name, "\n") : 0] = 0;
        *ret = (Process){ .pid = pid,
                          .parent = (pid_t) parent,
                          .uid = (uid_t) uid,
                          .euid = (uid_t) euid,
                          .start_usec = start_of(stat),
                          .command = arena_strdup(arena, name) };
        return ret->command ? 0 : -ENOMEM;
}

static int open_proc(const char *root) {
        char path[PATH_MAX];

        if (snprintf(path, sizeof(path), "%s/proc", root) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        return fsat_open_dir(AT_FDCWD, path);
}

int process_read(const char *root, pid_t pid, Arena *arena, Process *ret) {
        _cleanup_close_ int fd = open_proc(root);

        return fd < 0 ? fd : read_process(fd, pid, arena, ret);
}

/* ---- those of a group ---- */

typedef struct Walk {
        ProcessList list;
        Arena *arena;
        int proc_fd;
        size_t size;
} Walk;

static int add(Walk *w, const Process *p) {
        if (w->list.n == w->size) {
                size_t size = MAX(w->size * 2, (size_t) 32);
                Process *items = arena_new_n(w->arena, Process, size);

                if (!items)
                        return -ENOMEM;
                if (w->list.n > 0)
                        memcpy(items, w->list.items, w->list.n * sizeof(*items));
                w->list.items = items;
                w->size = size;
        }
        w->list.items[w->list.n++] = *p;
        return 0;
}

static int add_pids(Walk *w, int cgroup_fd) {
        _cleanup_free_ char *text = malloc(PROCS_BYTES);
        ssize_t n = text ? fsat_read(cgroup_fd, "cgroup.procs", text, PROCS_BYTES) : -ENOMEM;
        char *save = NULL;

        /* -EOPNOTSUPP: a threaded group, whose processes are those of the one above it. */
        if (n < 0)
                return n == -EOPNOTSUPP || n == -ENODEV ? 0 : (int) n;
        for (char *word = strtok_r(text, "\n", &save); word; word = strtok_r(NULL, "\n", &save)) {
                uint64_t pid;
                Process p;
                int r;

                if (parse_uint(word, INT_MAX, &pid) < 0)
                        continue;
                if (w->list.n == PROCESSES_MAX) {
                        w->list.cut = true;
                        return 0;
                }
                r = read_process(w->proc_fd, (pid_t) pid, w->arena, &p);
                if (r == 0)
                        r = add(w, &p);
                if (r < 0 && r != -ESRCH)
                        return r;
        }
        return 0;
}

static int walk(Walk *w, int cgroup_fd, unsigned depth) {
        int r = add_pids(w, cgroup_fd), fd = r < 0 ? r : fsat_open_dir(cgroup_fd, ".");
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        while (r >= 0 && dir && depth < DEPTH_MAX && (entry = readdir(dir))) {
                int child;

                if (entry->d_type != DT_DIR || *entry->d_name == '.')
                        continue;
                child = fsat_open_dir(dirfd(dir), entry->d_name);
                if (child < 0)
                        continue; /* gone */
                r = walk(w, child, depth + 1);
                close(child);
        }
        if (dir)
                closedir(dir);
        else
                closep(&fd);
        return r;
}

static int compare_pid(const void *a, const void *b) {
        return ((const Process *) a)->pid - ((const Process *) b)->pid;
}

int processes_of_cgroup(const char *root, const char *cgroup, Arena *arena, ProcessList *ret) {
        _cleanup_close_ int fd = cgroup_open(root, cgroup), proc_fd = open_proc(root);
        Walk w = { .arena = arena, .proc_fd = proc_fd };
        int r = fd < 0 ? fd : proc_fd < 0 ? proc_fd : walk(&w, fd, 0);

        if (r < 0)
                return r;
        if (w.list.n > 1)
                qsort(w.list.items, w.list.n, sizeof(Process), compare_pid);
        *ret = w.list;
        return 0;
}
