/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The plan: every file and link that is to be in the output directory, in memory. Plugins add to
 * it, write.c carries it out. Always sorted by group, rank and path, so that the same input gives
 * the same order whatever the plugins' is. Nothing here touches the disk.
 */

#include "base/arena.h"
#include "base/strbuf.h"

/*
 * What is written first within a group. A unit comes after its drop-ins: should one of those fail,
 * the unit is not written at all, for it would run without its sandbox.
 */
typedef enum PlanRank {
        PLAN_DROPIN,
        PLAN_UNIT,
        PLAN_INSTALL,
} PlanRank;

typedef struct PlanEntry {
        const char *path; /* relative to the output directory; at most one "/" */
        const char *data; /* of a file its content, of a link its target */
        uint32_t len;
        uint32_t group; /* entries that stand or fall together: one agent */
        uint8_t rank;
        bool is_link;
} PlanEntry;

typedef struct Plan {
        Arena arena;
        PlanEntry *entries;
        size_t n, size;
        uint32_t group;
        bool failed; /* memory is out */
} Plan;

/* What is added from here on belongs together. */
void plan_begin_group(Plan *p);
/*
 * path and target must live as long as the plan (plan_path(), facts); the content is copied. Both
 * remember a failure in p->failed.
 */
void plan_add_file(Plan *p, PlanRank rank, const char *path, const StrBuf *content);
void plan_add_link(Plan *p, PlanRank rank, const char *path, const char *target);
/* Joins three parts, any of which may be "", in the plan's arena. NULL when memory is out. */
char *plan_path(Plan *p, const char *a, const char *b, const char *c);
/* -ENOMEM when anything was lost, -EEXIST when two entries of a group claim a path; else 0. */
int plan_check(const Plan *p);
void plan_done(Plan *p);
