/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * progress.h. Knows whether the line is there, so that nothing is written when it is not.
 */

#include <stdio.h>

#include "base/log.h"
#include "base/macro.h"
#include "base/progress.h"

#define ERASE "\r\033[K"

static bool shown;

void progress_show(const char *text) {
        if (!isatty(STDERR_FILENO))
                return;
        log_before_line(progress_clear);
        fprintf(stderr, ERASE "%s", text);
        fflush(stderr);
        shown = true;
}

void progress_clear(void) {
        if (!shown)
                return;
        fputs(ERASE, stderr);
        fflush(stderr);
        shown = false;
}
