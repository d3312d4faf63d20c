/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A growing byte buffer, always terminated by a NUL that is not counted. A failed allocation
 * empties nothing and is remembered in `failed`: writers append freely and the one who uses the
 * text checks once, with strbuf_check().
 */

#include "base/macro.h"

typedef struct StrBuf {
        char *text; /* NULL while nothing was appended */
        size_t len;
        size_t size_bytes;
        bool failed;
} StrBuf;

/* Makes room for more_bytes and a NUL; -ENOMEM, also when an earlier append was lost. */
int strbuf_reserve(StrBuf *b, size_t more_bytes);
void strbuf_addf(StrBuf *b, const char *format, ...) _printf_(2, 3);
void strbuf_add_uint(StrBuf *b, uint64_t n);

/* Inline because a generator does this a hundred times an agent, mostly with literals. */
static inline void strbuf_add_bytes(StrBuf *b, const char *s, size_t len) {
        if (b->size_bytes - b->len <= len && strbuf_reserve(b, len) < 0)
                return;
        memcpy(b->text + b->len, s, len);
        b->len += len;
        b->text[b->len] = 0;
}

static inline void strbuf_add(StrBuf *b, const char *s) {
        strbuf_add_bytes(b, s, strlen(s));
}

static inline void strbuf_addc(StrBuf *b, char c) {
        strbuf_add_bytes(b, &c, 1);
}

/* The text, never NULL. */
static inline const char *strbuf_text(const StrBuf *b) {
        return b->text ? b->text : "";
}

/* 0, or -ENOMEM when any append was lost. */
static inline int strbuf_check(const StrBuf *b) {
        return b->failed ? -ENOMEM : 0;
}

static inline void strbuf_reset(StrBuf *b) {
        b->len = 0;
        b->failed = false;
        if (b->text)
                b->text[0] = 0;
}

static inline void strbuf_done(StrBuf *b) {
        free(b->text);
        *b = (StrBuf){ 0 };
}

#define _cleanup_strbuf_ _cleanup_(strbuf_done)
