/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The plan of plan.h: one array of entries and one arena for their text. Owns both. Must not know
 * what a unit is.
 */

#include "plan.h"

void plan_begin_group(Plan *p) {
        p->group++;
}

static int entry_compare(const void *pa, const void *pb) {
        const PlanEntry *a = pa, *b = pb;

        if (a->group != b->group)
                return a->group < b->group ? -1 : 1;
        if (a->rank != b->rank)
                return a->rank - b->rank;
        return strcmp(a->path, b->path);
}

/*
 * Keeps the entries of a group in order as they come: a group has four of them, not four hundred.
 */
static void plan_add(Plan *p, PlanEntry entry) {
        size_t i;

        entry.group = p->group;
        if (!entry.path || !entry.data) {
                p->failed = true;
                return;
        }
        if (p->n == p->size) {
                size_t size = MAX(p->size * 2, (size_t) 128);
                PlanEntry *entries = realloc(p->entries, size * sizeof(*entries));

                if (!entries) {
                        p->failed = true;
                        return;
                }
                p->entries = entries;
                p->size = size;
        }
        for (i = p->n++; i > 0 && entry_compare(&p->entries[i - 1], &entry) > 0; i--)
                p->entries[i] = p->entries[i - 1];
        p->entries[i] = entry;
}

void plan_add_file(Plan *p, PlanRank rank, const char *path, const StrBuf *content) {
        p->failed = p->failed || content->failed;
        plan_add(p, (PlanEntry){
                            .path = path,
                            .data = arena_strndup(&p->arena, strbuf_text(content), content->len),
                            .len = (uint32_t) content->len,
                            .rank = (uint8_t) rank,
                    });
}

void plan_add_link(Plan *p, PlanRank rank, const char *path, const char *target) {
        plan_add(p, (PlanEntry){
                            .path = path,
                            .data = target,
                            .rank = (uint8_t) rank,
                            .is_link = true,
                    });
}

char *plan_path(Plan *p, const char *a, const char *b, const char *c) {
        size_t na = strlen(a), nb = strlen(b), nc = strlen(c);
        char *path = arena_alloc_text(&p->arena, na + nb + nc + 1);

        if (!path)
                return NULL;
        memcpy(path, a, na);
        memcpy(path + na, b, nb);
        memcpy(path + na + nb, c, nc + 1);
        return path;
}

int plan_check(const Plan *p) {
        if (p->failed || arena_failed(&p->arena))
                return -ENOMEM;
        for (size_t i = 1; i < p->n; i++)
                if (entry_compare(&p->entries[i - 1], &p->entries[i]) == 0)
                        return -EEXIST;
        return 0;
}

void plan_done(Plan *p) {
        free(p->entries);
        arena_done(&p->arena);
        *p = (Plan){ 0 };
}
