/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What templates need beyond their own unit: systemd reads the drop-ins of NAME@.service for every
 * NAME@INST.service too, also for one that has a unit of its own and different settings.
 */

#include "plugins/plugin.h"

/* The entries of the plan that are the last template's. */
typedef struct TemplateFiles {
        size_t first, end;
} TemplateFiles;

/* Masks, for the agent of r, the drop-ins of its template that it has not got itself. */
void instance_mask_dropins(const Render *r, const TemplateFiles *files);

/*
 * Of a template's name and the name of an agent: INST, where NAME@INST would have the directories
 * of the agent. NULL where it could not.
 */
const char *instance_with_directories_of(const char *template, const char *agent);
