/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The file that says how far a restore is, NAME.restore in the state directory: written anew for
 * each phase, whole or not at all, and read after a power cut. Root's own, and yet read with care.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/log.h"

#include "swap-state.h"

#define STATE_BYTES_MAX ((size_t) 512 * 1024)

static const char *const phase_names[_SWAP_PHASE_MAX] = { "extracting", "swapping", "trial",
                                                          "done" };

static void state_name(const Job *j, char name[static 160]) {
        snprintf(name, 160, "%.140s.restore", j->name);
}

int swap_state_save(const Swap *s) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        char name[160], part[176];
        int r;

        state_name(s->job, name);
        snprintf(part, sizeof(part), ".%s.part", name); /* others are restored at the same time */
        strbuf_addf(&b, "phase %s\nactive %d\n", phase_names[s->phase], s->was_active);
        for (size_t i = 0; i < s->n; i++)
                strbuf_addf(&b, "path %llu %d %s\n", (unsigned long long) s->paths[i].inode,
                            s->paths[i].had_old, s->paths[i].real);
        r = strbuf_check(&b);
        if (r == 0)
                r = fsat_create(s->job->state_fd, part,
                                &(FsatContent){ b.text, b.len, 0600, true });
        if (r == 0 && renameat(s->job->state_fd, part, s->job->state_fd, name) < 0)
                r = -errno;
        if (r == 0 && fsync(s->job->state_fd) < 0)
                r = -errno;
        if (r < 0)
                log_line(LOG_ERR, BACKUP_STATE_DIRECTORY "/%s: %s", name, strerror(-r));
        return r;
}

int swap_state_remove(const Swap *s) {
        char name[160];

        state_name(s->job, name);
        if ((unlinkat(s->job->state_fd, name, 0) < 0 && errno != ENOENT) ||
            fsync(s->job->state_fd) < 0)
                return -errno;
        return 0;
}

static int load_path(Swap *s, const char *text) {
        unsigned long long inode;
        int had_old, n = 0;
        char *path;

        if (sscanf(text, "%llu %d %n", &inode, &had_old, &n) != 2 || n == 0 || text[n] != '/' ||
            s->n == SWAP_PATHS_MAX)
                return -EBADMSG;
        path = arena_strdup(&s->arena, text + n);
        if (!path)
                return -ENOMEM;
        s->paths[s->n++] = (SwapPath){ .path = path,
                                       .real = path,
                                       .parent_fd = -EBADF,
                                       .container_fd = -EBADF,
                                       .inode = inode,
                                       .had_old = had_old };
        return 0;
}

static int load_line(Swap *s, const char *line) {
        const char *value = startswith(line, "phase ");

        if (value) {
                for (SwapPhase p = 0; p < _SWAP_PHASE_MAX; p++)
                        if (streq(value, phase_names[p])) {
                                s->phase = p;
                                return 0;
                        }
                return -EBADMSG;
        }
        value = startswith(line, "active ");
        if (value) {
                s->was_active = streq(value, "1");
                return 0;
        }
        value = startswith(line, "path ");
        return value ? load_path(s, value) : -EBADMSG;
}

int swap_load(Swap *s, const Job *j) {
        _cleanup_free_ char *text = malloc(STATE_BYTES_MAX);
        _cleanup_close_ int fd = -EBADF;
        char name[160];
        ssize_t n;
        int r = 0;

        *s = (Swap){ .job = j, .was_loaded = true };
        state_name(j, name);
        fd = fsat_open_regular(j->state_fd, name);
        if (fd == -ENOENT)
                return 0;
        n = !text ? -ENOMEM : fd < 0 ? fd : fsat_read_fd(fd, text, STATE_BYTES_MAX);
        if (n < 0)
                r = (int) n;
        for (char *line = text, *end; r == 0 && (end = strchr(line, '\n')); line = end + 1) {
                *end = 0;
                r = load_line(s, line);
        }
        if (r < 0)
                log_line(LOG_ERR,
                         BACKUP_STATE_DIRECTORY "/%s: %s; it says how far a restore was that was "
                                                "interrupted. Look beside the agent's data for a "
                                                "directory .NAME.fte-restore",
                         name, r == -EBADMSG ? "cannot be understood" : strerror(-r));
        return r < 0 ? r : 1;
}
