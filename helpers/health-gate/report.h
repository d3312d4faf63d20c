/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a probe found, as words for people: the text of STATUS= and of the journal. One place, so
 * that both say the same. Never repeats anything of an answer's body or of the address.
 */

#include "probe.h"

#define REPORT_MAX_BYTES 192U

/* "200 in 3.1 ms", "connected in 0.2 ms", "no answer within 2 s", "status 503, expected 200" … */
void report_result(const HealthCheck *check, const ProbeResult *result,
                   char buf[static REPORT_MAX_BYTES]);

/* "3.1 ms", "250 ms", "2 s", "1.5 s". */
void report_usec(uint64_t usec, char buf[static 24]);
