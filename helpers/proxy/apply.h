/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From what nginx has to what it is to have, with nginx as the judge: only what it accepts stays.
 */

#include "host/nginx.h"
#include "host/proxy-set.h"

typedef enum ApplyOutcome {
        APPLY_SAME,    /* nothing was to be done */
        APPLY_ALL,     /* all of wanted is there */
        APPLY_PART,    /* but for the agents that were told of, which have what they had */
        APPLY_FOREIGN, /* nginx refuses its configuration whatever we give it: nothing changed */
} ApplyOutcome;

typedef struct Apply {
        const Nginx *nginx;
        const ProxySet *now, *wanted;
        /* An agent's block, or with NULL the shared file, is refused; output is what nginx said. */
        void (*refused)(const char *agent, const char *output);
} Apply;

/*
 * Returns an ApplyOutcome or a negative errno; nginx is not reloaded here. *output gets what nginx
 * said when the outcome is APPLY_FOREIGN. Until apply_done() is called the next run does it again,
 * also when there is no difference.
 */
int apply_run(const Apply *a, StrBuf *output);

/* nginx was told. */
void apply_done(const Apply *a);
