/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs restic for restic.h. The words of a command line are fixed but for the agent's name and a
 * snapshot's, which are checked by whoever calls.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "base/env-file.h"
#include "base/fsat.h"
#include "base/log.h"
#include "base/run.h"

#include "interrupt.h"
#include "restic.h"

#define ENV_MAX     28 /* run.h passes on no more */
#define FORGET_USEC (6 * 3600 * USEC_PER_SEC)
#define FILE_BYTES  (64 * 1024)
#define STOP_USEC   (30 * USEC_PER_SEC)
#define UNLOCK_USEC (10 * 60 * USEC_PER_SEC)
#define INCOMPLETE  "fte-incomplete" /* a tag */

typedef struct Environment {
        const char *set[ENV_MAX];
        size_t n;
        EnvFile file;
        Arena arena;
} Environment;

static void environment_done(Environment *e) {
        env_file_done(&e->file);
        arena_done(&e->arena);
}

static void add(Environment *e, const char *key, const char *value) {
        const char *text = arena_printf(&e->arena, "%s=%s", key, value);

        if (text && e->n < ENV_MAX - 1)
                e->set[e->n++] = text;
}

/*
 * The credential of that name, else /etc/NAME/NAME-OF-IT; NULL: neither has more than a line end.
 */
static const char *find_file(Environment *e, const Job *j, const char *name) {
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");
        const char *const paths[] = {
                credentials ? arena_printf(&e->arena, "%s/%s", credentials, name) : NULL,
                arena_printf(&e->arena, "%s/etc/%s/%s", j->root, j->directory, name),
        };

        for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
                char text[4];
                ssize_t n = paths[i] ? fsat_read(AT_FDCWD, paths[i], text, sizeof(text)) : -ENOMEM;

                if (n > 1 || n == -EFBIG)
                        return paths[i];
        }
        return NULL;
}

/* Keys of a cloud's storage: NAME=VALUE lines. */
static int add_keys(Environment *e, const char *path) {
        _cleanup_free_ char *text = malloc(FILE_BYTES);
        ssize_t n = text ? fsat_read(AT_FDCWD, path, text, FILE_BYTES) : -ENOMEM;
        int r = n < 0 ? (int) n : env_file_parse(text, (size_t) n, &e->file);

        if (r < 0 || e->file.n_problems > 0) {
                log_line(LOG_ERR, "%s: every line must be NAME=VALUE", path);
                return -EINVAL;
        }
        if (e->n + e->file.n_entries > ENV_MAX - 4) {
                log_line(LOG_ERR, "%s: more than %zu lines", path, ENV_MAX - 4 - e->n);
                return -E2BIG;
        }
        for (size_t i = 0; i < e->file.n_entries; i++)
                e->set[e->n++] = e->file.entries[i].assignment;
        return 0;
}

static int environment_fill(Environment *e, const Job *j) {
        const char *password = find_file(e, j, "restic-password");
        const char *repository = find_file(e, j, "restic-repository"),
                   *keys = find_file(e, j, "restic-env");

        if (!password) {
                log_line(LOG_ERR,
                         "restic needs its password in /etc/%s/restic-password (mode 0600)",
                         j->directory);
                return -ENOENT;
        }
        add(e, "RESTIC_PASSWORD_FILE", password);
        add(e, repository ? "RESTIC_REPOSITORY_FILE" : "RESTIC_REPOSITORY",
            repository ? repository : j->restic);
        add(e, "RESTIC_CACHE_DIR", arena_printf(&e->arena, "%s/var/cache/fte-backup", j->root));
        add(e, "RESTIC_PROGRESS_FPS", "0");
        add(e, "TZ", "UTC"); /* of the times that it lists */
        return arena_failed(&e->arena) ? -ENOMEM : keys ? add_keys(e, keys) : 0;
}

/* ---- one that runs beside us ---- */

