/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Messages of a program to the people who run it. Only main() and what stands beside it log; the
 * layers below return errors. Every message is one line and one write.
 */

#include <syslog.h>

#include "base/macro.h"

/*
 * Sets the name that starts each line and picks the target: standard error, or the kernel's log
 * when to_kmsg is set and /dev/kmsg opens (a system generator has no journal to write to yet).
 * On standard error the "<N>" prefix of sd-daemon(3) is added only when $JOURNAL_STREAM says that
 * the journal reads it.
 */
void log_open(const char *program, bool to_kmsg);

/* What shows something on the same terminal takes it away first; called before each line. */
void log_before_line(void (*before)(void));

/* priority is one of syslog's LOG_ERR … LOG_DEBUG. */
void log_line(int priority, const char *format, ...) _printf_(2, 3);
