/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the files of a program say of how it is run: the directories that have its name, the first
 * line of a script, the venv around it. Only reads, and judges nothing.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/fsat.h"

#include "lint.h"

const char *program_find(Warner *w, const char *name) {
        static const char *const dirs[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                            "/usr/bin",        "/sbin",          "/bin" };

        for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
                const char *path = arena_printf(w->arena, "%s/%s", dirs[i], name);

                if (path && faccessat(w->root_fd, path + 1, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
                        return path;
        }
        return NULL;
}

/* What "env" of a first line runs: its argument, or with -S the first word of that. */
static const char *read_env_word(Warner *w, const char *s) {
        static const char plain[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
        const char *name, *path;
        size_t n;

        s += strspn(s, " \t");
        if (startswith(s, "-S"))
                s += 2 + strspn(s + 2, " \t");
        n = strcspn(s, " \t\n");
        if (*s == '/')
                return arena_strndup(w->arena, s, n);
        if (n == 0 || *s == '-' || strspn(s, plain) < n)
                return NULL; /* options, variables, quotes: not worth a guess */
        name = arena_strndup(w->arena, s, n);
        path = name ? program_find(w, name) : NULL;
        return path ? path : name;
}

const char *program_interpreter(Warner *w, const char *path) {
        char line[256];
        int fd = openat(w->root_fd, path + 1, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
        char *word = line + 2, *end;

        closep(&fd);
        if (n < 3 || line[0] != '#' || line[1] != '!')
                return NULL;
        line[n] = 0;
        word += strspn(word, " \t");
        end = word + strcspn(word, " \t\n");
        if (end - word > 4 && strncmp(end - 4, "/env", 4) == 0 && (*end == ' ' || *end == '\t'))
                return read_env_word(w, end);
        return *word == '/' ? arena_strndup(w->arena, word, (size_t) (end - word)) : NULL;
}

const char *program_venv_home(Warner *w, const char *program) {
        char path[PATH_MAX], text[2048];
        const char *slash = strrchr(program, '/'), *line = text;

        if (!slash || snprintf(path, sizeof(path), "%.*s/../pyvenv.cfg", (int) (slash - program),
                               program) >= (int) sizeof(path))
                return NULL;
        if (fsat_read(w->root_fd, path + 1, text, sizeof(text)) < 0)
                return NULL;
        while (line) {
                const char *value = startswith(line, "home");

                if (value && *(value += strspn(value, " \t")) == '=') {
                        value += 1 + strspn(value + 1, " \t");
                        return arena_strndup(w->arena, value, strcspn(value, "\r\n"));
                }
                line = strchr(line, '\n');
                line = line ? line + 1 : NULL;
        }
        return NULL;
}
