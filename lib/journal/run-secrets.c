/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * run-secrets.h: from the credential of the run, from the env file, or from both.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/env-file.h"
#include "base/fsat.h"
#include "base/scope.h"

#include "run-secrets.h"

/* The values, and all that may be one if the file is not as it should be. */
static void add_needles(Redactor *r, const char *text, size_t len) {
        _cleanup_(env_file_done) EnvFile f = { 0 };

        redact_add_text(r, text, len);
        if (env_file_parse(text, len, &f) < 0) {
                r->failed = true;
                return;
        }
        for (size_t i = 0; i < f.n_entries; i++)
                redact_add_value(r, env_entry_value(&f.entries[i]));
}

/* Learns the values in the file at root and path. Negative errno: they are not known. */
static int learn_values(Redactor *r, const char *root, const char *path,
                        uint64_t *ret_changed_usec) {
        _cleanup_close_ int fd = -EBADF;
        char *text, full[PATH_MAX];
        struct stat st;
        ssize_t n;

        if (snprintf(full, sizeof(full), "%s%s", root ? root : "", path) >= (int) sizeof(full))
                return -ENAMETOOLONG;
        fd = fsat_open_regular(AT_FDCWD, full);
        if (fd < 0)
                return fd;
        text = arena_alloc_text(r->arena, ENV_FILE_MAX_BYTES + 2);
        if (!text || fstat(fd, &st) < 0)
                return text ? -errno : -ENOMEM;
        n = fsat_read_fd(fd, text, ENV_FILE_MAX_BYTES + 2);
        if (n < 0)
                return (int) n;
        add_needles(r, text, (size_t) n);
        explicit_bzero(text, (size_t) n);
        *ret_changed_usec =
                timespec_usec(st.st_ctim);
        return 0;
}

/*
 * What the run itself was given; systemd keeps it until ExecStopPost= is done. Before 254 it hides
 * it from all but the main process, even from those with "+", but not from who looks with its own
 * eyes.
 */
static bool learn_credential(Redactor *r, const SecretsQuery *q) {
        static const char *const eyes[] = { "/proc/1/root", "" };
        char path[SCOPE_HOME_BYTES + 512];
        uint64_t changed_usec;

        snprintf(path, sizeof(path), "%s%s.service/env", scope->credentials, q->agent->name);
        if (q->root)
                return learn_values(r, q->root, path, &changed_usec) == 0;
        for (size_t i = 0; i < ARRAY_SIZE(eyes); i++)
                if (learn_values(r, eyes[i], path, &changed_usec) == 0)
                        return true;
        return false;
}

/*
 * Known from the run's credential, from a file that has not changed since, or because there was
 * none. That there is none now is not enough: somebody may have removed it. (Of a run below a root
 * of its own nobody knows when it began.)
 */
bool secrets_learn(Redactor *r, const SecretsQuery *q) {
        uint64_t changed_usec = 0;
        bool had, unchanged;
        int k;

        if (!agent_has_env_file(q->agent))
                return true;
        had = learn_credential(r, q);
        k = q->agent->env_encrypted ? -EACCES
                                    : learn_values(r, q->root, q->agent->env_file, &changed_usec);
        unchanged = q->root || (q->start_usec != UINT64_MAX && changed_usec < q->start_usec);
        return had || (k == 0 && unchanged) || (k == -ENOENT && q->refused);
}
