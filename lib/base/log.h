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

/*
 * For the end of a program of the chain that says why a service does not run, and ends at once. Of
 * the system's services journald is told the unit; of those of a person it looks it up
 * (_SYSTEMD_USER_UNIT= in systemd.journal-fields(7)), which takes a process that is still there. So
 * this waits a third of a second when the journal reads it and a person's manager started it
 * ($MANAGERPID), else not at all.
 */
void log_linger(void);

/* priority is one of syslog's LOG_ERR … LOG_DEBUG. */
void log_line(int priority, const char *format, ...) _printf_(2, 3);
