/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Times of the kernel as the number that everything here reckons in: microseconds.
 */

#include <time.h>

#include "base/macro.h"

static inline uint64_t timespec_usec(struct timespec t) {
        return (uint64_t) t.tv_sec * USEC_PER_SEC + (uint64_t) t.tv_nsec / 1000;
}

static inline uint64_t clock_usec(clockid_t clock) {
        struct timespec t;

        clock_gettime(clock, &t);
        return timespec_usec(t);
}
