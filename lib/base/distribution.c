/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * distribution.h, by ID= and ID_LIKE= of os-release(5). Reads one file and nothing else; where the
 * names of packages differ there is a row.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/distribution.h"
#include "base/fsat.h"
#include "base/parse.h"

#define OS_RELEASE_BYTES 4096

enum { DEBIAN, FEDORA, ARCH, DISTRIBUTION_MAX };

static const struct {
        const char *ids; /* its own, and those that others call themselves like */
        const char *commands[INSTALL_HOW_MAX];
} distributions[] = {
        [DEBIAN] = { "debian ubuntu",
                     { "apt-get install", "apt-get install -y",
                       "apt-get install --reinstall -y" } },
        [FEDORA] = { "fedora rhel centos",
                     { "dnf install", "dnf install -y", "dnf reinstall -y" } },
        [ARCH] = { "arch", { "pacman -S", "pacman -S --noconfirm", "pacman -S --noconfirm" } },
};

/* A name with a dash at its end stands for all that begin so. */
static const char *const names[][DISTRIBUTION_MAX] = {
        { "nginx-light", "nginx", "nginx" },     { "openssh-server", "openssh-server", "openssh" },
        { "python3-venv", "python3", "python" }, { "python3-", "python3-", "python-" },
        { "npm", "nodejs-npm", "npm" },
};

/* The value of a line KEY=value, without its quotes; it points into text. */
static const char *find_value(const char *text, const char *key, size_t *ret_len) {
        size_t n = strlen(key);

        for (const char *line = text; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, key, n) != 0)
                        continue;
                line += n;
                line += *line == '"' || *line == '\'';
                *ret_len = strcspn(line, "\"'\n");
                return line;
        }
        return NULL;
}

/* -ENOENT: none that is known. */
static int find_by(const char *text, const char *key) {
        size_t len = 0;
        const char *value = find_value(text, key, &len), *end = value ? value + len : NULL;

        for (const char *word = value; word && word < end; word += *word == ' ') {
                size_t n = strcspn(word, " \"'\n");

                for (int i = 0; n > 0 && i < DISTRIBUTION_MAX; i++)
                        if (word_find(distributions[i].ids, " ", word, n))
                                return i;
                word += n;
        }
        return -ENOENT;
}

static int find(const char *root) {
        static const char *const paths[] = { "etc/os-release", "usr/lib/os-release" };
        static const char *const keys[] = { "ID=", "ID_LIKE=" };
        char path[PATH_MAX], text[OS_RELEASE_BYTES] = "";
        ssize_t n = -ENOENT;
        int r = -ENOENT;

        for (size_t i = 0; i < ARRAY_SIZE(paths) && n < 0; i++)
                if (snprintf(path, sizeof(path), "%s/%s", root ? root : "", paths[i]) <
                    (int) sizeof(path))
                        n = fsat_read(AT_FDCWD, path, text, sizeof(text));
        for (size_t i = 0; i < ARRAY_SIZE(keys) && n > 0 && r < 0; i++)
                r = find_by(text, keys[i]);
        return r < 0 ? DEBIAN : r;
}

const char *distribution_install(const char *root, InstallHow how, const char *package,
                                 Arena *arena) {
        int here = find(root);
        const char *command = distributions[here].commands[how];

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                const char *rest = startswith(package, names[i][DEBIAN]);

                if (rest && (!*rest || endswith(names[i][DEBIAN], "-")))
                        return arena_printf(arena, "%s %s%s", command, names[i][here], rest);
        }
        return arena_printf(arena, "%s %s", command, package);
}
