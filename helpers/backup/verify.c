/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-backup verify: a backup is worth what comes out of it, so it is restored into a scratch
 * directory, every sum is checked, and SQLite looks at every database.
 */

#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/log.h"
#include "base/tree.h"

#include "interrupt.h"
#include "room.h"
#include "source.h"
#include "verbs.h"

static int prepare(Extract *x, const Info *info) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        const Store *store = x->context;
        int r = store_room(store, info->bytes, NULL);

        if (r == -ENOSPC) {
                room_show(&b, info->bytes);
                log_line(LOG_ERR, "%s: there is no room to try out the backup, about %s",
                         strbuf_text(&store->path), strbuf_text(&b));
        }
        return r;
}

static int try_out(const Job *j, Store *store, const char *from, char *ret_time) {
        ExtractRoot root = { .fd = -EBADF };
        Extract x = { .prepare = prepare,
                      .context = store,
                      .roots = &root,
                      .n_roots = 1,
                      .check_databases = true };
        int r = tree_remove(store->fd, STORE_SCRATCH);

        if (r == 0 && mkdirat(store->fd, STORE_SCRATCH, 0700) < 0)
                r = -errno;
        if (r == 0)
                r = root.fd = fsat_open_dir(store->fd, STORE_SCRATCH);
        if (r < 0) {
                log_line(LOG_ERR, "%s/" STORE_SCRATCH ": %s", strbuf_text(&store->path), strerror(-r));
                return r;
        }
        r = source_extract(j, from, store->fd, &x, ret_time);
        if (r == 0 && x.failed_database) {
                log_line(
                        LOG_ERR,
                        "a database in the backup is damaged, see above; it was so when the backup "
                        "was "
                        "made, if the sums are right. Look at older backups: ftectl backup list %s",
                        j->name);
                r = -EBADMSG;
        }
        if (r == 0)
                log_line(LOG_INFO,
                         "the backup of %s from %s is good: %llu files and directories, %llu "
                         "databases",
                         j->name, ret_time, (unsigned long long) x.n_members,
                         (unsigned long long) x.n_databases);
        extract_done(&x);
        if (fchdir(store->fd) < 0 || tree_remove(store->fd, STORE_SCRATCH) < 0)
                log_line(LOG_WARNING, "%s/" STORE_SCRATCH ": cannot be removed",
                         strbuf_text(&store->path));
        closep(&root.fd);
        return r;
}

/* Only of the newest: that is what the status tells of. */
static void save_status(const Job *j, int r) {
        BackupStatus status = { 0 };

        (void) backup_status_read(j->state_fd, j->name, &status);
        if (r == 0) {
                status.verified_usec = realtime_usec();
                status.unverified_usec = 0;
        } else
                status.unverified_usec = realtime_usec();
        (void) backup_status_write(j->state_fd, j->name, &status);
}

/* By the timer before there was ever a backup: an agent without data has none, and that is no
 * failure. */
static bool is_too_early(const Job *j, const Store *store, const Arguments *a) {
        BackupStatus status;
        StoreList l;
        size_t n = 0;

        if (a->from || backup_status_read(j->state_fd, j->name, &status) == 0)
                return false;
        if (!j->restic && store_list(store, &l) == 0) {
                n = l.n;
                store_list_done(&l);
        }
        if (n == 0)
                log_line(LOG_INFO, "%s has no backup yet", j->name);
        return n == 0;
}

int verb_verify(const Arguments *a) {
        Store store = STORE_CLOSED;
        char time[32] = "";
        Job job;
        int r;

        r = job_open(&job, a->root, a->name);
        if (r == 0 && !a->from && !job_is_known(&job)) {
                job_close(&job);
                return EXIT_USAGE;
        }
        if (r == 0)
                r = job_lock(&job, a->wait);
        if (r == 0)
                interrupt_catch();
        if (r == 0)
                r = store_open(&store, &job, true);
        if (r == 0 && !is_too_early(&job, &store, a)) {
                r = try_out(&job, &store, a->from, time);
                if (!a->from && r != -EINTR)
                        save_status(&job, r);
        }
        store_close(&store);
        job_close(&job);
        return r < 0 ? EXIT_BAD : EXIT_GOOD;
}
