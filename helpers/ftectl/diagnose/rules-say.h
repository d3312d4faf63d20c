/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Between the files of rules: questions that several ask, and commands that several propose.
 */

#include "rules.h"

/* It is not well, or was not a short time ago: only then do lines of the log mean anything. */
bool in_trouble(const Evidence *e);
/* Its main process is there. */
bool has_process(const Evidence *e);
/* It has ended badly, for good or until the next try. */
bool has_failed(const Evidence *e);

#define SEEN(d, ...) strbuf_addf(&(d)->seen, __VA_ARGS__)
#define FIX(d, ...)  strbuf_addf(&(d)->fix, __VA_ARGS__)

void fix_restart(Diagnosis *d, const Evidence *e);
/* "command path", the path quoted where a shell needs it. */
void fix_path(Diagnosis *d, const char *command, const char *path);
/* Commands that add "setting" to the agent's configuration, in a fragment of its own, and apply it.
 */
void fix_setting(Diagnosis *d, const Evidence *e, const char *section, const char *setting);

/* The rules themselves, for the table in causes.c. */
RULE(masked);
RULE(config_errors);
RULE(config_stale);
RULE(user_missing);
RULE(program_missing);
RULE(interpreter_missing);
RULE(venv_broken);
RULE(program_hidden);
RULE(noexec);
RULE(env_file);
RULE(env_value);
RULE(env_corrected);
RULE(directory_missing);
RULE(wrong_owner);
RULE(no_access);
RULE(file_missing);
RULE(path_hidden);
RULE(read_only);
RULE(sandbox_write);
RULE(disk_full);
RULE(socket_not_taken);
RULE(port_taken);
RULE(privileged_port);
RULE(memory);
RULE(seccomp);
RULE(browser_sandbox);
RULE(module_missing);
RULE(open_files);
RULE(tasks);
RULE(clock);
RULE(certificate);
RULE(dns);
RULE(listens_elsewhere);
RULE(nothing_listens);
RULE(health_error);
RULE(health_hangs);
RULE(override);
RULE(stopped);
RULE(ended);
RULE(start_limit);
RULE(heartbeat);
RULE(health_command);
RULE(timer_off);
RULE(overdue);
RULE(run_failed);
