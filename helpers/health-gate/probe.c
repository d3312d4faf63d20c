/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The exchange of probe.h over non-blocking sockets. The answer is read to its end even when its
 * first line is already wrong: common Python servers print a traceback when a client closes early.
 * Must not allocate or use stdio: this runs in the prober, whose memory is counted per agent.
 */

#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"

#include "probe.h"

/* One exchange while it runs. */
typedef struct Exchange {
        const HealthCheck *check;
        int agent_pidfd;
        int fd;
        uint64_t deadline_usec;
        HttpParser parser;
} Exchange;

uint64_t probe_now_usec(void) {
        return clock_usec(CLOCK_MONOTONIC);
}

int probe_wait(int fd, short events, int agent_pidfd, uint64_t until_usec) {
        struct pollfd fds[] = {
                { .fd = agent_pidfd, .events = POLLIN },
                { .fd = fd, .events = events },
        };

        for (;;) {
                uint64_t now = probe_now_usec(), left = until_usec > now ? until_usec - now : 0;
                struct timespec ts = {
                        .tv_sec = (time_t) (left / USEC_PER_SEC),
                        .tv_nsec = (long) (left % USEC_PER_SEC) * 1000,
                };
                int n = ppoll(fds, ARRAY_SIZE(fds), &ts, NULL);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0)
                        return fds[0].revents ? -ESRCH : 0;
                if (n == 0 && left == 0)
                        return -ETIMEDOUT;
        }
}

static int exchange_wait(const Exchange *x, short events) {
        return probe_wait(x->fd, events, x->agent_pidfd, x->deadline_usec);
}

/*
 * While nobody listens on a port of ip_local_port_range(5), the kernel may give that very port to
 * our own end, and the socket is then connected to itself. Reset, not closed in order: that would
 * hold the port in TIME_WAIT, and the agent could not bind to it.
 */
static bool is_connected_to_itself(int fd) {
        const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
        HealthAddress here = { 0 }, there = { 0 };
        socklen_t here_len = sizeof(here), there_len = sizeof(there);

        if (getsockname(fd, &here.sa, &here_len) < 0 || here.sa.sa_family == AF_UNIX ||
            getpeername(fd, &there.sa, &there_len) < 0)
                return false;
        if (here_len != there_len || memcmp(&here, &there, here_len) != 0)
                return false;
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        return true;
}

/* 0 with the socket in x->fd, or negative errno, -ETIMEDOUT and -ESRCH as probe_wait() has them. */
static int connect_to(Exchange *x, const HealthAddress *address, socklen_t len) {
        _cleanup_close_ int fd = -EBADF;
        int r, error = 0;
        socklen_t error_len = sizeof(error);

        fd = socket(address->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, &address->sa, len) < 0) {
                if (errno != EINPROGRESS)
                        return -errno;
                r = probe_wait(fd, POLLOUT, x->agent_pidfd, x->deadline_usec);
                if (r < 0)
                        return r;
                if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) < 0)
                        return -errno;
                if (error != 0)
                        return -error;
        }
        if (is_connected_to_itself(fd))
                return -ECONNREFUSED;
        x->fd = TAKE_FD(fd);
        return 0;
}

/* "localhost" may mean ::1 only: servers of Node.js listen there. */
static int exchange_connect(Exchange *x) {
        const HealthUrl *u = &x->check->url;
        HealthAddress v6 = { .in6 = { .sin6_family = AF_INET6,
                                      .sin6_addr = IN6ADDR_LOOPBACK_INIT } };
        int r, r6;

        r = connect_to(x, &u->address, u->address_len);
        if (r != -ECONNREFUSED || !u->is_localhost)
                return r;
        v6.in6.sin6_port = u->address.in.sin_port;
        r6 = connect_to(x, &v6, sizeof(v6.in6));
        /* A host without IPv6 has nothing to say here that the first answer did not. */
        return r6 == 0 || r6 == -ESRCH || r6 == -ETIMEDOUT ? r6 : r;
}

static int exchange_send(Exchange *x) {
        size_t sent = 0;

        while (sent < x->check->request_len) {
                ssize_t n = send(x->fd, x->check->request + sent, x->check->request_len - sent,
                                 MSG_NOSIGNAL);

                if (n >= 0) {
                        sent += (size_t) n;
                        continue;
                }
                if (errno == EINTR)
                        continue;
                if (errno != EAGAIN)
                        /* It may have answered before it stopped listening: read on. */
                        return 0;
                int r = exchange_wait(x, POLLOUT);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Until the answer ends one way or another; the verdict is in the parser. */
static int exchange_receive(Exchange *x) {
        char buf[512];

        while (x->parser.verdict == HTTP_MORE) {
                ssize_t n = recv(x->fd, buf, sizeof(buf), 0);

                if (n > 0)
                        http_feed(&x->parser, buf, (size_t) n);
                else if (n == 0)
                        http_end(&x->parser);
                else if (errno == EAGAIN) {
                        int r = exchange_wait(x, POLLIN);
                        if (r < 0)
                                return r;
                } else if (errno != EINTR)
                        return -errno;
                /* A server that never pauses is never waited for: look at the clock as well. */
                if (n > 0 && probe_now_usec() >= x->deadline_usec && x->parser.verdict == HTTP_MORE)
                        return -ETIMEDOUT;
        }
        return 0;
}

static ProbeOutcome judge_answer(const HealthCheck *check, const HttpParser *p) {
        static const ProbeOutcome outcomes[] = {
                [HTTP_MORE] = PROBE_UNFINISHED, [HTTP_DONE] = PROBE_GOOD,
                [HTTP_EMPTY] = PROBE_EMPTY,     [HTTP_CUT] = PROBE_CUT,
                [HTTP_GARBAGE] = PROBE_GARBAGE, [HTTP_TOO_LONG] = PROBE_TOO_LONG,
        };

        if (p->verdict != HTTP_DONE)
                return outcomes[p->verdict];
        if (p->status != check->expect_status)
                return PROBE_WRONG_STATUS;
        if (check->expect_body && !http_search_found(check->expect_body))
                return PROBE_WRONG_BODY;
        return PROBE_GOOD;
}

static ProbeOutcome judge_error(const Exchange *x, int r, ProbeResult *result) {
        if (r == -ESRCH)
                return PROBE_AGENT_GONE;
        if (r == -ETIMEDOUT)
                return x->parser.read_bytes > 0 ? PROBE_UNFINISHED : PROBE_NO_ANSWER;
        result->error = -r;
        return PROBE_NO_CONNECTION;
}

ProbeResult probe_run(const HealthCheck *check, int agent_pidfd) {
        _cleanup_close_ int fd = -EBADF;
        uint64_t start_usec = probe_now_usec();
        ProbeResult result = { 0 };
        Exchange x = {
                .check = check,
                .agent_pidfd = agent_pidfd,
                .fd = -EBADF,
                .deadline_usec = start_usec + check->timeout_usec,
        };
        int r;

        http_init(&x.parser, check->expect_body);
        r = exchange_connect(&x);
        fd = x.fd;
        if (r == 0 && check->url.scheme != HEALTH_TCP) {
                r = exchange_send(&x);
                if (r == 0)
                        r = exchange_receive(&x);
                if (r == 0)
                        result.outcome = judge_answer(check, &x.parser);
                result.status = x.parser.status;
        }
        if (r < 0)
                result.outcome = judge_error(&x, r, &result);
        result.latency_usec = probe_now_usec() - start_usec;
        return result;
}
