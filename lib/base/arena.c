/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The arena of arena.h: a list of chunks, the newest of which is being filled. Chunks come from
 * malloc so that AddressSanitizer sees their ends. Owns every byte it gives out.
 */

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"

#define CHUNK_BYTES ((size_t) 32 * 1024)

struct ArenaChunk {
        ArenaChunk *older;
        size_t size_bytes;
        alignas(max_align_t) char data[];
};

static int arena_grow(Arena *a, size_t need_bytes) {
        size_t size = MAX(need_bytes, CHUNK_BYTES);
        ArenaChunk *c = size < SIZE_MAX / 2 ? malloc(sizeof(ArenaChunk) + size) : NULL;

        if (!c) {
                a->failed = true;
                return -ENOMEM;
        }
        c->older = a->chunks;
        c->size_bytes = size;
        a->chunks = c;
        a->next = c->data;
        a->left_bytes = size;
        return 0;
}

char *arena_alloc_text(Arena *a, size_t size_bytes) {
        char *p;

        if (size_bytes > a->left_bytes && arena_grow(a, size_bytes) < 0)
                return NULL;
        p = a->next;
        a->next += size_bytes;
        a->left_bytes -= size_bytes;
        return p;
}

void *arena_alloc(Arena *a, size_t size_bytes) {
        size_t pad = -(uintptr_t) a->next & (alignof(max_align_t) - 1);
        char *p;

        if (pad > a->left_bytes || size_bytes > a->left_bytes - pad) {
                if (arena_grow(a, size_bytes) < 0)
                        return NULL;
                pad = 0;
        }
        p = arena_alloc_text(a, pad + size_bytes);
        return memset(p + pad, 0, size_bytes);
}

char *arena_strndup(Arena *a, const char *s, size_t len) {
        char *p = arena_alloc_text(a, len + 1);

        if (!p)
                return NULL;
        memcpy(p, s, len);
        p[len] = 0;
        return p;
}

char *arena_strdup(Arena *a, const char *s) {
        return arena_strndup(a, s, strlen(s));
}

char *arena_printf(Arena *a, const char *format, ...) {
        va_list ap;
        char *p;
        int n;

        va_start(ap, format);
        n = vsnprintf(NULL, 0, format, ap);
        va_end(ap);
        if (n < 0 || !(p = arena_alloc_text(a, (size_t) n + 1)))
                return NULL;
        va_start(ap, format);
        vsnprintf(p, (size_t) n + 1, format, ap);
        va_end(ap);
        return p;
}

static void arena_free_after(ArenaChunk *keep) {
        ArenaChunk *c = keep->older;

        keep->older = NULL;
        while (c) {
                ArenaChunk *older = c->older;

                free(c);
                c = older;
        }
}

void arena_reset(Arena *a) {
        if (!a->chunks)
                return;
        arena_free_after(a->chunks);
        a->next = a->chunks->data;
        a->left_bytes = a->chunks->size_bytes;
}

void arena_done(Arena *a) {
        if (a->chunks) {
                arena_free_after(a->chunks);
                free(a->chunks);
        }
        *a = (Arena){ .failed = a->failed };
}
