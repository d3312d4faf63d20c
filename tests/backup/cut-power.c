/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A library to be preloaded: ends the program, as a power cut would, before the call number
 * FTE_CUT_AT of those that change what is on the disk. Calls that were made stay made.
 */

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macro.h"

static void count(void) {
        static unsigned long n;
        const char *at = getenv("FTE_CUT_AT");

        if (at && ++n == strtoul(at, NULL, 10))
                raise(SIGKILL);
}

#define NEXT(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

int renameat(int from_fd, const char *from, int to_fd, const char *to) {
        count();
        return NEXT(renameat)(from_fd, from, to_fd, to);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) {
        count();
        return NEXT(renameat2)(from_fd, from, to_fd, to, flags);
}

int unlinkat(int fd, const char *name, int flags) {
        count();
        return NEXT(unlinkat)(fd, name, flags);
}

int mkdirat(int fd, const char *name, mode_t mode) {
        count();
        return NEXT(mkdirat)(fd, name, mode);
}

int fsync(int fd) {
        count();
        return NEXT(fsync)(fd);
}

int syncfs(int fd) {
        count();
        return NEXT(syncfs)(fd);
}
