/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The process beside the agent that reads its output.
 */

#include "options.h"

/*
 * Puts a pipe in place of standard output and standard error and starts the companion at its other
 * end. Returns in the caller only: 0, or negative errno with everything as it was.
 */
int companion_start(const LogSettings *settings);