/* Its standard input (to_it) or output is the other end of p->fd. */
static int start(Restic *p, const Job *j, const char *const *argv, bool to_it) {
        Environment e = { 0 };
        int ends[2], r = environment_fill(&e, j);
        char path[] = "PATH=" RUN_PATH, home[] = "HOME=/root";
        pid_t parent = getpid();

        if (r == 0 && pipe2(ends, O_CLOEXEC) < 0)
                r = -errno;
        if (r < 0) {
                environment_done(&e);
                return r;
        }
        e.set[e.n] = NULL;
        if (e.n < ENV_MAX - 3) {
                e.set[e.n++] = path;
                e.set[e.n++] = home;
                e.set[e.n] = NULL;
        }
        p->pid = fork();
        if (p->pid == 0) {
                int null = open("/dev/null", O_RDWR | O_CLOEXEC);

                /* Else it would take the end of a killed fte-backup for the end of the archive. */
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (getppid() != parent) /* killed already */
                        _exit(127);
                dup2(to_it ? ends[0] : null, STDIN_FILENO);
                dup2(to_it ? STDERR_FILENO : ends[1], STDOUT_FILENO);
                setenv("PATH", RUN_PATH, 1);
                execvpe(argv[0], (char *const *) argv, (char *const *) e.set);
                log_line(LOG_ERR, "restic: %s; install it", strerror(errno));
                _exit(127);
        }
        r = p->pid < 0 ? -errno : 0;
        p->fd = ends[to_it];
        close(ends[!to_it]);
        environment_done(&e);
        return r;
}

