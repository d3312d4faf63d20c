/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the delivery of alerts needs to know of all agents, collected while they are rendered; and
 * the hooks, which a stub must have again behind drop-ins that take them away.
 */

#include "base/strbuf.h"

struct Alerts {
        const char **paths; /* of files with secrets, as they came; live as long as the plan */
        size_t n, size;
        const char *last[16][2]; /* of each channel: nearly always the host's, for every agent */
        bool uses_sendmail;
};

/* The lines that run fte-alert-hook after each end of the agent. */
void alert_add_stop_hook(StrBuf *b, const char *agent);

static inline void alerts_done(struct Alerts *a) {
        free(a->paths);
}
