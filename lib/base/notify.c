/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The protocols of notify.h. One unconnected datagram socket serves both; the kernel adds our
 * credentials, by which the receivers find the unit (NotifyAccess=all, _SYSTEMD_UNIT=).
 */

#include <stdio.h>
#include <sys/socket.h>

#include "base/detach.h"
#include "base/notify.h"

static const struct sockaddr_un journal_address = {
        .sun_family = AF_UNIX,
        .sun_path = "/run/systemd/journal/socket",
};

/* Whether anyone receives there: said now, not by a start that times out without a word. */
static int find_receiver(const Notify *n) {
        const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

        if (connect(n->fd, (const struct sockaddr *) &n->address, n->address_len) < 0)
                return -errno;
        /* Not kept: by name it is found again should the manager make a new one. */
        return connect(n->fd, &nobody, sizeof(nobody)) < 0 ? -errno : 0;
}

int notify_open(Notify *ret) {
        const char *path = getenv("NOTIFY_SOCKET");
        Notify n = { .address.sun_family = AF_UNIX };
        size_t len;
        int r;

        if (isempty(path))
                return -ENXIO;
        len = strlen(path);
        if ((path[0] != '/' && path[0] != '@') || len < 2 || len >= sizeof(n.address.sun_path))
                return -EINVAL;
        memcpy(n.address.sun_path, path, len);
        if (path[0] == '@')
                n.address.sun_path[0] = 0;
        /* An abstract name ends where its length says; a path takes its NUL along. */
        n.address_len = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + len +
                                     (path[0] == '@' ? 0 : 1));
        n.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (n.fd < 0)
                return -errno;
        n.fd = fd_above_stdio(n.fd);
        if (n.fd < 0)
                return n.fd;
        r = find_receiver(&n);
        if (r < 0) {
                close(n.fd);
                return r;
        }
        *ret = n;
        return 0;
}

void notify_unset_environment(void) {
        static const char *const names[] = { "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID" };

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                unsetenv(names[i]);
}

int notify_send(const Notify *n, const char *message) {
        ssize_t r;

        if (n->fd < 0)
                return 0;
        do
                r = sendto(n->fd, message, strlen(message), MSG_NOSIGNAL,
                           (const struct sockaddr *) &n->address, n->address_len);
        while (r < 0 && errno == EINTR);
        return r < 0 ? -errno : 0;
}

int notify_send_fd(const Notify *n, const char *message, int fd) {
        union {
                struct cmsghdr header; /* for its alignment */
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = { 0 };
        struct sockaddr_un address = n->address;
        struct iovec text = { .iov_base = (char *) message, .iov_len = strlen(message) };
        struct msghdr m = {
                .msg_name = n->address_len > 0 ? &address : NULL,
                .msg_namelen = n->address_len,
                .msg_iov = &text,
                .msg_iovlen = 1,
                .msg_control = control.bytes,
                .msg_controllen = sizeof(control.bytes),
        };
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        ssize_t r;

        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof(int));
        do
                r = sendmsg(n->fd, &m, MSG_NOSIGNAL);
        while (r < 0 && errno == EINTR);
        return r < 0 ? -errno : 0;
}

void notify_journal(const Notify *n, int priority, const char *text) {
        char message[512];
        int len;

        len = snprintf(message, sizeof(message),
                       "PRIORITY=%d\nSYSLOG_IDENTIFIER=fte-health-gate\nMESSAGE=%s\n", priority,
                       text);
        if (len < 0 || (size_t) len >= sizeof(message))
                return;
        sendto(n->fd, message, (size_t) len, MSG_NOSIGNAL | MSG_DONTWAIT,
               (const struct sockaddr *) &journal_address, sizeof(journal_address));
}
