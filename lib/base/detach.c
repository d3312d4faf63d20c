/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The fork of detach.h. The caller becomes the agent by exec with its PID unchanged, so nothing
 * may be left on it: no child, no pending SIGCHLD, no changed mask.
 */

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/detach.h"

extern char **environ;

int fd_above_stdio(int fd) {
        int moved;

        if (fd < 0 || fd > STDERR_FILENO)
                return fd;
        moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (moved < 0)
                moved = -errno;
        close(fd);
        return moved;
}

int detach_self_pidfd(void) {
        int fd = (int) syscall(SYS_pidfd_open, getpid(), 0);

        return fd < 0 ? -errno : fd;
}

/*
 * A child of our parent, the service manager, instead of our own. Forking twice comes to the same,
 * but takes more than twice as long on the agent's way to its exec.
 */
static pid_t fork_sibling(int flags) {
#ifdef __s390x__
        return (pid_t) syscall(SYS_clone, NULL, flags | SIGCHLD, NULL, NULL, NULL);
#else
        return (pid_t) syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
#endif
}

int detach_fork(void) {
        sigset_t all, before;
        pid_t pid;
        int r;

        sigfillset(&all);
        if (sigprocmask(SIG_SETMASK, &all, &before) < 0)
                return -errno;
        pid = fork_sibling(CLONE_PARENT);
        if (pid < 0 && errno == EINVAL)
                /* PID 1 of a container has no siblings, and every orphan is its child anyway. */
                pid = fork_sibling(0);
        if (pid == 0)
                return 0;
        r = pid < 0 ? -errno : 1;
        sigprocmask(SIG_SETMASK, &before, NULL);
        return r;
}

static void close_between(unsigned first, unsigned last) {
        if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
                return;
        /* An old kernel or a strict filter: one by one, as far as descriptors usually go. */
        for (unsigned fd = first; fd <= MIN(last, 1023U); fd++)
                close((int) fd);
}

void detach_close_from(int first) {
        close_between((unsigned) first, ~0U);
}

static void close_all_but(const int keep_fds[static 2]) {
        unsigned low = (unsigned) MIN(keep_fds[0], keep_fds[1]);
        unsigned high = (unsigned) MAX(keep_fds[0], keep_fds[1]);
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (null < 0)
                        close(fd);
                else
                        dup2(null, fd);
        close_between(STDERR_FILENO + 1, low - 1);
        close_between(low + 1, high - 1);
        close_between(high + 1, ~0U);
}

/* The precheck has put the agent's secrets here, and a large environment would be our memory. */
static void forget_environment(void) {
        char *start = NULL, *stop = NULL, *page, *page_end;
        uintptr_t page_bytes = (uintptr_t) sysconf(_SC_PAGESIZE);

        for (char **e = environ; e && *e; e++) {
                char *after = *e + strlen(*e);

                start = start ? MIN(start, *e) : *e;
                stop = stop ? MAX(stop, after) : after;
        }
        environ = NULL;
        if (!start)
                return;
        page = (char *) (((uintptr_t) start + page_bytes - 1) & ~(page_bytes - 1));
        page_end = (char *) ((uintptr_t) stop & ~(page_bytes - 1));
        if (page < page_end && madvise(page, (size_t) (page_end - page), MADV_DONTNEED) == 0) {
                explicit_bzero(start, (size_t) (page - start));
                explicit_bzero(page_end, (size_t) (stop - page_end));
        } else
                explicit_bzero(start, (size_t) (stop - start));
}

void detach_forget_stack(void) {
        uintptr_t page_bytes = (uintptr_t) sysconf(_SC_PAGESIZE);
        uintptr_t here = (uintptr_t) __builtin_frame_address(0) & ~(page_bytes - 1);

        /* One page for this call itself; -ENOMEM where the stack never reached is no failure. */
        madvise((char *) here - 17 * page_bytes, 16 * page_bytes, MADV_DONTNEED);
}

void detach_release(const int keep_fds[static 2]) {
        setsid();
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        close_all_but(keep_fds);
        detach_forget_stack();
}

void detach_forget(const int keep_fds[static 2]) {
        detach_release(keep_fds);
        if (chdir("/") < 0) {
                /* Then it stays where it is: nothing depends on it. */
        }
        forget_environment();
        detach_forget_stack();
}
