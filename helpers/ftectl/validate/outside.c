/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * validate/outside.h by rtnetlink(7). One datagram each way is the conversation: an int that says
 * how it went, or addresses and then what came of each.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"

#include "break.h"
#include "outside.h"

#define THERE_INTERFACE "fte-outside"
#define THERE_V4        "192.0.2.2"
#define THERE_V6        "2001:db8:f7e::2"
#define PREFIX_V4       30
#define PREFIX_V6       126
/* A packet that is dropped is sent again after one second, and after two more. */
#define CONNECT_USEC (2500 * USEC_PER_MSEC)

/* ---- netlink ---- */

typedef struct Request {
        struct nlmsghdr head;
        char body[512];
} Request;

static void *begin(Request *m, uint16_t type, uint16_t flags, size_t len) {
        *m = (Request){ .head = { .nlmsg_len = (uint32_t) NLMSG_LENGTH(len),
                                  .nlmsg_type = type,
                                  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags } };
        return NLMSG_DATA(&m->head);
}

/* All of them are short, and there are few: they fit. */
static struct rtattr *add(Request *m, uint16_t type, const void *data, size_t len) {
        struct rtattr *a = (struct rtattr *) ((char *) m + NLMSG_ALIGN(m->head.nlmsg_len));

        a->rta_type = type;
        a->rta_len = (uint16_t) RTA_LENGTH(len);
        if (len > 0)
                memcpy(RTA_DATA(a), data, len);
        m->head.nlmsg_len = (uint32_t) (NLMSG_ALIGN(m->head.nlmsg_len) + RTA_ALIGN(a->rta_len));
        return a;
}

/* Everything that was added since is inside. */
static void end(const Request *m, struct rtattr *a) {
        a->rta_len = (uint16_t) ((const char *) m + m->head.nlmsg_len - (char *) a);
}

static int call(const Request *m) {
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), r;
        struct {
                struct nlmsghdr head;
                struct nlmsgerr error;
                char rest[1024];
        } answer = { 0 };

        if (fd < 0)
                return -errno;
        r = send(fd, m, m->head.nlmsg_len, 0) < 0 || recv(fd, &answer, sizeof(answer), 0) < 0
                    ? -errno
                    : answer.error.error;
        close(fd);
        return r;
}

static int make_pair(pid_t there) {
        uint32_t pid = (uint32_t) there;
        struct ifinfomsg peer = { 0 }; /* up later: the kernel refuses one end that is alone */
        struct rtattr *info, *data, *of_peer;
        struct ifinfomsg *here;
        Request m;

        here = begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(*here));
        here->ifi_flags = here->ifi_change = IFF_UP;
        add(&m, IFLA_IFNAME, OUTSIDE_INTERFACE, sizeof(OUTSIDE_INTERFACE));
        info = add(&m, IFLA_LINKINFO, NULL, 0);
        add(&m, IFLA_INFO_KIND, "veth", strlen("veth"));
        data = add(&m, IFLA_INFO_DATA, NULL, 0);
        of_peer = add(&m, VETH_INFO_PEER, &peer, sizeof(peer));
        add(&m, IFLA_IFNAME, THERE_INTERFACE, sizeof(THERE_INTERFACE));
        add(&m, IFLA_NET_NS_PID, &pid, sizeof(pid));
        end(&m, of_peer);
        end(&m, data);
        end(&m, info);
        return call(&m);
}

static int set_link_up(const char *interface) {
        struct ifinfomsg *link;
        Request m;

        link = begin(&m, RTM_NEWLINK, 0, sizeof(*link));
        link->ifi_index = (int) if_nametoindex(interface);
        link->ifi_flags = link->ifi_change = IFF_UP;
        return call(&m);
}

static size_t parse_address(int family, const char *text, void *ret) {
        (void) inet_pton(family, text, ret);
        return family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
}

/* At once, without asking whether somebody has it already. */
static int add_address(const char *interface, int family, const char *text) {
        struct ifaddrmsg *a;
        struct in6_addr address;
        size_t len = parse_address(family, text, &address);
        Request m;

        a = begin(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(*a));
        a->ifa_family = (unsigned char) family;
        a->ifa_prefixlen = family == AF_INET ? PREFIX_V4 : PREFIX_V6;
        a->ifa_flags = IFA_F_NODAD;
        a->ifa_index = if_nametoindex(interface);
        add(&m, IFA_LOCAL, &address, len);
        add(&m, IFA_ADDRESS, &address, len);
        return call(&m);
}

/* This host's other addresses are reached there, too. */
static int add_default_route(int family, const char *gateway) {
        int index = (int) if_nametoindex(THERE_INTERFACE);
        struct in6_addr address;
        size_t len = parse_address(family, gateway, &address);
        struct rtmsg *route;
        Request m;

        route = begin(&m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*route));
        route->rtm_family = (unsigned char) family;
        route->rtm_table = RT_TABLE_MAIN;
        route->rtm_protocol = RTPROT_STATIC;
        route->rtm_type = RTN_UNICAST;
        add(&m, RTA_GATEWAY, &address, len);
        add(&m, RTA_OIF, &index, sizeof(index));
        return call(&m);
}

/* ---- there ---- */

