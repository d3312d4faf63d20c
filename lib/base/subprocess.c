/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * subprocess.h by posix_spawn(3) and a memfd.
 */

#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>

#include "base/fsat.h"
#include "base/subprocess.h"

int spawn_input(const char *data, size_t len) {
        _cleanup_close_ int fd = memfd_create("input", MFD_CLOEXEC);
        int r;

        if (fd < 0)
                return -errno;
        r = fd_write_all(fd, data, len);
        if (r < 0)
                return r;
        return lseek(fd, 0, SEEK_SET) < 0 ? -errno : TAKE_FD(fd);
}

static int set_attributes(posix_spawnattr_t *attributes) {
        sigset_t none, all;

        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(attributes, &none);
        posix_spawnattr_setsigdefault(attributes, &all);
        posix_spawnattr_setpgroup(attributes, 0);
        return -posix_spawnattr_setflags(
                attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int add_actions(posix_spawn_file_actions_t *actions, const int fds[static 3]) {
        int r = 0;

        for (int i = 0; i < 3 && r == 0; i++)
                r = -posix_spawn_file_actions_adddup2(actions, fds[i], i);
        return r < 0 ? r : -posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

int spawn_program(char *const *argv, char *const *envp, const int fds[static 3], pid_t *ret_pid) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        int r;

        if (posix_spawn_file_actions_init(&actions) != 0)
                return -ENOMEM;
        if (posix_spawnattr_init(&attributes) != 0) {
                posix_spawn_file_actions_destroy(&actions);
                return -ENOMEM;
        }
        r = set_attributes(&attributes);
        if (r == 0)
                r = add_actions(&actions, fds);
        if (r == 0)
                r = -posix_spawnp(ret_pid, argv[0], &actions, &attributes, argv, envp);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        return r;
}
