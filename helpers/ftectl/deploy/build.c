/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From the source to a release that is complete and of root, and its check. Until then nothing that
 * runs is touched.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/log.h"
#include "config.h"
#include "ftectl/shared/terminal.h"

#include "deploy.h"

#define HELPER       FTE_LIBEXECDIR "/fte-release"
#define EXIT_REFUSED 65 /* of fte-release: the source */

/* ---- what is kept of it ---- */

static int open_log(const Deploy *d, int flags) {
        char name[RELEASE_ID_BYTES + 8];

        snprintf(name, sizeof(name), "%s.log", d->release.id);
        return openat(d->store.records_fd, name,
                      O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC | flags, 0640);
}

/* There will be no release of that name: it takes the place of the last one that failed. */
static void keep_log(const Deploy *d) {
        char name[RELEASE_ID_BYTES + 8];

        snprintf(name, sizeof(name), "%s.log", d->release.id);
        (void) renameat(d->store.records_fd, name, d->store.records_fd, "last-failure.log");
}

/* The last lines, as those of an agent's log. */
static void keep_tail(Deploy *d, const Sandbox *s) {
        const char *text = strbuf_text(&s->tail);
        char **lines;
        size_t n = 1;

        for (const char *p = text; *p; p++)
                n += *p == '\n';
        lines = arena_new_n(&d->arena, char *, n + 1);
        n = 0;
        while (lines && *text) {
                size_t len = strcspn(text, "\n");

                lines[n++] = arena_strndup(&d->arena, text, len);
                text += len + (text[len] == '\n');
        }
        d->log = n > 0 && lines && !arena_failed(&d->arena)
                         ? (LogLines){ .lines = lines }
                         : (LogLines){ .reason = "it said nothing" };
}

/* What fte-release has said last: with its status for that, it is why it refused the source. */
static const char *find_refusal(const Deploy *d, const char *or_else) {
        const char *last = NULL, *said;

        for (char **line = d->log.lines; line && *line; line++)
                last = *line;
        said = last ? startswith(last, "fte-release: ") : NULL;
        return isempty(said) ? or_else : said;
}

static int run(Deploy *d, Sandbox *s, Verdict verdict) {
        int r;

        s->log_fd = open_log(d, O_CREAT);
        r = sandbox_run(s);
        if (r == EXIT_BAD) {
                d->verdict = verdict == VERDICT_BUILD && s->status == EXIT_REFUSED ? VERDICT_SOURCE
                                                                                   : verdict;
                d->cause = s->cause;
                keep_tail(d, s);
                if (d->verdict == VERDICT_SOURCE)
                        d->cause = find_refusal(d, s->cause);
                keep_log(d);
        } else if (r == -EINTR) {
                d->verdict = VERDICT_INTERRUPTED;
                r = EXIT_BAD;
        }
        closep(&s->log_fd);
        sandbox_done(s);
        return r;
}

/* ---- build ---- */

static int take_over(Deploy *d) {
        int r = store_take_over(&d->store, &d->release);

        if (r == -ELOOP) {
                d->verdict = VERDICT_BUILD;
                d->cause = "it left directories that are too deep";
                return EXIT_BAD;
        }
        if (r < 0)
                log_line(LOG_ERR,
                         "the release cannot be put in its place: %s; nothing was deployed",
                         strerror(-r));
        return r;
}

int build_release(Deploy *d, int source_fd) {
        const Agent *a = &d->agent;
        const char *argv[] = {
                HELPER,
                "build",
                arena_printf(&d->arena, "--into=" RELEASE_FORMAT, d->agent.directory,
                             d->release.id),
                arena_printf(&d->arena, "--build=%s", build_to_string(a->deploy_build)),
                arena_printf(&d->arena, "--max-bytes=%llu",
                             (unsigned long long) a->deploy_max_bytes),
                d->is_directory ? NULL : "--flatten",
                NULL,
        };
        Sandbox s = {
                .deploy = d,
                .word = "build",
                .tree = arena_printf(&d->arena,
                                     RELEASES_TOP "%s/" RELEASES_DIR "/" WORK_NAME "/tree",
                                     d->agent.directory),
                .is_writable = true,
                .argv = argv,
                .stdin_fd = source_fd,
        };
        int r = arena_failed(&d->arena) ? -ENOMEM : run(d, &s, VERDICT_BUILD);

        return r == 0 ? take_over(d) : r;
}

/* ---- check ---- */

int check_release(Deploy *d) {
        Sandbox s = {
                .deploy = d,
                .word = "check",
                .tree = arena_printf(&d->arena, RELEASE_FORMAT, d->agent.directory, d->release.id),
                .argv = (const char *const *) d->agent.deploy_check,
                .stdin_fd = -EBADF,
        };
        int r;

        if (!d->agent.deploy_check || !*d->agent.deploy_check)
                return 0;
        r = run(d, &s, VERDICT_CHECK);
        if (r == 0)
                return 0;
        /* It is known to be no good, so it takes no place from those that are. */
        (void) store_remove(&d->store, d->release.id);
        return r;
}
