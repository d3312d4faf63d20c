/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What env/problems.h promises, by the precheck's own code: content, required variables, and the
 * variables that Exec= uses. The values are seen here and go nowhere.
 */

#include <stdio.h>

#include "base/fsat.h"

#include "expand.h"
#include "judge.h"

#include "problems.h"

/* What systemd sets for a service by itself; values are of no matter. */
static char *const set_by_systemd[] = {
        (char *) "PATH=/",
        (char *) "HOME=/",
        (char *) "USER=-",
        (char *) "LOGNAME=-",
        (char *) "SHELL=/",
        (char *) "LANG=C",
        (char *) "INVOCATION_ID=-",
        (char *) "JOURNAL_STREAM=-",
        (char *) "SYSTEMD_EXEC_PID=-",
        (char *) "STATE_DIRECTORY=/",
        (char *) "LOGS_DIRECTORY=/",
        (char *) "CONFIGURATION_DIRECTORY=/",
        (char *) "CREDENTIALS_DIRECTORY=/",
        (char *) "NOTIFY_SOCKET=/",
        (char *) "PYTHONUNBUFFERED=1",
        NULL,
};

static void forget(char **text) {
        if (*text)
                explicit_bzero(*text, ENV_FILE_MAX_BYTES + 1);
        free(*text);
}

static void judge_all(const Agent *a, EnvFile *file, EnvProblems *ret) {
        const char *path = agent_has_env_file(a) ? a->env_file : NULL;
        Environment env = { .file = file, .set = a->env_set, .inherited = set_by_systemd };
        ExpandEnv expand = { .lookup = environment_get, .env = &env };
        Arena scratch = { 0 };
        char **words;

        for (char **name = a->env_required; name && *name; name++) {
                size_t before = ret->text.len;

                judge_required(path, &env, *name, &ret->text);
                if (ret->text.len > before && ret->n_missing < ENV_MISSING_MAX)
                        ret->missing[ret->n_missing++] = *name;
        }
        if (a->exec)
                (void) expand_words(&scratch, a->exec, &expand, &ret->text, &words);
        arena_done(&scratch);
}

/* Its content, opened as a file that others may write to is. */
static int judge_content(const Agent *a, int root_fd, EnvFile *file, StrBuf *problems) {
        _cleanup_(forget) char *text = calloc(1, ENV_FILE_MAX_BYTES + 1);
        _cleanup_close_ int fd = -EBADF;
        ssize_t n;

        if (!text)
                return -ENOMEM;
        fd = fsat_open_regular(root_fd, a->env_file + 1);
        n = fd < 0 ? fd : fsat_read_fd(fd, text, ENV_FILE_MAX_BYTES + 1);
        if (n == -EFBIG)
                strbuf_addf(problems, "%s: is larger than %zu bytes; this cannot be an env file\n",
                            a->env_file, ENV_FILE_MAX_BYTES);
        if (n < 0)
                return 0;
        return judge_text(a->env_file, text, (size_t) n, file, problems);
}

int env_problems_read(const Agent *a, int root_fd, EnvProblems *ret) {
        _cleanup_(env_file_done) EnvFile file = { 0 };
        bool has_file = agent_has_env_file(a);
        int r = 0;

        if (has_file && a->env_encrypted)
                return 0;
        if (has_file)
                r = judge_content(a, root_fd, &file, &ret->text);
        /* Of a file that is not there nobody can tell what it lacks. */
        if (r == 0 && (!has_file || file.text))
                judge_all(a, &file, ret);
        return r < 0 ? r : strbuf_check(&ret->text);
}
