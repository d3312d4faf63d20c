/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The judgement of name.h, part by part.
 */

#include <limits.h>

#include "name.h"

static bool part_is(const char *part, size_t len, const char *word) {
        return len == strlen(word) && memcmp(part, word, len) == 0;
}

int name_clean(const char *name, StrBuf *ret) {
        unsigned depth = 0;

        if (*name == '/' || strlen(name) >= PATH_MAX)
                return -EINVAL;
        while (*name) {
                size_t n = strcspn(name, "/");

                if (part_is(name, n, "..") || n > NAME_MAX)
                        return -EINVAL;
                if (n > 0 && !part_is(name, n, ".")) {
                        if (++depth > NAME_DEPTH_MAX)
                                return -EINVAL;
                        if (depth > 1)
                                strbuf_addc(ret, '/');
                        strbuf_add_bytes(ret, name, n);
                }
                name += n + (name[n] == '/');
        }
        return strbuf_check(ret);
}

static int count_parents(const char *path) {
        int n = 0;

        for (; *path; path++)
                n += *path == '/';
        return n;
}

bool name_link_is_inside(const char *path, const char *target) {
        int depth = count_parents(path);

        if (!*target || *target == '/' || strlen(target) >= PATH_MAX)
                return false;
        while (*target) {
                size_t n = strcspn(target, "/");

                if (part_is(target, n, ".."))
                        depth--;
                else if (n > 0 && !part_is(target, n, "."))
                        depth++;
                if (depth < 0)
                        return false;
                target += n + (target[n] == '/');
        }
        return true;
}
