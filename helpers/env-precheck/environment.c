/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * environment.h. Does not use setenv(): that would copy every secret once more.
 */

#include "base/parse.h"
#include "environment.h"

static const char *file_get(const EnvFile *f, const char *name, size_t name_len) {
        const EnvEntry *e = f ? env_file_find(f, name, name_len) : NULL;

        return e ? env_entry_value(e) : NULL;
}

/* The last one counts. */
static const char *array_get(char *const *assignments, const char *name, size_t name_len) {
        const char *value = NULL;

        for (char *const *s = assignments; s && *s; s++)
                if (strncmp(*s, name, name_len) == 0 && (*s)[name_len] == '=')
                        value = *s + name_len + 1;
        return value;
}

const char *environment_get(const void *environment, const char *name, size_t name_len) {
        const Environment *e = environment;
        const char *value = file_get(e->file, name, name_len);

        if (!value)
                value = array_get(e->set, name, name_len);
        return value ? value : array_get(e->inherited, name, name_len);
}

static bool is_overlaid(const Environment *e, const char *assignment) {
        size_t name_len = strcspn(assignment, "=");

        return file_get(e->file, assignment, name_len) || array_get(e->set, assignment, name_len);
}

char **environment_merge(const Environment *e) {
        size_t n_file = e->file ? e->file->n_entries : 0, n = 0;
        char **envp = calloc(n_file + strv_length(e->set) + strv_length(e->inherited) + 1,
                             sizeof(char *));

        if (!envp)
                return NULL;
        for (char *const *s = e->inherited; *s; s++)
                if (!is_overlaid(e, *s))
                        envp[n++] = *s;
        for (char *const *s = e->set; s && *s; s++)
                if (!file_get(e->file, *s, strcspn(*s, "=")))
                        envp[n++] = *s;
        for (size_t i = 0; i < n_file; i++)
                envp[n++] = e->file->entries[i].assignment;
        return envp;
}
