/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Of the agents' backups what is one for all of them: the timers that they share.
 */

#include "base/strbuf.h"

typedef struct Backups {
        bool run_together, verify_together; /* any agent has the host's Schedule=, Verify= */
} Backups;

/* "Wants=" of these timers, for a unit that every start of an agent starts. */
void backups_add_wants(StrBuf *b, const Backups *backups);
