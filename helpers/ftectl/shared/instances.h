/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Instances of templates as people and systemd have them: named together by the name of their
 * template, and running without being in any file, because somebody started them.
 */

#include "config/instance.h"

/* Whether one of the words is the name, or the name of its template. */
bool instance_is_named(char *const *words, const char *name);

/*
 * Calls visit for each instance of the template ("NAME@") that runs, waits for its
 * time, or has failed, by the traces
 * that systemd leaves in /run. Stops at a negative result and returns it.
 */
int instances_visit_running(int root_fd, const char *template,
                            int (*visit)(void *userdata, const char *name), void *userdata);

/* Whether it is only there because somebody started it; *ret is then its entry. */
bool instance_is_by_hand(const Config *c, const char *name, ConfigEntry *ret);