static int set_up_there(void) {
        int r = set_link_up(THERE_INTERFACE);

        if (r == 0)
                r = add_address(THERE_INTERFACE, AF_INET, THERE_V4);
        if (r == 0)
                r = add_default_route(AF_INET, OUTSIDE_HERE_V4);
        /* A kernel without IPv6 refuses these, and it is not tried then. */
        if (r == 0 && add_address(THERE_INTERFACE, AF_INET6, THERE_V6) == 0)
                (void) add_default_route(AF_INET6, OUTSIDE_HERE_V6);
        return r;
}

static int start_connect(const HealthAddress *to, int *ret_fd) {
        socklen_t len = to->sa.sa_family == AF_INET ? sizeof(to->in) : sizeof(to->in6);
        int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        *ret_fd = fd;
        return fd < 0 || (connect(fd, &to->sa, len) < 0 && errno != EINPROGRESS) ? errno
                                                                                 : EINPROGRESS;
}

static void take_result(struct pollfd *p, int *ret) {
        socklen_t len = sizeof(*ret);

        if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, ret, &len) < 0)
                *ret = errno;
        close(p->fd);
        p->fd = -1; /* poll(2) passes over it */
}

static void connect_all(const HealthAddress *to, size_t n, int *ret) {
        uint64_t until = clock_usec(CLOCK_MONOTONIC) + CONNECT_USEC, now;
        struct pollfd polls[OUTSIDE_MAX];
        size_t open = 0;

        for (size_t i = 0; i < n; i++) {
                polls[i] = (struct pollfd){ .events = POLLOUT };
                ret[i] = start_connect(&to[i], &polls[i].fd);
                if (ret[i] == EINPROGRESS)
                        open++;
                else if (polls[i].fd >= 0) {
                        close(polls[i].fd);
                        polls[i].fd = -1;
                }
        }
        while (open > 0 && (now = clock_usec(CLOCK_MONOTONIC)) < until) {
                (void) poll(polls, n, (int) ((until - now) / USEC_PER_MSEC) + 1);
                for (size_t i = 0; i < n; i++)
                        if (polls[i].fd >= 0 && polls[i].revents) {
                                take_result(&polls[i], &ret[i]);
                                open--;
                        }
        }
        for (size_t i = 0; i < n; i++)
                if (polls[i].fd >= 0) {
                        close(polls[i].fd);
                        ret[i] = ETIMEDOUT;
                }
}

/* The first message says that the interface is there, each other one what to connect to. */
static void live_there(int fd, pid_t parent) {
        HealthAddress to[OUTSIDE_MAX];
        int results[OUTSIDE_MAX], r;
        ssize_t n;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(1);
        r = unshare(CLONE_NEWNET) < 0 ? -errno : 0;
        if (send(fd, &r, sizeof(r), 0) < 0 || r < 0 || recv(fd, &r, sizeof(r), 0) <= 0)
                _exit(1);
        r = set_up_there();
        if (send(fd, &r, sizeof(r), 0) < 0 || r < 0)
                _exit(1);
        while ((n = recv(fd, to, sizeof(to), 0)) > 0) {
                connect_all(to, (size_t) n / sizeof(*to), results);
                if (send(fd, results, (size_t) n / sizeof(*to) * sizeof(*results), 0) < 0)
                        break;
        }
        _exit(0);
}

/* ---- here ---- */

static int receive(int fd, void *buf, size_t len) {
        ssize_t n;

        do
                n = recv(fd, buf, len, 0);
        while (n < 0 && errno == EINTR && !break_interrupted());
        return n < 0 ? -errno : (size_t) n == len ? 0 : -EPIPE;
}

static int ask_for_result(int fd) {
        int result, r = receive(fd, &result, sizeof(result));

        return r < 0 ? r : result;
}

static int set_up(Outside *o) {
        int r = ask_for_result(o->fd);

        if (r == 0)
                r = make_pair(o->pid);
        if (r == 0)
                r = add_address(OUTSIDE_INTERFACE, AF_INET, OUTSIDE_HERE_V4);
        if (r < 0)
                return r;
        o->has_v6 = add_address(OUTSIDE_INTERFACE, AF_INET6, OUTSIDE_HERE_V6) == 0;
        if (send(o->fd, &r, sizeof(r), MSG_NOSIGNAL) < 0)
                return -errno;
        return ask_for_result(o->fd);
}

int outside_open(Outside *o) {
        pid_t parent = getpid();
        int fds[2], r;

        *o = OUTSIDE_CLOSED;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        o->pid = fork();
        if (o->pid == 0) {
                close(fds[0]);
                live_there(fds[1], parent);
        }
        r = o->pid < 0 ? -errno : 0;
        close(fds[1]);
        o->fd = fds[0];
        if (r == 0)
                r = set_up(o);
        if (r < 0)
                outside_close(o);
        return r;
}

/* The kernel takes the interfaces away in its own time, a moment behind the process. */
static void wait_for_interface(void) {
        const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

        for (unsigned i = 0; i < 250 && if_nametoindex(OUTSIDE_INTERFACE) != 0; i++)
                nanosleep(&pause, NULL);
}

void outside_close(Outside *o) {
        closep(&o->fd);
        if (o->pid > 0) {
                kill(o->pid, SIGKILL);
                while (waitpid(o->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
                wait_for_interface();
        }
        *o = OUTSIDE_CLOSED;
}

int outside_connect(const Outside *o, const HealthAddress *to, size_t n, int *ret) {
        if (n == 0)
                return 0;
        if (send(o->fd, to, n * sizeof(*to), MSG_NOSIGNAL) < 0)
                return -errno;
        return receive(o->fd, ret, n * sizeof(*ret));
}
