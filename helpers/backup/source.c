/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * source.h: chooses and opens, and runs the reader.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/log.h"
#include "base/progress.h"

#include "amount.h"
#include "interrupt.h"
#include "source.h"

static bool snapshot_is_valid(const char *s) {
        size_t n = 0;

        while (ascii_isalnum(s[n]))
                n++;
        return n > 0 && !s[n] && n <= 64;
}

static int open_restic(Source *s, const Job *j, const char *from) {
        if (!snapshot_is_valid(from)) {
                log_line(LOG_ERR, "\"%s\" is no snapshot of restic; see: ftectl backup list %s",
                         from, j->name);
                return -EINVAL;
        }
        snprintf(s->label, sizeof(s->label), "restic's snapshot %s", from);
        if (restic_begin_read(&s->restic, j, from) < 0)
                return -EIO;
        s->fd = s->restic.fd;
        return 0;
}

static int open_file(Source *s, int dir_fd, const char *name) {
        s->fd = fsat_open_regular(dir_fd, name);
        if (s->fd < 0)
                log_line(LOG_ERR, "%s: %s", s->label,
                         s->fd == -EINVAL ? "not a file" : strerror(-s->fd));
        return MIN(s->fd, 0);
}

static int open_named(Source *s, const Job *j, int dir_fd, const char *name) {
        int r = open_file(s, dir_fd, name);

        if (r == -ENOENT)
                log_line(LOG_ERR, "the backups there are: ftectl backup list %s", j->name);
        return r;
}

static int open_local(Source *s, const Job *j, const char *from) {
        Store store;
        StoreList l = { 0 };
        int r = store_open(&store, j, false);

        if (r == 0)
                r = store_list(&store, &l);
        if (r == 0 && !from && l.n > 0)
                from = l.entries[l.n - 1].name;
        if (r == -ENOENT || (r == 0 && !from)) {
                log_line(LOG_ERR, "there is no backup of %s in %s/%s; make one: ftectl backup %s",
                         j->name, j->target, j->name, j->name);
                r = -ENOENT;
        } else if (r == 0) {
                snprintf(s->label, sizeof(s->label), "%s/%s", strbuf_text(&store.path), from);
                r = open_named(s, j, store.fd, from);
        }
        store_list_done(&l);
        store_close(&store);
        return r;
}

int source_open(Source *s, const Job *j, const char *from) {
        *s = (Source){ .fd = -EBADF, .restic = RESTIC_CLOSED };
        if (from && strchr(from, '/')) {
                snprintf(s->label, sizeof(s->label), "%s", from);
                return open_file(s, AT_FDCWD, from);
        }
        if (j->restic)
                return open_restic(s, j, from ? from : "latest");
        return open_local(s, j, from);
}

int source_close(Source *s, const Job *j) {
        if (s->restic.pid > 0)
                return restic_end_read(&s->restic, j);
        closep(&s->fd);
        return 0;
}

int source_extract(const Job *j, const char *from, int staging_fd, Extract *x, char *ret_time) {
        Reader r = {
                .staging_fd = staging_fd, .agent = j->name, .events = &extract_events, .userdata = x
        };
        Source s;
        int k = source_open(&s, j, from), closed;

        if (k < 0)
                return k;
        r.fd = s.fd;
        k = reader_run(&r);
        closed = source_close(&s, j);
        if (k == 0 || k == -EBADMSG) /* what restic did not give whole is not to blame */
                k = closed < 0 ? closed : k;
        if (k < 0 && interrupt_check() < 0)
                k = interrupt_check();
        amount_end();
        if (k == -EBADMSG && r.problem.len > 0)
                log_line(LOG_ERR, "%s is not good: %s", s.label, strbuf_text(&r.problem));
        else if (k < 0 && k != -EINTR && closed == 0 && !x->is_told)
                log_line(LOG_ERR, "%s: %s", s.label, strerror(-k));
        else if (k < 0 && k != -EINTR && k != -ENOSPC && closed == 0) /* damage can look like it */
                log_line(LOG_ERR, "the backup is %s", s.label);
        if (k == -EBADMSG && !from)
                log_line(LOG_NOTICE, "others: ftectl backup list %s; --from=NAME takes one of them",
                         j->name);
        if (k == 0) {
                progress_show("waiting until all of it is on the disk …");
                k = extract_finish(x);
                progress_clear();
        }
        if (k == 0)
                k = interrupt_check();
        if (k == -EINTR)
                log_line(LOG_ERR, "interrupted");
        if (k == 0 && ret_time)
                snprintf(ret_time, 32, "%s", r.info.time);
        reader_done(&r);
        return k;
}
