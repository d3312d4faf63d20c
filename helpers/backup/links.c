/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * links.h: a table with open addressing. Must not be asked for files of several file systems
 * between two calls of links_done().
 */

#include <fcntl.h>

#include "links.h"

#define SIZE_MIN 1024

/* When it was made, where the file system knows; else when it was written to. */
static struct timespec born(const WalkEntry *e) {
        struct statx x;

        if (statx(e->fd, "", AT_EMPTY_PATH, STATX_BTIME, &x) == 0 && (x.stx_mask & STATX_BTIME))
                return (struct timespec){ .tv_sec = x.stx_btime.tv_sec,
                                          .tv_nsec = x.stx_btime.tv_nsec };
        return e->st.st_mtim;
}

static LinkSlot *find(LinkSlot *slots, size_t size, uint64_t inode) {
        size_t i = (size_t) (inode * 0x9e3779b97f4a7c15) & (size - 1);

        while (slots[i].path && slots[i].inode != inode)
                i = (i + 1) & (size - 1);
        return &slots[i];
}

static int grow(Links *l) {
        size_t size = MAX(l->size * 2, (size_t) SIZE_MIN);
        LinkSlot *slots = calloc(size, sizeof(*slots));

        if (!slots)
                return -ENOMEM;
        for (size_t i = 0; i < l->size; i++)
                if (l->slots[i].path)
                        *find(slots, size, l->slots[i].inode) = l->slots[i];
        free(l->slots);
        l->slots = slots;
        l->size = size;
        return 0;
}

int links_find(Links *l, const WalkEntry *e, const char **ret) {
        struct timespec t = born(e);
        LinkSlot *slot;
        char *path;

        if (l->n * 2 >= l->size && grow(l) < 0)
                return -ENOMEM;
        slot = find(l->slots, l->size, (uint64_t) e->st.st_ino);
        if (slot->path && slot->born.tv_sec == t.tv_sec && slot->born.tv_nsec == t.tv_nsec) {
                *ret = slot->path;
                return 1;
        }
        path = arena_strdup(&l->arena, e->path);
        if (!path)
                return -ENOMEM;
        l->n += !slot->path;
        *slot = (LinkSlot){ .inode = (uint64_t) e->st.st_ino, .born = t, .path = path };
        return 0;
}

void links_done(Links *l) {
        free(l->slots);
        arena_done(&l->arena);
        *l = (Links){ 0 };
}
