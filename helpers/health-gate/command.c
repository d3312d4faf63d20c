/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The look of command.h. When in doubt it answers yes: the exec that follows finds out. Must not
 * print anything.
 */

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/exec.h"
#include "command.h"

/*
 * What the kernel runs is an ELF file or begins with "#!". Of a script the interpreter must be
 * there: a virtual environment that was moved still names the one at its old place, which is the
 * most common case by far. Other formats (binfmt_misc) are run through their interpreter by name.
 */
static bool is_runnable(const char *path) {
        char interpreter[256];
        struct stat st;
        int r;

        if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || access(path, X_OK) < 0)
                return false;
        r = exec_read_interpreter(path, interpreter, sizeof(interpreter));
        if (r == 0)
                return access(interpreter, X_OK) == 0;
        return r != -ENOEXEC;
}

bool command_looks_runnable(const char *name) {
        const char *dirs = getenv("PATH");
        char path[PATH_MAX];

        if (!dirs || strchr(name, '/'))
                return !strchr(name, '/') || is_runnable(name);
        for (;;) {
                size_t n = strcspn(dirs, ":");
                int len =
                        snprintf(path, sizeof(path), "%.*s%s%s", (int) n, dirs, n ? "/" : "", name);

                if (len < (int) sizeof(path) && is_runnable(path))
                        return true;
                dirs += n;
                if (!*dirs++)
                        return false;
        }
}
