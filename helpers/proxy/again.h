/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Another run of this program, a minute later. By a timer of systemd's; does nothing below a root.
 */

#include "base/macro.h"

#define EXIT_AGAIN 75 /* sysexits.h's EX_TEMPFAIL */

/* 0 or a negative errno. Waits for nothing. */
int again_later(const char *root);
