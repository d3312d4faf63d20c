/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * hold.h, by a filter on the listening socket. Connections that are being opened belong to it until
 * they are complete, and with TCP_DEFER_ACCEPT until their request is there, so the filter sees
 * their packets: it lets the first through, which makes the client believe in a connection and send
 * its request, and drops the rest. The client's kernel sends it again, after 200 ms at first.
 */

#include <dirent.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/fsat.h"
#include "base/parse.h"
#include "hold.h"

#define LOOK_USEC  20000u
#define LOOKS_MAX  100u
#define QUIET_WANT 3u /* so often in a row nothing was left to read */

#define TCP_STATE_ESTABLISHED 0x01
#define TCP_STATE_CLOSE_WAIT  0x08

/* Linux runs a filter of TCP with the header in front: byte 13 has the flags (RFC 9293, 3.1). */
static int hold(int fd) {
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
                BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, TH_SYN, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
                BPF_STMT(BPF_RET | BPF_K, 0),
        };
        struct sock_fprog program = { ARRAY_SIZE(filter), filter };

        return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno
                                                                                           : 0;
}

void hold_end(int fd) {
        (void) setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){ 0 }, sizeof(int));
}

/* The process may have moved it, so all of its descriptors are looked at. */
static int find_socket(const ListenAddress *a, int pidfd, int proc_fd) {
        int dir_fd = fsat_open_dir(proc_fd, "fd"), found = -ENOENT;
        DIR *dir = dir_fd < 0 ? NULL : fdopendir(dir_fd);
        struct dirent *d;

        if (!dir) {
                found = dir_fd < 0 ? dir_fd : -errno;
                closep(&dir_fd);
                return found;
        }
        while (found < 0 && (d = readdir(dir))) {
                uint64_t n;
                int fd;

                if (parse_uint(d->d_name, INT32_MAX, &n) < 0)
                        continue;
                fd = (int) syscall(SYS_pidfd_getfd, pidfd, (int) n, 0);
                if (fd < 0 && (errno == EPERM || errno == ENOSYS)) {
                        found = -errno;
                        break;
                }
                if (fd >= 0 && address_is_of(a, fd))
                        found = fd;
                else if (fd >= 0)
                        close(fd);
        }
        closedir(dir);
        return found;
}

/* What waits to be accepted; the kernel gives it there for a socket that listens (tcp(7)). */
static bool has_queue(int fd) {
        struct tcp_info info = { 0 };
        socklen_t len = sizeof(info);

        return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 && info.tcpi_unacked > 0;
}

/* Whether a connection of the port has something that was not read. */
static bool has_unread(int proc_fd, const char *table, unsigned port) {
        int fd = openat(proc_fd, table, O_RDONLY | O_CLOEXEC);
        FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
        bool found = false;
        char line[512];

        if (!f)
                return false;
        while (!found && fgets(line, sizeof(line), f)) {
                unsigned local, state, unread;

                if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%x", &local,
                           &state, &unread) == 3)
                        found = local == port && unread > 0 &&
                                (state == TCP_STATE_ESTABLISHED || state == TCP_STATE_CLOSE_WAIT);
        }
        fclose(f);
        return found;
}

static void wait_quiet(const ListenAddress *a, int fd, int proc_fd) {
        bool is_v4 = a->address.sa.sa_family == AF_INET;
        unsigned port = ntohs(is_v4 ? a->address.in.sin_port : a->address.in6.sin6_port);
        unsigned quiet = 0;

        for (unsigned i = 0; i < LOOKS_MAX && quiet < QUIET_WANT; i++) {
                bool busy = has_queue(fd) || has_unread(proc_fd, "net/tcp", port) ||
                            has_unread(proc_fd, "net/tcp6", port);

                quiet = busy ? 0 : quiet + 1;
                (void) nanosleep(&(struct timespec){ .tv_nsec = LOOK_USEC * 1000L }, NULL);
        }
}

int hold_begin(const ListenAddress *a, pid_t pid) {
        _cleanup_close_ int pidfd = -EBADF, proc_fd = -EBADF, fd = -EBADF;
        char path[32];
        int r;

        if (a->address.sa.sa_family == AF_UNIX)
                return 0;
        snprintf(path, sizeof(path), "/proc/%d", (int) pid);
        pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
        if (pidfd < 0)
                return -errno;
        proc_fd = fsat_open_dir(AT_FDCWD, path);
        if (proc_fd < 0)
                return proc_fd;
        fd = find_socket(a, pidfd, proc_fd);
        if (fd < 0)
                return fd;
        r = hold(fd);
        if (r == 0)
                wait_quiet(a, fd, proc_fd);
        return r;
}
