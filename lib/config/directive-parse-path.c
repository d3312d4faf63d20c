/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parsers of directives whose values are paths. They judge the text alone: whether something is
 * there, and whose it is, is looked at by who opens it, and by lint.
 */

#include "base/parse.h"

#include "config/directive.h"

static bool path_is_valid(const char *s) {
        size_t len = strlen(s);

        if (*s != '/' || len > 1024 || (len > 1 && s[len - 1] == '/'))
                return false;
        for (const char *p = s; *p; p++)
                if ((unsigned char) *p <= ' ' || strchr("\"'\\:", *p))
                        return false;
        for (const char *p = s; (p = strchr(p, '/')); p++)
                if (startswith(p, "//") || startswith(p, "/./") || startswith(p, "/../") ||
                    streq(p, "/.") || streq(p, "/.."))
                        return false;
        return true;
}

#define PATH_PROBLEM                                                                            \
        "must be an absolute path, with no white space, quote, colon or backslash, no . or .. " \
        "and no slash at its end"
#define BACKUP_PATH_PROBLEM                                                                     \
        PATH_PROBLEM "; not / and nothing in /proc, /sys, /dev or /run (but /run/media/DISK), " \
                     "which are not on a disk"

int parse_path(DirectiveValue *v) {
        if (!path_is_valid(v->text))
                return directive_refuse(v, PATH_PROBLEM);
        return directive_store_string(v, v->text);
}

int parse_path_or_none(DirectiveValue *v) {
        if (!streq(v->text, "none") && !path_is_valid(v->text))
                return directive_refuse(v, PATH_PROBLEM "; or \"none\"");
        return directive_store_string(v, v->text);
}

int parse_paths(DirectiveValue *v) {
        return directive_store_words(v, path_is_valid, PATH_PROBLEM);
}

/*
 * Not the whole system, nor what the kernel only shows or the next boot empties. Below /run/media
 * udisks(8) mounts disks.
 */
static bool is_on_disk(const char *path) {
        static const char *const others[] = { "/proc", "/sys", "/dev", "/run" };

        if (startswith(path, "/run/media/"))
                return true;
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                if (path_startswith(path, others[i]))
                        return false;
        return path[1] != 0;
}

static bool backup_path_is_valid(const char *s) {
        return path_is_valid(s) && is_on_disk(s);
}

int parse_backup_paths(DirectiveValue *v) {
        return directive_store_words(v, backup_path_is_valid, BACKUP_PATH_PROBLEM);
}

int parse_backup_target(DirectiveValue *v) {
        const char *rest = startswith(v->text, "restic:");

        if (rest && (!*rest || strpbrk(rest, " \t\"'\\@")))
                return directive_refuse(v, "must be restic:REPOSITORY, without user or password");
        if (!rest && !backup_path_is_valid(v->text))
                return directive_refuse(v, BACKUP_PATH_PROBLEM);
        return directive_store_string(v, v->text);
}

int parse_secret_path(DirectiveValue *v) {
        if (!path_is_valid(v->text))
                return directive_refuse(v,
                                        "must be the absolute path of a file with mode 0600 that "
                                        "holds the secret, never the secret or URL itself");
        return directive_store_string(v, v->text);
}
