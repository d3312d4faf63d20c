/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * hold.h, by a filter on the listening socket: it drops the first packet of a connection, which
 * every client's kernel sends again a second later. What is connected goes on.
 */

#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "base/detach.h"
#include "base/notify.h"
#include "hold.h"

#define LOOK_USEC  20000u
#define LOOKS_MAX  100u
#define QUIET_WANT 3u /* so often in a row nothing was left to read */
#define ASK_SEC    5

#define TCP_STATE_ESTABLISHED 0x01
#define TCP_STATE_CLOSE_WAIT  0x08

/* ---- the socket ---- */

/* Linux runs a filter of TCP with the header in front: byte 13 has the flags (RFC 9293, 3.1). */
static int attach_filter(int fd) {
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
                BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, TH_SYN, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, 0),
                BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        };
        struct sock_fprog program = { ARRAY_SIZE(filter), filter };
        int r = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));

        return r < 0 ? -errno : 0;
}

void hold_end(int fd) {
        (void) setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){ 0 }, sizeof(int));
}

/* What waits to be accepted; the kernel gives it there for a socket that listens. */
static bool has_queue(int fd) {
        struct tcp_info info = { 0 };
        socklen_t len = sizeof(info);

        return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 && info.tcpi_unacked > 0;
}

/* Whether a connection of the port has something that was not read. */
static bool has_unread(const char *table, unsigned port) {
        FILE *f = fopen(table, "re");
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

static void wait_quiet(int fd, unsigned port) {
        unsigned quiet = 0;

        for (unsigned i = 0; i < LOOKS_MAX && quiet < QUIET_WANT; i++) {
                bool busy = has_queue(fd) || has_unread("/proc/self/net/tcp", port) ||
                            has_unread("/proc/self/net/tcp6", port);

                quiet = busy ? 0 : quiet + 1;
                (void) nanosleep(&(struct timespec){ .tv_nsec = LOOK_USEC * 1000L }, NULL);
        }
}

/* ---- the process that keeps the socket, too ---- */

/*
 * A socket, and the name at which the process listens: an abstract one, gone with it, which the
 * invocation alone has. -ENXIO: there is none.
 */
static int control_socket(struct sockaddr_un *ret_name, socklen_t *ret_len) {
        const char *invocation = getenv("INVOCATION_ID");
        int fd, n;

        if (!invocation || !*invocation)
                return -ENXIO;
        *ret_name = (struct sockaddr_un){ .sun_family = AF_UNIX };
        n = snprintf(ret_name->sun_path + 1, sizeof(ret_name->sun_path) - 1, "fte-listen/%s",
                     invocation);
        if (n < 0 || (size_t) n >= sizeof(ret_name->sun_path) - 1)
                return -ENXIO;
        *ret_len = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 1 + (size_t) n);
        fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        return fd < 0 ? -errno : fd;
}

static bool may_ask(int fd) {
        struct ucred peer;
        socklen_t len = sizeof(peer);

        return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
               (peer.uid == 0 || peer.uid == geteuid());
}

_Noreturn static void serve(int control_fd, int fd) {
        sigset_t none;

        sigemptyset(&none); /* the manager ends us by a signal */
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
        for (;;) {
                Notify peer = { .fd = accept4(control_fd, NULL, NULL, SOCK_CLOEXEC) };

                if (peer.fd < 0 && errno != EINTR && errno != ECONNABORTED)
                        _exit(EXIT_FAILURE);
                if (peer.fd >= 0 && may_ask(peer.fd))
                        (void) notify_send_fd(&peer, "", fd);
                if (peer.fd >= 0)
                        close(peer.fd);
        }
}

static int open_control(void) {
        struct sockaddr_un name;
        socklen_t len;
        _cleanup_close_ int fd = control_socket(&name, &len);

        if (fd < 0)
                return fd;
        if (bind(fd, (struct sockaddr *) &name, len) < 0 || listen(fd, 1) < 0)
                return -errno;
        return TAKE_FD(fd);
}

int hold_offer(const ListenAddress *a, int fd) {
        _cleanup_close_ int control_fd = -EBADF;
        int r;

        if (a->address.sa.sa_family == AF_UNIX)
                return 0;
        control_fd = fd_above_stdio(open_control());
        if (control_fd < 0)
                return control_fd == -ENXIO ? 0 : control_fd;
        r = detach_fork();
        if (r != 0)
                return r < 0 ? r : 0;
        detach_forget((const int[]){ control_fd, fd });
        serve(control_fd, fd);
}

/* ---- who asks it ---- */

static int receive_fd(int from) {
        union {
                struct cmsghdr header; /* for its alignment */
                char bytes[CMSG_SPACE(sizeof(int))];
        } control;
        struct msghdr m = { .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
        ssize_t n = recvmsg(from, &m, MSG_CMSG_CLOEXEC);
        struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m);
        int fd;

        if (n < 0)
                return -errno;
        if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
            c->cmsg_len != CMSG_LEN(sizeof(int)))
                return -EACCES; /* it has closed without a word */
        memcpy(&fd, CMSG_DATA(c), sizeof(fd));
        return fd;
}

static int ask(void) {
        struct timeval wait = { .tv_sec = ASK_SEC };
        struct sockaddr_un name;
        socklen_t len;
        _cleanup_close_ int to = control_socket(&name, &len);

        if (to < 0)
                return to;
        if (setsockopt(to, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
            connect(to, (struct sockaddr *) &name, len) < 0)
                return errno == ECONNREFUSED ? -ENXIO : -errno;
        return receive_fd(to);
}

int hold_begin(const ListenAddress *a) {
        bool is_v4 = a->address.sa.sa_family == AF_INET;
        unsigned port = ntohs(is_v4 ? a->address.in.sin_port : a->address.in6.sin6_port);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (a->address.sa.sa_family == AF_UNIX)
                return 0;
        fd = ask();
        if (fd < 0)
                return fd == -ENXIO ? 0 : fd;
        if (!address_is_of(a, fd))
                return -ENOTSOCK;
        r = attach_filter(fd);
        wait_quiet(fd, port); /* what has come is read, whatever still comes */
        return r;
}
