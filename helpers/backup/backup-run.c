/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-backup run: an agent's data into an archive, on the disk or in restic's repository. A new one
 * exists when it is whole; only then is an old one removed.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/format.h"
#include "base/fsat.h"
#include "base/log.h"

#include "amount.h"
#include "backup-run.h"
#include "room.h"
#include "verbs.h"

/* ---- making it ---- */

static int walk_all(Run *r, const WalkEvents *events, void *userdata) {
        int k = 0;

        for (char **p = r->job->paths; *p && k >= 0; p++) {
                writer_next_path(&r->writer);
                k = backup_walk(r, *p, events, userdata);
        }
        return MIN(k, 0);
}

static int on_write(void *userdata, const void *data, size_t len) {
        Run *r = userdata;

        r->written += len;
        return r->job->restic ? fd_write_all(r->restic.fd, data, len)
                              : store_write(&r->store, data, len);
}

static int on_room(void *userdata, uint64_t bytes) {
        return store_room(&((Run *) userdata)->store, bytes, NULL);
}

static int write_archive(Run *r) {
        static const WalkEvents events = { writer_add, writer_skipped };
        const Sink sink = { on_write, on_room, r };
        _cleanup_strbuf_ StrBuf time = { 0 };
        char host[256] = "?";
        int k;

        (void) gethostname(host, sizeof(host) - 1);
        format_time_utc(&time, r->now_usec);
        k = writer_open(&r->writer, &sink, r->store.fd, !r->job->restic);
        if (k == 0)
                k = writer_begin(&r->writer, &(Info){ .agent = r->job->name,
                                                      .host = *host ? host : "?",
                                                      .time = strbuf_text(&time),
                                                      .bytes = r->bytes,
                                                      .paths = r->job->paths });
        if (k == 0)
                k = walk_all(r, &events, &r->writer);
        return k == 0 ? writer_end(&r->writer) : k;
}

static uint64_t n_missing(const Run *r) {
        return r->writer.n_missing + r->n_absent;
}

static bool is_complete(const Run *r) {
        return n_missing(r) == 0 && !r->job->is_unsure;
}

static int make_local(Run *r) {
        int k = store_begin(&r->store);

        if (k == 0)
                k = write_archive(r);
        if (k == 0)
                k = store_commit(&r->store, r->now_usec, r->name);
        if (k < 0)
                return k;
        if (r->job->is_unsure) /* Keep= may be what could not be read */
                return 0;
        if (store_prune(&r->store, r->job->keep, r->name,
                        is_complete(r) ? 0 : r->status.complete_usec) < 0) {
                log_line(LOG_ERR, "%s: an old backup cannot be removed",
                         strbuf_text(&r->store.path));
                r->kept_too_many = true;
        }
        return 0;
}

static int make_restic(Run *r) {
        int k = restic_begin_backup(&r->restic, r->job), ended;

        if (k == 0)
                k = write_archive(r);
        ended = restic_end_backup(&r->restic, r->job, k == 0 || k == -EPIPE);
        if (k == 0 || k == -EPIPE)
                k = ended < 0 ? ended : k;
        if (k == 0 && !r->job->is_unsure) /* else see make_local() */
                r->kept_too_many = restic_forget(r->job, is_complete(r)) < 0; /* logs */
        return k;
}

/* ---- telling ---- */

static void tell_made(const Run *r) {
        _cleanup_strbuf_ StrBuf size = { 0 }, where = { 0 };
        const Writer *w = &r->writer;

        room_show(&size, r->written);
        if (r->job->restic)
                strbuf_add(&where, "restic's repository");
        else
                strbuf_addf(&where, "%s/%s", strbuf_text(&r->store.path), r->name);
        log_line(LOG_INFO, "%s is backed up: %llu files, %llu databases, %s, in %s", r->job->name,
                 (unsigned long long) w->n_files, (unsigned long long) w->n_databases,
                 strbuf_text(&size), strbuf_text(&where));
        if (w->n_changed > 0)
                log_line(LOG_NOTICE,
                         "%llu files were written to all the while, and are as they were at "
                         "different "
                         "moments; " MEMBER_NOTES " in the archive names them",
                         (unsigned long long) w->n_changed);
        if (n_missing(r) > 0)
                log_line(LOG_ERR, "%llu files are missing in it or not consistent; see above",
                         (unsigned long long) n_missing(r));
        if (r->job->is_unsure)
                log_line(LOG_ERR,
                         "[Backup] of %s has mistakes, so it may not be what it should be, and no "
                         "older backup was removed; see: ftectl lint %s",
                         r->job->name, r->job->name);
        if (r->same_device)
                log_line(
                        LOG_NOTICE,
                        "%s is on the same file system as the data: a disk that breaks takes both. "
                        "Set Target= of [Backup] to another disk or to restic:REPOSITORY",
                        r->job->restic ? r->job->restic : strbuf_text(&r->store.path));
}

static int save_status(Run *r, int k) {
        r->status.failed_usec = k < 0 ? r->now_usec : 0;
        if (k == 0) {
                r->status.made_usec = r->now_usec;
                r->status.same_device = r->same_device;
                r->status.target = r->target_sum;
                r->status.bytes = r->written;
                r->status.missing = n_missing(r);
                if (is_complete(r))
                        r->status.complete_usec = r->now_usec;
        }
        return backup_status_write(r->job->state_fd, r->job->name, &r->status);
}

static int back_up(Run *r) {
        int k = store_open(&r->store, r->job, true);

        if (k == 0)
                k = backup_check(r);
        if (k != 0)
                return k;
        amount_begin("writing the backup", r->bytes);
        k = r->job->restic ? make_restic(r) : make_local(r);
        amount_end();
        if (k == -ENOSPC) {
                uint64_t free_bytes = 0;

                (void) store_room(&r->store, 0, &free_bytes);
                backup_tell_full(r, 0, free_bytes);
        }
        if (k == 0)
                tell_made(r);
        return k;
}

int verb_run(const Arguments *a) {
        Run run = { .store = STORE_CLOSED, .restic = RESTIC_CLOSED, .writer.manifest.fd = -EBADF };
        Job job;
        int k, saved;

        k = job_open(&job, a->root, a->name);
        if (k == 0 && !job_is_known(&job)) {
                job_close(&job);
                return EXIT_USAGE;
        }
        if (k == 0)
                k = job_lock(&job, a->wait);
        if (k < 0) {
                job_close(&job);
                return EXIT_BAD;
        }
        run.job = &job;
        run.now_usec = realtime_usec();
        (void) backup_status_read(job.state_fd, job.name, &run.status);
        k = back_up(&run);
        saved = k <= 0 ? save_status(&run, k) : 0;
        if (saved < 0)
                log_line(LOG_ERR, BACKUP_STATE_DIRECTORY "/%s.status: %s", job.name,
                         strerror(-saved));
        if (k < 0)
                log_line(LOG_ERR, "no backup of %s was made%s%s", job.name,
                         k == -ENOSPC || k == -EIO ? "" : ": ",
                         k == -ENOSPC || k == -EIO ? "" : strerror(-k));
        writer_done(&run.writer);
        store_close(&run.store);
        k = k < 0 || saved < 0                                    ? EXIT_BAD
            : k == 0 && (!is_complete(&run) || run.kept_too_many) ? EXIT_INCOMPLETE
                                                                  : EXIT_GOOD;
        job_close(&job);
        return k;
}
