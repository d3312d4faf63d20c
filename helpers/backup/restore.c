/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-backup restore and recover. In place: everything is restored beside the data and checked
 * while the agent still runs; only then it is stopped, the two are exchanged, and it must become
 * healthy with what was restored, or has its old data again.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/format.h"
#include "base/fsat.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/run.h"

#include "interrupt.h"
#include "restore-to.h"
#include "source.h"
#include "swap.h"
#include "verbs.h"

#define SYSTEMCTL_USEC (15 * 60 * USEC_PER_SEC)
#define STEADY_SECONDS                                                            \
        2 /* an agent without a health check is ready before it has read its data \
           */

/* ---- the agent ---- */

static bool is_live(const Job *j) {
        return !*j->root; /* else a test's */
}

/* Its exit status; what it says is for the caller's user, in output. */
static int systemctl(const char *verb, const char *name, StrBuf *output) {
        char unit[256];
        const char *argv[] = { "systemctl", verb, unit, NULL };

        snprintf(unit, sizeof(unit), "%.240s.service", name);
        return run_program(&(RunOptions){ .argv = argv, .timeout_usec = SYSTEMCTL_USEC }, output,
                           NULL);
}

/* Whether it is meant to run: it does, or it has failed at it. Stopped by hand it stays stopped. */
static bool agent_is_wanted(const Job *j) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (!is_live(j))
                return false;
        (void) systemctl("is-active", j->name, &b);
        return !startswith(strbuf_text(&b), "inactive") && !startswith(strbuf_text(&b), "unknown");
}

static int agent_stop(const Job *j) {
        int r = is_live(j) ? systemctl("stop", j->name, NULL) : 0;

        if (r != 0)
                log_line(LOG_ERR, "%s cannot be stopped; see: systemctl status %s", j->name,
                         j->name);
        return r == 0 ? 0 : -EIO;
}

/* Until it is healthy, for that is when systemctl start returns. */
static int agent_start(const Job *j) {
        const struct timespec pause = { .tv_sec = STEADY_SECONDS };

        if (!is_live(j))
                return 0;
        progress_show("starting the agent, until it is healthy …");
        (void) systemctl("reset-failed", j->name, NULL);
        if (systemctl("start", j->name, NULL) != 0)
                return -EIO;
        nanosleep(&pause, NULL);
        return systemctl("is-active", j->name, NULL) == 0 ? 0 : -EIO;
}

/* ---- one that was interrupted ---- */

/* start: the agent is started again if it ran; at boot systemd does that by itself. */
static int undo_interrupted(const Job *j, bool start) {
        Swap s;
        int r = swap_load(&s, j);

        if (r <= 0) {
                swap_done(&s);
                return r;
        }
        if (s.phase == SWAP_DONE) {
                _cleanup_strbuf_ StrBuf kept = { 0 };

                r = swap_keep(&s, &kept);
                swap_done(&s);
                return r;
        }
        if (s.phase != SWAP_EXTRACTING && agent_is_wanted(j))
                r = agent_stop(j);
        if (r >= 0)
                r = swap_undo(&s);
        if (r == 0)
                log_line(LOG_NOTICE,
                         "a restore of %s was interrupted and is undone: the data are as they were "
                         "before "
                         "it",
                         j->name);
        if (r == 0 && start && s.was_active && agent_start(j) < 0)
                log_line(LOG_ERR, "%s does not start; see: systemctl status %s", j->name, j->name);
        swap_done(&s);
        return r;
}

/* False: it is no state file's name. */
static bool cut_to_agent(char *name) {
        char *end = (char *) endswith(name, ".restore");

        if (!end || end == name || *name == '.')
                return false;
        *end = 0;
        return true;
}

int verb_recover(const Arguments *a) {
        _cleanup_strbuf_ StrBuf path = { 0 };
        struct dirent *d;
        int failed = 0;
        DIR *dir;

        strbuf_addf(&path, "%s" BACKUP_STATE_DIRECTORY, a->root);
        dir = opendir(strbuf_text(&path));
        while (dir && (d = readdir(dir))) {
                Job job;

                if (!cut_to_agent(d->d_name))
                        continue;
                if (job_open(&job, a->root, d->d_name) < 0 || job_lock(&job, a->wait) < 0 ||
                    undo_interrupted(&job, false) < 0)
                        failed++;
                job_close(&job);
        }
        if (dir)
                closedir(dir);
        return failed > 0 ? EXIT_BAD : EXIT_GOOD;
}

