/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * heartbeat.h by stat(2), with the agent's user and sandbox. Reads nothing of the file.
 */

#include <sys/stat.h>

#include "heartbeat.h"

static bool is_same(struct timespec a, struct timespec b) {
        return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

void heartbeat_init(const HealthCheck *check, Heartbeat *ret) {
        struct stat st = { 0 };

        *ret = (Heartbeat){ 0 };
        if (stat(check->file, &st) == 0)
                ret->last = st.st_mtim;
}

ProbeResult heartbeat_run(const HealthCheck *check, Heartbeat *beat) {
        uint64_t now_usec = probe_now_usec();
        ProbeResult result = { .outcome = PROBE_GOOD };
        struct stat st = { 0 };
        int error = stat(check->file, &st) < 0 ? errno : 0;

        if (error == 0 && !is_same(st.st_mtim, beat->last)) {
                beat->last = st.st_mtim;
                beat->seen_usec = now_usec;
        }
        if (beat->seen_usec == 0) {
                result.outcome = PROBE_NO_BEAT;
                result.error = error;
                return result;
        }
        result.age_usec = now_usec - beat->seen_usec;
        if (result.age_usec > check->max_age_usec)
                result.outcome = PROBE_OLD_BEAT;
        return result;
}
