/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The few macros every file needs: cleanup attributes, ownership transfer, string comparison.
 * Nothing here allocates or can fail; whatever does belongs in a module of its own.
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define _cleanup_(f)     __attribute__((cleanup(f)))
#define _cleanup_free_   _cleanup_(freep)
#define _cleanup_close_  _cleanup_(closep)
#define _printf_(a, b)   __attribute__((format(printf, a, b)))
#define _unused_         __attribute__((unused))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define MIN(a, b)                                                                                  \
        ({                                                                                         \
                __typeof__(a) _a = (a);                                                            \
                __typeof__(b) _b = (b);                                                            \
                _a < _b ? _a : _b;                                                                 \
        })
#define MAX(a, b)                                                                                  \
        ({                                                                                         \
                __typeof__(a) _a = (a);                                                            \
                __typeof__(b) _b = (b);                                                            \
                _a > _b ? _a : _b;                                                                 \
        })

/* Hands a pointer or descriptor on and forgets it here, so that the cleanup does not end it. */
#define TAKE_PTR(p)                                                                                \
        ({                                                                                         \
                __typeof__(p) *_p = &(p);                                                          \
                __typeof__(p) _v = *_p;                                                            \
                *_p = NULL;                                                                        \
                _v;                                                                                \
        })
#define TAKE_FD(fd)                                                                                \
        ({                                                                                         \
                int *_fd = &(fd);                                                                  \
                int _v = *_fd;                                                                     \
                *_fd = -EBADF;                                                                     \
                _v;                                                                                \
        })

#define USEC_PER_SEC  UINT64_C(1000000)
#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_INFINITY UINT64_MAX

static inline void freep(void *p) {
        free(*(void **) p);
}

static inline void closep(int *fd) {
        if (*fd >= 0) {
                int saved = errno;

                close(*fd);
                errno = saved;
        }
}

/* The first bytes decide nearly always, and most comparisons are made in searching a table. */
static inline bool streq(const char *a, const char *b) {
        return *a == *b && strcmp(a, b) == 0;
}

/* Both may be NULL; two NULLs are equal. */
static inline bool streq_ptr(const char *a, const char *b) {
        return a == b || (a && b && streq(a, b));
}

/* Returns what follows prefix in s, or NULL when s does not start with it. */
static inline const char *startswith(const char *s, const char *prefix) {
        size_t n = strlen(prefix);

        return n == 0 || (*s == *prefix && strncmp(s, prefix, n) == 0) ? s + n : NULL;
}

/* The same by whole names: "/run/x" starts with "/run", and "/runx" does not. */
static inline const char *path_startswith(const char *path, const char *dir) {
        const char *rest = startswith(path, dir);

        return rest && (!*rest || *rest == '/') ? rest : NULL;
}

/* Returns where suffix begins in s, or NULL when s does not end with it. */
static inline const char *endswith(const char *s, const char *suffix) {
        size_t n = strlen(s), m = strlen(suffix);

        return n >= m && memcmp(s + n - m, suffix, m) == 0 ? s + n - m : NULL;
}

/* Whatever the locale is, and cheaper than asking it. */
static inline bool ascii_isdigit(char c) {
        return c >= '0' && c <= '9';
}

static inline bool ascii_isalnum(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ascii_isdigit(c);
}

/* 0 to 15, or -EINVAL. */
static inline int ascii_hex_value(char c) {
        if (ascii_isdigit(c))
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -EINVAL;
}

static inline bool isempty(const char *s) {
        return !s || !*s;
}