/* ---- in place ---- */

typedef struct InPlace {
        const Job *job;
        Swap swap;
        ExtractRoot roots[SWAP_PATHS_MAX];
} InPlace;

static int prepare_in_place(Extract *x, const Info *info) {
        InPlace *p = x->context;
        int r = swap_prepare(&p->swap, p->job, info);

        for (size_t i = 0; i < p->swap.n && r == 0; i++) {
                SwapPath *path = &p->swap.paths[i];

                p->roots[i] = (ExtractRoot){ .fd = path->container_fd,
                                             .prefix = path->path + 1,
                                             .as = SWAP_DATA };
                r = restore_check_room(path->container_fd, info->bytes, path->path,
                                       "they are restored beside the old ones first");
        }
        x->roots = p->roots;
        x->n_roots = p->swap.n;
        return r;
}

/* The agent does not live with the restored data. */
static int go_back(InPlace *p) {
        int r = agent_stop(p->job);

        log_line(LOG_ERR,
                 "%s did not become healthy with the restored data, so it gets its old data back; "
                 "its own "
                 "words: journalctl -u %s",
                 p->job->name, p->job->name);
        if (r == 0)
                r = swap_undo(&p->swap);
        if (r == 0 && agent_start(p->job) < 0)
                log_line(LOG_ERR, "%s does not become healthy with its old data either",
                         p->job->name);
        return r < 0 ? EXIT_BAD : EXIT_UNDONE;
}

static void tell_kept(const InPlace *p, const char *time, const StrBuf *kept) {
        const char *name = p->job->name;

        log_line(LOG_INFO, "%s has the data of %s%s", name, time,
                 p->swap.was_active ? " and is healthy with them" : "");
        if (p->swap.paths[0].had_old)
                log_line(LOG_INFO,
                         "what it had before is in %s until the next restore; remove it when you "
                         "do not "
                         "need it",
                         strbuf_text(kept));
        if (!p->swap.was_active && is_live(p->job))
                log_line(LOG_INFO,
                         "%s was not running and was not started; to do so: systemctl start %s",
                         name, name);
}

static int put_in_place(InPlace *p, const char *time) {
        _cleanup_strbuf_ StrBuf kept = { 0 };
        int r;

        interrupt_ignore(); /* from here on it must not leave the agent stopped */
        r = swap_begin(&p->swap, agent_is_wanted(p->job));
        if (r == 0)
                r = agent_stop(p->job);
        if (r == 0)
                r = swap_exchange(&p->swap);
        if (r < 0) {
                if (swap_undo(&p->swap) == 0 && p->swap.was_active)
                        (void) agent_start(p->job);
                return EXIT_BAD;
        }
        if (p->swap.was_active && agent_start(p->job) < 0)
                return go_back(p);
        (void) swap_keep(&p->swap, &kept); /* logs; the restored data are in place */
        if (kept.len == 0)                 /* and would not stay there */
                return EXIT_BAD;
        tell_kept(p, time, &kept);
        return EXIT_GOOD;
}

static int restore_in_place(const Job *j, const char *from) {
        InPlace *p = calloc(1, sizeof(*p));
        Extract x = { .prepare = prepare_in_place, .context = p };
        char time[32] = "";
        int r = p ? undo_interrupted(j, true) : -ENOMEM;

        if (r < 0) {
                free(p);
                return EXIT_BAD;
        }
        p->job = j;
        r = source_extract(j, from, j->state_fd, &x, time);
        extract_done(&x);
        if (r == 0)
                r = put_in_place(p, time);
        else {
                if (p->swap.job && swap_undo(&p->swap) < 0)
                        log_line(LOG_WARNING, "what was restored so far could not be removed");
                log_line(LOG_ERR, "nothing was restored: %s has the data that it had", j->name);
                r = EXIT_BAD;
        }
        swap_done(&p->swap);
        free(p);
        return r;
}

/* ---- the verb ---- */

int verb_restore(const Arguments *a) {
        Job job;
        int r = job_open(&job, a->root, a->name);

        if (r == 0 && !a->from && !job_is_known(&job)) {
                job_close(&job);
                return EXIT_USAGE;
        }
        if (r == 0 && !a->to)
                r = job_lock(&job, a->wait);
        if (r == 0)
                interrupt_catch();
        if (r == 0)
                r = a->to ? restore_elsewhere(&job, a) : restore_in_place(&job, a->from);
        job_close(&job);
        return r < 0 ? EXIT_BAD : r;
}
