/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From root to the user fte-alert, for good.
 */

#include "base/macro.h"

#define ALERT_USER    "fte-alert"
#define JOURNAL_GROUP "systemd-journal"

/*
 * Makes the spool's directory when it is missing, then becomes ALERT_USER with its group and
 * JOURNAL_GROUP, without capabilities and without a way to get any. -ENOENT: there is no such user.
 * Does nothing for who is not root.
 */
int privileges_drop(const char *spool_path);

/* The number of a user by /etc/passwd alone, or UINT64_MAX. */
uint64_t user_id(const char *name);
