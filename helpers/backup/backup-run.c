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

#include "archive-writer.h"
#include "restic.h"
#include "store.h"
#include "verbs.h"

#define MEMBER_BYTES 1024 /* of headers, about */

typedef struct Run {
        Job *job;
        Store store;
        Restic restic;
        Writer writer;
        BackupStatus status;
        uint64_t bytes, n_entries; /* of the data, measured before */
        dev_t device;
        uint64_t written;
        uint64_t now_usec;
        char name[STORE_NAME_BYTES];
} Run;

/* ---- how much ---- */

static int on_measure(void *userdata, const WalkEntry *e) {
        Run *r = userdata;

        r->bytes += (uint64_t) e->st.st_blocks * 512 + MEMBER_BYTES;
        r->n_entries++;
        r->device = e->st.st_dev;
        return 0;
}

/* It is told when it is read. */
static void on_measure_skipped(void *userdata _unused_, const char *path _unused_,
                               WalkSkip why _unused_, int error _unused_) {
}

static int walk_all(Run *r, const WalkEvents *events, void *userdata) {
        for (char **p = r->job->paths; *p; p++) {
                int k = walk(r->job->root_fd, *p, events, userdata);

                if (k == -EPERM || k == -ELOOP)
                        log_line(LOG_ERR,
                                 "%s is a link that others than root could have made; write in "
                                 "Paths= where it leads to",
                                 *p);
                else if (k < 0 && k != -ENOSPC && k != -EPIPE)
                        log_line(LOG_ERR, "%s: %s", *p, strerror(-k));
                if (k < 0)
                        return k;
        }
        return 0;
}

static int measure(Run *r) {
        static const WalkEvents events = { on_measure, on_measure_skipped };
        struct stat st;
        int k = walk_all(r, &events, r);

        if (k == 0 && fstat(r->store.fd, &st) == 0)
                r->status.same_device =
                        !r->job->restic && r->n_entries > 0 && st.st_dev == r->device;
        return k;
}

/* ---- room ---- */

static int tell_full(Run *r, uint64_t wanted, uint64_t free_bytes) {
        _cleanup_strbuf_ StrBuf a = { 0 }, b = { 0 };

        format_bytes(&a, wanted / 1024 * 1024);
        format_bytes(&b, free_bytes / 1024 * 1024);
        log_line(LOG_ERR,
                 "%s: there is no room for a backup of %s: %s%s wanted, %s can be used (the last 5 "
                 "%% "
                 "stay free); make room, lower Keep=, or change Target=. The older backups are as "
                 "they "
                 "were",
                 strbuf_text(&r->store.path), r->job->name, wanted ? "about " : "more",
                 wanted ? strbuf_text(&a) : "", strbuf_text(&b));
        return -ENOSPC;
}

/* What the last one took, and a quarter; else a quarter of the data, for most compress well. */
static int check_room(Run *r) {
        uint64_t wanted = r->bytes / 4, free_bytes = 0;
        StoreList l;

        if (r->job->restic)
                return 0;
        if (store_list(&r->store, &l) == 0) {
                if (l.n > 0)
                        wanted = l.entries[l.n - 1].bytes / 4 * 5;
                store_list_done(&l);
        }
        return store_room(&r->store, wanted, &free_bytes) == -ENOSPC
                       ? tell_full(r, wanted, free_bytes)
                       : 0;
}

/* ---- making it ---- */

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

static int make_local(Run *r) {
        int k = store_begin(&r->store);

        if (k == 0)
                k = write_archive(r);
        if (k == 0)
                k = store_commit(&r->store, r->now_usec, r->name);
        if (k < 0)
                return k;
        if (store_prune(&r->store, r->job->keep, r->name) < 0)
                log_line(LOG_WARNING, "%s: an old backup cannot be removed",
                         strbuf_text(&r->store.path));
        return 0;
}

static int make_restic(Run *r) {
        int k = restic_begin_backup(&r->restic, r->job), ended;

        if (k == 0)
                k = write_archive(r);
        ended = restic_end_backup(&r->restic, k == 0 || k == -EPIPE);
        if (k == 0 || k == -EPIPE)
                k = ended < 0 ? ended : k;
        if (k == 0)
                (void) restic_forget(r->job); /* logs; the backup is made all the same */
        return k;
}

/* ---- telling ---- */

static void tell_made(const Run *r) {
        _cleanup_strbuf_ StrBuf size = { 0 }, where = { 0 };
        const Writer *w = &r->writer;

        format_bytes(&size, r->written < 1024 * 1024 ? MAX(r->written / 1024, (uint64_t) 1) * 1024
                                                     : r->written / (1024 * 1024) * 1024 * 1024);
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
        if (w->n_missing > 0)
                log_line(LOG_ERR, "%llu files are missing in it or not consistent; see above",
                         (unsigned long long) w->n_missing);
        if (r->status.same_device)
                log_line(
                        LOG_NOTICE,
                        "%s is on the same file system as the data: a disk that breaks takes both. "
                        "Set Target= of [Backup] to another disk or to restic:REPOSITORY",
                        strbuf_text(&r->store.path));
}

static int save_status(Run *r, int k) {
        r->status.failed_usec = k < 0 ? r->now_usec : 0;
        if (k == 0) {
                r->status.made_usec = r->now_usec;
                r->status.bytes = r->written;
                r->status.missing = r->writer.n_missing;
        }
        return backup_status_write(r->job->state_fd, r->job->name, &r->status);
}

static int back_up(Run *r) {
        int k = store_open(&r->store, r->job, true);

        if (k == 0)
                k = measure(r);
        if (k == 0 && r->n_entries == 0) {
                log_line(LOG_INFO, "%s has no data yet: there is nothing to back up", r->job->name);
                return 1;
        }
        if (k == 0)
                k = check_room(r);
        if (k < 0)
                return k;
        k = r->job->restic ? make_restic(r) : make_local(r);
        if (k == -ENOSPC) {
                uint64_t free_bytes = 0;

                (void) store_room(&r->store, 0, &free_bytes);
                tell_full(r, 0, free_bytes);
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
        if (k == 0)
                k = job_lock(&job);
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
        k = k < 0 || saved < 0                   ? EXIT_BAD
            : k == 0 && run.writer.n_missing > 0 ? EXIT_INCOMPLETE
                                                 : EXIT_GOOD;
        job_close(&job);
        return k;
}
