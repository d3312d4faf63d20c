/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What systemd has loaded of the generator's: its output directory, as the last daemon-reload left
 * it. Reads, never writes.
 */

#include "plan.h"

#define OUTPUT_DIRECTORY "/run/systemd/generator"

/* A descriptor of it below root, or a negative errno. */
int loaded_open(const char *root);

/* A file's content, or a link as a line of text; "" when there is nothing. malloc'ed. */
char *loaded_read(int dir_fd, const char *path);

/* The same text for what is planned. */
void loaded_planned(const PlanEntry *e, StrBuf *b);

/* Whether each entry of the plan from a group on is what is loaded. */
bool loaded_is_planned(int dir_fd, const Plan *p, uint32_t from_group);

/* Whether the generator made this unit. */
bool loaded_is_ours(int dir_fd, const char *unit);
