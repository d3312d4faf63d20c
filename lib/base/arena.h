/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An arena: memory that is given out in pieces and freed all at once. The model and the plan live
 * in arenas, so that a thousand agents cost a few dozen malloc calls and no bookkeeping.
 * An allocation that fails is remembered (arena_failed()), so that callers which build something
 * large check once at the end. It returns NULL then; nothing here aborts.
 */

#include "base/macro.h"

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
        ArenaChunk *chunks; /* newest first */
        char *next;         /* free space in the newest chunk */
        size_t left_bytes;
        bool failed;
} Arena;

/* Zeroed memory aligned for any type, or NULL when memory is out. */
void *arena_alloc(Arena *a, size_t size_bytes);
/* Unaligned, not zeroed: for text. */
char *arena_alloc_text(Arena *a, size_t size_bytes);
char *arena_strndup(Arena *a, const char *s, size_t len);
char *arena_strdup(Arena *a, const char *s);
char *arena_printf(Arena *a, const char *format, ...) _printf_(2, 3);
/* True once any allocation has failed since the arena was set to zero. */
static inline bool arena_failed(const Arena *a) {
        return a->failed;
}
/* Frees everything but the newest chunk and makes that one empty, for the next round. */
void arena_reset(Arena *a);
void arena_done(Arena *a);

#define arena_new(a, type)      ((type *) arena_alloc((a), sizeof(type)))
#define arena_new_n(a, type, n) ((type *) arena_alloc((a), sizeof(type) * (n)))

#define _cleanup_arena_ _cleanup_(arena_done)
