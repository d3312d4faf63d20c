/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * amount.h. Shows no name of a file: those are an agent's, and many. Asks the clock once a
 * megabyte, so that small files cost nothing.
 */

#include <fcntl.h>
#include <time.h>

#include "base/clock.h"
#include "base/notify.h"
#include "base/progress.h"

#include "amount.h"
#include "room.h"

#define STEP_BYTES ((uint64_t) 1024 * 1024)
#define STEP_USEC  (USEC_PER_SEC / 4)

static struct {
        const char *doing; /* NULL: nothing is shown */
        uint64_t total, done, asked, shown_usec;
        Notify notify;
} state = { .notify.fd = -EBADF };

/* Only the newest counts, and a manager that is busy must not hold up the work. */
static void tell_manager(const char *text) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (state.notify.fd < 0) {
                if (notify_open(&state.notify) < 0)
                        return;
                (void) fcntl(state.notify.fd, F_SETFL, O_NONBLOCK);
        }
        strbuf_addf(&b, "STATUS=%s", text);
        (void) notify_send(&state.notify, strbuf_text(&b));
}

static void show(void) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        strbuf_addf(&b, "%s, ", state.doing);
        room_show(&b, state.done);
        strbuf_add(&b, " of about ");
        room_show(&b, MAX(state.total, state.done));
        tell_manager(strbuf_text(&b));
        strbuf_add(&b, " …");
        progress_show(strbuf_text(&b));
}

void amount_begin(const char *doing, uint64_t total_bytes) {
        state.doing = doing;
        state.total = total_bytes;
        state.done = state.asked = 0;
}

void amount_add(uint64_t bytes) {
        uint64_t now;

        state.done += bytes;
        if (!state.doing || state.done < state.asked + STEP_BYTES)
                return;
        state.asked = state.done;
        now = clock_usec(CLOCK_MONOTONIC);
        if (now < state.shown_usec + STEP_USEC)
                return;
        state.shown_usec = now;
        show();
}

void amount_end(void) {
        if (state.shown_usec > 0)
                tell_manager("");
        progress_clear();
        state.doing = NULL;
        state.shown_usec = 0;
}
