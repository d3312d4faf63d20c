/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parts of ftectl apply that keep files and the lock, as commands, so that a test can interrupt
 * them at each step:
 *
 *   apply-parts commit ROOT AGENT...   what is in ROOT/etc/fte becomes the set to go back to
 *   apply-parts show ROOT              that set: number, agents, and each file with its content
 *   apply-parts back ROOT AGENT        puts its files back
 *   apply-parts resume ROOT            finishes that
 *   apply-parts lock ROOT WAIT HOLD    takes the lock, in seconds, prints "locked" and keeps it
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/log.h"

#include "ftectl/apply/apply.h"
#include "ftectl/apply/put-back.h"

static int open_below(const char *root, const char *path) {
        char full[4096];

        snprintf(full, sizeof(full), "%s%s", root, path);
        return fsat_open_dir(AT_FDCWD, full);
}

/* The first agent has the plugin p, where there is one. */
static int commit(const char *root, char **agents, size_t n) {
        char *links[] = { n > 0 ? agents[0] : NULL, (char *) "plugins/p.conf", NULL };
        _cleanup_(applied_close) Applied applied = APPLIED_CLOSED;
        _cleanup_(file_set_done) FileSet files = { 0 };
        _cleanup_close_ int fd = -EBADF;
        int r;

        fd = open_below(root, "/etc/fte");
        r = fd < 0 ? fd : file_set_read(&files, fd);
        if (r >= 0)
                r = applied_open(&applied, root, true);
        if (r >= 0)
                r = applied_commit(&applied, &files, agents, n, links);
        if (r < 0)
                fprintf(stderr, "commit: %s\n", strerror(-r));
        return r < 0;
}

static int show(const char *root) {
        _cleanup_(applied_close) Applied applied = APPLIED_CLOSED;
        int r = applied_open(&applied, root, false);

        if (r < 0) {
                fprintf(stderr, "show: %s\n", strerror(-r));
                return 1;
        }
        for (size_t i = 0; i < applied.n_agents; i++)
                printf("agent %s\n", applied.agents[i]);
        for (char **p = applied.links; p && p[0] && p[1]; p += 2)
                printf("link %s %s%s\n", p[0], p[1],
                       applied_has_link(&applied, p[0], p[1]) ? "" : ", not found");
        for (size_t i = 0; i < applied.files.n; i++) {
                const SetFile *f = &applied.files.files[i];

                printf("%s of %s, mode %o%s: %.*s\n", f->path, f->group, f->st.st_mode & 07777,
                       f->is_mask ? ", mask" : "", (int) f->len, f->data);
        }
        return 0;
}

static int back(const char *root, const char *agent) {
        _cleanup_close_ int root_fd = open_below(root, "/"), etc_fd = open_below(root, "/etc/fte");
        _cleanup_(applied_close) Applied applied = APPLIED_CLOSED;
        _cleanup_(file_set_done) FileSet edit = { 0 };
        _cleanup_arena_ Arena arena = { 0 };
        int r = applied_open(&applied, root, false);
        _cleanup_(restore_done) Restore s = {
                .root_fd = root_fd,
                .etc_fd = etc_fd,
                .name = agent,
                .groups = &agent,
                .n_groups = 1,
                .good = &applied.files,
                .edit = &edit,
                .arena = &arena,
                .dir_fd = -EBADF,
        };

        if (r >= 0)
                r = file_set_read(&edit, etc_fd);
        if (r >= 0)
                r = restore_save(&s);
        if (r >= 0)
                r = restore_put_back(&s);
        if (r < 0)
                fprintf(stderr, "back: %s\n", strerror(-r));
        return r < 0;
}

static int resume(const char *root) {
        _cleanup_close_ int root_fd = open_below(root, "/"), etc_fd = open_below(root, "/etc/fte");
        _cleanup_arena_ Arena arena = { 0 };
        const char *directory;
        int r = restore_resume(root_fd, etc_fd, &arena, &directory);

        printf("%d %s\n", r, r == 0 ? "" : directory);
        return r < 0;
}

static int lock(const char *root, const char *wait_s, const char *hold_s) {
        int fd = apply_lock(root, (uint64_t) atoi(wait_s) * USEC_PER_SEC);

        if (fd < 0)
                return 2;
        puts("locked");
        fflush(stdout);
        sleep((unsigned) atoi(hold_s));
        close(fd);
        return 0;
}

int main(int argc, char **argv) {
        log_open("apply-parts", false);
        if (argc >= 3 && streq(argv[1], "commit"))
                return commit(argv[2], argv + 3, (size_t) argc - 3);
        if (argc == 3 && streq(argv[1], "show"))
                return show(argv[2]);
        if (argc == 4 && streq(argv[1], "back"))
                return back(argv[2], argv[3]);
        if (argc == 3 && streq(argv[1], "resume"))
                return resume(argv[2]);
        if (argc == 5 && streq(argv[1], "lock"))
                return lock(argv[2], argv[3], argv[4]);
        return 2;
}
