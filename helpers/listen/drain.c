/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * drain.h by a filter on the listening socket, which its next holder takes off: it drops the first
 * packet of a connection, which every client's kernel sends again a second later. What is connected
 * goes on. Runs as root, for it takes the socket out of the agent's process; it touches no
 * socket but one that listens at the agent's own address.
 */

#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/macro.h"
#include "drain.h"

#define FIRST_FD   3
#define LAST_FD    255
#define TICK_USEC  (5 * USEC_PER_MSEC)
#define DRAIN_USEC (USEC_PER_SEC)
#define QUIET      3 /* looks in a row that find nothing */

#define TCP_ESTABLISHED_HEX 1 /* in /proc/net/tcp */

/* Nothing else of the agent's is even opened: whose file it is, it may never answer. */
static bool is_socket(pid_t pid, int n) {
        char path[64], target[32];
        ssize_t len;

        snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int) pid, n);
        len = readlink(path, target, sizeof(target) - 1);
        target[MAX(len, (ssize_t) 0)] = 0;
        return startswith(target, "socket:[") != NULL;
}

static int find_socket(const ListenAddress *a, pid_t pid, int pidfd) {
        for (int n = FIRST_FD; n <= LAST_FD; n++) {
                int fd = is_socket(pid, n) ? (int) syscall(SYS_pidfd_getfd, pidfd, n, 0) : -1;

                if (fd < 0)
                        continue;
                if (address_is_of(a, fd))
                        return fd;
                close(fd);
        }
        return -ENOENT;
}

static int hold_back(int fd) {
        /* The packet begins with its TCP header: the flags are in byte 13. */
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
                BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02 /* SYN */, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, 0),
                BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        };
        struct sock_fprog program = { ARRAY_SIZE(code), code };

        return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno
                                                                                           : 0;
}

/* Of a listening socket it is the number of connections that wait to be accepted. */
static unsigned count_waiting(int fd) {
        struct tcp_info info = { 0 };
        socklen_t len = sizeof(info);

        return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ? 0 : info.tcpi_unacked;
}

/* Connections to the port with bytes that nobody has read, whichever process has them. */
static unsigned count_unread(pid_t pid, const char *table, unsigned port) {
        char path[64], line[512];
        unsigned n = 0;
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%d/net/%s", (int) pid, table);
        f = fopen(path, "re");
        while (f && fgets(line, sizeof(line), f)) {
                unsigned local, state, unread;

                if (sscanf(line, " %*[^:]: %*[^:]:%x %*s %x %*[^:]:%x", &local, &state, &unread) ==
                            3 &&
                    local == port && state == TCP_ESTABLISHED_HEX && unread > 0)
                        n++;
        }
        if (f)
                fclose(f);
        return n;
}

static void wait_until_read(int fd, pid_t pid, unsigned port) {
        unsigned quiet = 0;

        for (uint64_t waited = 0; waited < DRAIN_USEC && quiet < QUIET; waited += TICK_USEC) {
                unsigned n = count_waiting(fd) + count_unread(pid, "tcp", port) +
                             count_unread(pid, "tcp6", port);

                quiet = n == 0 ? quiet + 1 : 0;
                usleep(TICK_USEC);
        }
}

int drain_run(const ListenAddress *a, pid_t pid) {
        _cleanup_close_ int pidfd = -EBADF, fd = -EBADF;
        int r;

        if (a->address.sa.sa_family == AF_UNIX)
                return 0;
        pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
        if (pidfd < 0)
                return -errno;
        fd = find_socket(a, pid, pidfd);
        if (fd < 0)
                return fd;
        r = hold_back(fd);
        if (r == 0) /* the port is at the same place in both */
                wait_until_read(fd, pid, ntohs(a->address.in.sin_port));
        return r;
}

void drain_end(int fd) {
        int nothing = 0;

        (void) setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &nothing, sizeof(nothing));
}