/* -EPIPE: what it wrote was not read to the end; -ENOENT: there is none; -EIO: it says what. */
static int finish(Restic *p) {
        int status;

        closep(&p->fd);
        p->fd = -EBADF;
        if (p->pid <= 0)
                return 0;
        while (waitpid(p->pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        p->pid = 0;
        if (!WIFEXITED(status))
                return WTERMSIG(status) == SIGPIPE ? -EPIPE : -EIO;
        return WEXITSTATUS(status) == 0 ? 0 : WEXITSTATUS(status) == 127 ? -ENOENT : -EIO;
}

/*
 * A restic that was killed leaves a lock, with which nothing is ever forgotten again; it takes away
 * only those whose owner is gone. That it cannot is told by what follows.
 */
static void unlock(const Job *j) {
        const char *argv[] = { "restic", "unlock", "--quiet", NULL };
        Environment e = { 0 };

        if (environment_fill(&e, j) == 0) {
                e.set[e.n] = NULL;
                (void) run_program(
                        &(RunOptions){ .argv = argv, .setenv = e.set, .timeout_usec = UNLOCK_USEC },
                        NULL, NULL);
        }
        environment_done(&e);
}

/* It takes its lock away and makes no snapshot; the pipe stays open until it is gone, for an end
 * of what it reads would be one of the archive. */
static void stop(Restic *p) {
        const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
        siginfo_t info = { 0 };

        kill(p->pid, SIGINT);
        for (uint64_t waited = 0; waited < STOP_USEC; waited += 10 * USEC_PER_MSEC) {
                if (waitid(P_PID, (id_t) p->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
                    info.si_pid == p->pid)
                        return;
                nanosleep(&pause, NULL);
        }
        kill(p->pid, SIGKILL);
}

int restic_begin_backup(Restic *p, const Job *j) {
        char file[160], tag[160];
        const char *argv[] = { "restic", "backup", "--quiet", "--stdin", "--stdin-filename",
                               file,     "--host", j->name,   "--tag",   tag,
                               NULL };

        snprintf(file, sizeof(file), "%s.tar", j->name);
        snprintf(tag, sizeof(tag), "fte-%s", j->name);
        signal(SIGPIPE, SIG_IGN);
        unlock(j);
        return start(p, j, argv, true);
}

/* A repository that is told by a file is so because user and password are part of it. */
static void tell_not_stored(const Job *j) {
        Environment e = { 0 };
        bool by_file = find_file(&e, j, "restic-repository");

        log_line(LOG_ERR,
                 "restic did not store the backup; its own words are above. A new repository is "
                 "made by: restic init --password-file=/etc/%s/restic-password %s%s%s",
                 j->directory, by_file ? "--repository-file=/etc/" : "-r ",
                 by_file ? j->directory : j->restic, by_file ? "/restic-repository" : "");
        environment_done(&e);
}

int restic_end_backup(Restic *p, const Job *j, bool good) {
        int r;
        bool stopped = !good && p->pid > 0;

        if (stopped)
                stop(p);
        r = finish(p);
        if (stopped) /* it may have been so early that restic did not know of its lock yet */
                unlock(j);
        if (good && r < 0 && r != -ENOENT)
                tell_not_stored(j);
        return r;
}

int restic_begin_read(Restic *p, const Job *j, const char *snapshot) {
        char file[160], tag[160];
        const char *argv[] = { "restic", "dump", "--quiet", "--host", j->name,
                               "--tag",  tag,    snapshot,  file,     NULL };

        snprintf(file, sizeof(file), "/%s.tar", j->name);
        snprintf(tag, sizeof(tag), "fte-%s", j->name);
        return start(p, j, argv, false);
}

int restic_end_read(Restic *p, const Job *j) {
        int r = finish(p);

        if (r < 0 && r != -EPIPE && interrupt_check() == 0)
                log_line(LOG_ERR,
                         "restic could not give the backup back%s. What it has: ftectl backup list "
                         "%s",
                         r == -ENOENT ? "" : "; its own words are above", j->name);
        return r == -EPIPE ? 0 : r;
}

/* ---- one that is over soon ---- */

/* In one line, as the rest of the log is. */
static const char *words_of(StrBuf *b) {
        while (b->len > 0 && b->text[b->len - 1] == '\n')
                b->text[--b->len] = 0;
        for (size_t i = 0; i < b->len; i++)
                if (b->text[i] == '\n')
                        b->text[i] = ' ';
        return strbuf_text(b);
}

static int run(const Job *j, const char *const *argv, uint64_t timeout_usec, StrBuf *ret) {
        _cleanup_strbuf_ StrBuf errors = { 0 };
        Environment e = { 0 };
        int r = environment_fill(&e, j);

        if (r == 0) {
                e.set[e.n] = NULL;
                r = run_program(&(RunOptions){ .argv = argv,
                                               .setenv = e.set,
                                               .timeout_usec = timeout_usec,
                                               .output_max = 16 * 1024 * 1024 },
                                ret, &errors);
                if (r == -ENOENT)
                        log_line(LOG_ERR, "restic is not installed");
                else if (r != 0)
                        log_line(LOG_ERR, "restic %s: %s", argv[1],
                                 errors.len > 0 ? words_of(&errors)
                                 : r < 0        ? strerror(-r)
                                                : "failed");
        }
        environment_done(&e);
        return r > 0 ? -EIO : r;
}

/* So that those of its kind can be told from complete ones. */
static int mark_incomplete(const Job *j, const char *tag) {
        const char *argv[] = { "restic", "tag",   "--quiet",  "--host", j->name, "--tag",
                               tag,      "--add", INCOMPLETE, "latest", NULL };

        return run(j, argv, FORGET_USEC, NULL);
}

int restic_forget(const Job *j, bool complete) {
        char tag[160], keep[24];
        const char *argv[] = { "restic", "forget",  "--quiet",    "--host", j->name,
                               "--tag",  tag,       "--group-by", "host",   "--keep-last",
                               keep,     "--prune", NULL };
        int r;

        snprintf(tag, sizeof(tag), "fte-%s", j->name);
        snprintf(keep, sizeof(keep), "%llu", (unsigned long long) j->keep);
        if (!complete) {
                r = mark_incomplete(j, tag);
                if (r < 0)
                        return r;
                snprintf(tag, sizeof(tag), "fte-%s," INCOMPLETE, j->name); /* both */
        }
        return run(j, argv, FORGET_USEC, NULL);
}

int restic_snapshots(const Job *j, StrBuf *ret) {
        char tag[160];
        const char *argv[] = { "restic", "snapshots", "--json", "--quiet", "--host",
                               j->name,  "--tag",     tag,      NULL };

        snprintf(tag, sizeof(tag), "fte-%s", j->name);
        return run(j, argv, 10 * 60 * USEC_PER_SEC, ret);
}
