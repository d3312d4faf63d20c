/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What systemd says of the run in the hook's environment, and what sort of call it is
 * (systemd.exec(5), "Environment Variables Set or Propagated by the Service Manager").
 */

#include "decide.h"

typedef struct Context {
        HookEvent event;
        const char *invocation;             /* of the run, hex; "" unknown */
        const char *result, *code, *status; /* systemd's words: exit-code, exited, 78; "" unknown */
} Context;

typedef enum HookCaller {
        HOOK_BY_UNIT,       /* ExecStartPost=, ExecStopPost= of the agent */
        HOOK_BY_ON_FAILURE, /* fte-alert@.service */
        HOOK_BY_WATCH,      /* fte-job watch: the run that is told of is one that was not */
} HookCaller;

/* Instead of systemd's word for how a run ended. */
#define RESULT_OVERDUE "overdue"

/*
 * Reads the environment and empties it: it holds the Environment= of the agent's unit, and this
 * runs as root. Strings live as long as the process.
 */
void context_read(HookCaller caller, Context *ret);

/* "78/CONFIG" of exited and "78", "6/ABRT" of killed and "ABRT", as systemctl status writes it. */
void context_status_name(const char *code, const char *status, StrBuf *b);
/* The same from the numbers that the manager's properties have. */
const char *context_code_name(int32_t code);
