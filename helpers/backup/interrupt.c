/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * interrupt.h. Owns what the signals do; a handler does no more than to set a flag.
 */

#include <signal.h>

#include "base/macro.h"

#include "interrupt.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
static volatile sig_atomic_t interrupted;

static void on_signal(int number _unused_) {
        interrupted = 1;
}

void interrupt_catch(void) {
        const struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int) SA_RESETHAND };
        struct sigaction before;

        for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
                if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
                        (void) sigaction(signals[i], &action, NULL); /* else nohup(1) */
}

int interrupt_check(void) {
        return interrupted ? -EINTR : 0;
}

void interrupt_ignore(void) {
        for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
                signal(signals[i], SIG_IGN);
        signal(SIGPIPE, SIG_IGN);
}
