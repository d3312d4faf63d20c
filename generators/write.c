/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Writes the plan (write.h). No temporary files and renames: systemd empties the output
 * directories before each run and reads them only after it. A second run by hand replaces what
 * the first one left.
 */

#include "write.h"
#include "base/fsat.h"

/* Makes the directory in front of "/" in path, unless the previous entry has it already. */
static int make_parent(int dir_fd, const char *path, const char *previous) {
        const char *slash = strchr(path, '/');
        char parent[256];
        size_t n;

        if (!slash)
                return 0;
        n = (size_t) (slash - path);
        if (n >= sizeof(parent))
                return -ENAMETOOLONG;
        if (previous && strncmp(path, previous, n + 1) == 0)
                return 0;
        memcpy(parent, path, n);
        parent[n] = 0;
        return fsat_mkdir(dir_fd, parent);
}

/*
 * Written files whose descriptors, one after the other, are still open: they are closed many at a
 * time, which is one system call less for each agent.
 */
typedef struct Written {
        int first_fd, n;
} Written;

#define WRITTEN_MAX 64

static void close_written(Written *w) {
        /*
         * Cannot fail but for the kernel's age: it is from 5.9, and systemd 249 runs on older ones.
         */
        if (w->n > 0 &&
            close_range((unsigned) w->first_fd, (unsigned) (w->first_fd + w->n - 1), 0) < 0)
                while (w->n > 0)
                        close(w->first_fd + --w->n);
        w->n = 0;
}

static int write_entry(const PlanEntry *e, int dir_fd, Written *w) {
        int fd;

        if (e->is_link)
                return fsat_symlink(e->data, dir_fd, e->path);
        fd = fsat_write(dir_fd, e->path, e->data, e->len);
        if (fd < 0)
                return fd;
        if (fd != w->first_fd + w->n || w->n == WRITTEN_MAX) {
                close_written(w);
                w->first_fd = fd;
        }
        w->n++;
        return 0;
}

/* The wants directory is shared by all agents: remember the last of each rank. */
int plan_write(const Plan *p, int dir_fd, WriteFailed failed) {
        const char *previous[PLAN_INSTALL + 1] = { NULL };
        uint32_t bad_group = UINT32_MAX;
        Written written = { 0 };
        int first_error = 0;

        for (size_t i = 0; i < p->n; i++) {
                const PlanEntry *e = &p->entries[i];
                int r;

                if (e->group == bad_group)
                        continue;
                r = make_parent(dir_fd, e->path, previous[e->rank]);
                if (r >= 0)
                        r = write_entry(e, dir_fd, &written);
                if (r < 0) {
                        bad_group = e->group;
                        if (first_error == 0)
                                first_error = r;
                        failed(e->path, r);
                        continue;
                }
                previous[e->rank] = e->path;
        }
        close_written(&written);
        return first_error;
}
