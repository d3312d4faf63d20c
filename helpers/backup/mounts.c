/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * mounts.h by /proc/self/mountinfo (proc_pid_mountinfo(5)): its fifth field is the place, with \040
 * and the like for what would end a field.
 */

#include <limits.h>
#include <stdio.h>

#include "mounts.h"

static bool is_octal(const char *s) {
        for (size_t i = 1; i <= 3; i++)
                if (s[i] < '0' || s[i] > '7')
                        return false;
        return *s == '\\';
}

static void take_place(const char *line, StrBuf *b) {
        const char *p = line;

        strbuf_reset(b);
        for (unsigned i = 0; i < 4 && p; i++) {
                p = strchr(p, ' ');
                p = p ? p + 1 : NULL;
        }
        for (; p && *p && *p != ' ' && *p != '\n'; p++)
                if (is_octal(p)) {
                        strbuf_addc(b, (char) ((p[1] - '0') * 64 + (p[2] - '0') * 8 + p[3] - '0'));
                        p += 3;
                } else
                        strbuf_addc(b, *p);
}

/* As the kernel knows it, for a part of the configured path may be a bind mount. */
static int find_path(int dir_fd, const char *name, StrBuf *b) {
        char link[40], target[PATH_MAX];
        ssize_t n;

        snprintf(link, sizeof(link), "/proc/self/fd/%d", dir_fd);
        n = readlink(link, target, sizeof(target) - 1);
        if (n < 0)
                return -errno;
        target[n] = 0;
        strbuf_addf(b, "%s/%s", streq(target, "/") ? "" : target, name);
        return strbuf_check(b);
}

int mounts_find(int dir_fd, const char *name, StrBuf *ret, bool *ret_at) {
        _cleanup_strbuf_ StrBuf path = { 0 };
        _cleanup_free_ char *line = NULL;
        size_t size = 0;
        bool found = false;
        FILE *f;
        int r = find_path(dir_fd, name, &path);

        if (r < 0)
                return r;
        f = fopen("/proc/self/mountinfo", "re");
        if (!f)
                return -errno;
        while (!found && getline(&line, &size, f) > 0) {
                const char *rest;

                take_place(line, ret);
                rest = path_startswith(strbuf_text(ret), strbuf_text(&path));
                found = rest != NULL;
                *ret_at = found && !*rest;
        }
        fclose(f);
        r = strbuf_check(ret);
        return r < 0 ? r : found;
}
