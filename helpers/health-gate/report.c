/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The sentences of report.h. Pure text: sends and logs nothing, keeps nothing between calls.
 */

#include <stdio.h>

#include "report.h"

typedef struct ErrorRow {
        int error;
        const char *text;
} ErrorRow;

/* strerror() would load a message catalogue into a process that is to stay tiny. */
static const ErrorRow error_rows[] = {
        { ECONNREFUSED, "connection refused" },
        { ECONNRESET, "connection reset" },
        { ENOENT, "the socket does not exist" },
        { EACCES, "no permission to connect" },
        { EPERM, "connecting is forbidden by the sandbox or a firewall" },
        { EAGAIN, "the queue of connections is full" },
        { ENOTSOCK, "the path is not a socket" },
        { EPROTOTYPE, "the socket is not a stream socket" },
        { ENETUNREACH, "network unreachable" },
        { EHOSTUNREACH, "host unreachable" },
        { EADDRNOTAVAIL, "address not available on this host" },
        { EAFNOSUPPORT, "the sandbox forbids this address family" },
        { EMFILE, "out of descriptors" },
        { ENFILE, "out of descriptors" },
        { ENOBUFS, "out of memory" },
        { ENOMEM, "out of memory" },
};

static const char *const outcome_texts[] = {
        [PROBE_EMPTY] = "the connection was closed without an answer",
        [PROBE_CUT] = "the answer was cut short",
        [PROBE_GARBAGE] = "what came is not an HTTP/1 answer",
        [PROBE_TOO_LONG] = "the answer is longer than 64 KiB",
        [PROBE_WRONG_BODY] = "the body lacks the expected text",
        [PROBE_CANNOT] = "the command cannot be started",
        [PROBE_AGENT_GONE] = "the agent ended",
};

void report_usec(uint64_t usec, char buf[static 24]) {
        unsigned long long ms = usec / USEC_PER_MSEC, s = usec / USEC_PER_SEC;

        if (ms < 10)
                snprintf(buf, 24, "%llu.%llu ms", ms, (unsigned long long) (usec / 100) % 10);
        else if (ms < 1000)
                snprintf(buf, 24, "%llu ms", ms);
        else if (ms % 1000 >= 100)
                snprintf(buf, 24, "%llu.%llu s", s, ms % 1000 / 100);
        else
                snprintf(buf, 24, "%llu s", s);
}

static void report_error(int error, char *buf) {
        for (size_t i = 0; i < ARRAY_SIZE(error_rows); i++)
                if (error_rows[i].error == error) {
                        snprintf(buf, REPORT_MAX_BYTES, "%s", error_rows[i].text);
                        return;
                }
        snprintf(buf, REPORT_MAX_BYTES, "no connection (error %d)", error);
}

static void report_good(const HealthCheck *check, const ProbeResult *result, char *buf) {
        char t[24];

        report_usec(check->by == HEALTH_BY_FILE ? result->age_usec : result->latency_usec, t);
        if (check->by == HEALTH_BY_FILE)
                snprintf(buf, REPORT_MAX_BYTES, "a heartbeat %s ago", t);
        else if (check->by == HEALTH_BY_COMMAND)
                snprintf(buf, REPORT_MAX_BYTES, "the command succeeded in %s", t);
        else if (check->url.scheme == HEALTH_TCP)
                snprintf(buf, REPORT_MAX_BYTES, "connected in %s", t);
        else
                snprintf(buf, REPORT_MAX_BYTES, "%u in %s", result->status, t);
}

void report_result(const HealthCheck *check, const ProbeResult *result,
                   char buf[static REPORT_MAX_BYTES]) {
        char t[24], limit[24];

        switch (result->outcome) {
        case PROBE_GOOD:
                report_good(check, result, buf);
                return;
        case PROBE_NO_BEAT:
                snprintf(buf, REPORT_MAX_BYTES, "the heartbeat file %s",
                         result->error == ENOENT   ? "does not exist"
                         : result->error == EACCES ? "cannot be reached by the agent's user"
                         : result->error != 0      ? "cannot be looked at"
                                                   : "has not changed since the start");
                return;
        case PROBE_OLD_BEAT:
                report_usec(result->age_usec, t);
                report_usec(check->max_age_usec, limit);
                snprintf(buf, REPORT_MAX_BYTES,
                         "the heartbeat file has not changed for %s (limit %s)", t, limit);
                return;
        case PROBE_STATUS:
        case PROBE_SIGNAL:
                snprintf(buf, REPORT_MAX_BYTES, "the command ended %s %u",
                         result->outcome == PROBE_STATUS ? "with status" : "by signal",
                         result->status);
                return;
        case PROBE_TOO_SLOW:
                report_usec(check->timeout_usec, t);
                snprintf(buf, REPORT_MAX_BYTES, "the command took longer than %s", t);
                return;
        case PROBE_NO_CONNECTION:
                report_error(result->error, buf);
                return;
        case PROBE_NO_ANSWER:
        case PROBE_UNFINISHED:
                report_usec(check->timeout_usec, t);
                snprintf(buf, REPORT_MAX_BYTES, "%s within %s",
                         result->outcome == PROBE_NO_ANSWER ? "no answer" : "no complete answer",
                         t);
                return;
        case PROBE_WRONG_STATUS:
                snprintf(buf, REPORT_MAX_BYTES, "status %u, expected %u", result->status,
                         check->expect_status);
                return;
        default:
                snprintf(buf, REPORT_MAX_BYTES, "%s", outcome_texts[result->outcome]);
        }
}
