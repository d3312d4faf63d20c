/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * reading.h. Shows no name of a file: those are an agent's, and many. Asks the clock once a
 * megabyte, so that small files cost nothing.
 */

#include <time.h>

#include "base/clock.h"
#include "base/progress.h"

#include "reading.h"
#include "room.h"

#define STEP_BYTES ((uint64_t) 1024 * 1024)
#define STEP_USEC  (USEC_PER_SEC / 4)

static struct { uint64_t total, done, asked, shown_usec; } state;

static void show(void) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        strbuf_add(&b, "reading the backup, ");
        room_show(&b, state.done);
        strbuf_add(&b, " of about ");
        room_show(&b, MAX(state.total, state.done));
        strbuf_add(&b, " …");
        progress_show(strbuf_text(&b));
}

void reading_begin(uint64_t total_bytes) {
        state.total = total_bytes;
        state.done = state.asked = 0;
}

void reading_add(uint64_t bytes) {
        uint64_t now;

        state.done += bytes;
        if (state.done < state.asked + STEP_BYTES)
                return;
        state.asked = state.done;
        now = clock_usec(CLOCK_MONOTONIC);
        if (now < state.shown_usec + STEP_USEC)
                return;
        state.shown_usec = now;
        show();
}
