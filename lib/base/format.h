/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Values to text as people and systemd write them; the reverse of parse.h.
 */

#include "base/strbuf.h"

#define FORMAT_STAMP_BYTES 20

/* "10s", "2500ms", "infinity": in the largest of s, ms, us that is exact. */
void format_usec(StrBuf *b, uint64_t usec);
/* "512M", "4097", "infinity" for UINT64_MAX: in the largest of K, M, G, T that is exact. */
void format_bytes(StrBuf *b, uint64_t bytes);
/* "2h 5min", "3min 12s", "4.2s", "120ms": for people, in the two largest units. */
void format_duration(StrBuf *b, uint64_t usec);
/* "2026-11-24T17:45:00Z" of CLOCK_REALTIME; nothing when the year is beyond reason. */
void format_time_utc(StrBuf *b, uint64_t usec);
/* "20261124T174500Z" of CLOCK_REALTIME, for names of files; empty when the year is beyond reason.
 */
void format_stamp(uint64_t usec, char text[static FORMAT_STAMP_BYTES]);
