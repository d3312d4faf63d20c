/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What can be known before a backup is made, and would make it useless or harm others: nothing to
 * back up, a disk that is not mounted, no room, a clock that is wrong. Writes nothing.
 */

#include "base/log.h"

#include "backup-run.h"
#include "room.h"

#define MEMBER_BYTES 1024 /* of headers, about */
#define HOUR_USEC    (3600 * USEC_PER_SEC)

/* ---- how much ---- */

static int on_measure(void *userdata, const WalkEntry *e) {
        Run *r = userdata;

        r->bytes += (uint64_t) e->st.st_blocks * 512 + MEMBER_BYTES;
        r->n_entries++;
        if (r->target.st_ino != 0 && e->st.st_dev == r->target.st_dev)
                r->same_device = true;
        return 0;
}

/* It is told when it is read. */
static void on_measure_skipped(void *userdata _unused_, const char *path _unused_,
                               WalkSkip why _unused_, int error _unused_) {
}

int backup_walk(Run *r, const char *path, const WalkEvents *events, void *userdata) {
        int k = walk(r->job->root_fd, path, events, userdata);

        if (k == -EPERM || k == -ELOOP)
                log_line(
                        LOG_ERR,
                        "%s is a link that others than root could have made; write in Paths= where "
                        "it leads to",
                        path);
        else if (k == -EINVAL)
                log_line(LOG_ERR,
                         "%s leads to / or through \"..\": name in Paths= the directories "
                         "themselves, not the whole system",
                         path);
        else if (k < 0 && k != -ENOSPC && k != -EPIPE)
                log_line(LOG_ERR, "%s: %s", path, strerror(-k));
        return k;
}

/* Its own directory is missing before an agent's first start; what somebody wrote down is not. */
static bool must_exist(const Job *j, const char *path) {
        const char *name = startswith(path, "/var/lib/");

        return j->has_paths && !(name && streq(name, j->directory));
}

static int measure(Run *r) {
        static const WalkEvents events = { on_measure, on_measure_skipped };
        int k = r->job->restic ? stat(r->job->restic, &r->target) : fstat(r->store.fd, &r->target);

        if (k < 0) /* a repository that is no directory */
                r->target.st_ino = 0;
        k = 0;
        for (char **p = r->job->paths; *p && k >= 0; p++) {
                k = backup_walk(r, *p, &events, r);
                if (k != 1 || !must_exist(r->job, *p))
                        continue;
                r->n_absent++;
                log_line(LOG_ERR, "%s: does not exist, and is not in the backup", *p);
        }
        return MIN(k, 0);
}

/* ---- whether it is what it should be ---- */

static int tell_no_data(const Run *r) {
        const Job *j = r->job;

        if (!j->has_agent)
                log_line(LOG_ERR, "there is no agent %s: /etc/fte/%s.conf does not exist", j->name,
                         j->name);
        else if (r->status.made_usec > 0 || r->n_absent > 0)
                log_line(LOG_ERR,
                         "nothing of what should be backed up exists: is a disk not mounted? If "
                         "there are backups, the older ones are kept");
        else {
                log_line(LOG_INFO, "%s has no data yet: there is nothing to back up", j->name);
                return 1;
        }
        return -ENOENT;
}

/* FNV-1a: only to be told from another. */
static uint64_t sum_of(const char *text) {
        uint64_t sum = 0xcbf29ce484222325;

        for (; *text; text++)
                sum = (sum ^ (unsigned char) *text) * 0x100000001b3;
        return sum >> 1;
}

/* A disk that is not mounted has an empty directory in its place, on the disk of the data. */
static int check_target(Run *r) {
        const char *target = r->job->restic ? r->job->restic : r->job->target;
        const BackupStatus *before = &r->status;

        r->target_sum = sum_of(target);
        if (!r->same_device || before->same_device || before->made_usec == 0 ||
            before->target != r->target_sum)
                return 0;
        log_line(LOG_ERR,
                 "%s is on the file system of the data, and was not so at the last backup: is its "
                 "disk mounted? When it is meant to be there, remove " BACKUP_STATE_DIRECTORY
                 "/%s.status",
                 target, r->job->name);
        return -ENODEV;
}

/* ---- room ---- */

int backup_tell_full(Run *r, uint64_t wanted, uint64_t free_bytes) {
        _cleanup_strbuf_ StrBuf a = { 0 }, b = { 0 };

        room_show(&a, wanted);
        room_show(&b, free_bytes);
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
                if (l.n > 0 &&
                    store_is_later(&r->store, l.entries[l.n - 1].name, r->now_usec + HOUR_USEC))
                        log_line(LOG_WARNING,
                                 "%s is of a time to come: the clock is or was wrong. As long as "
                                 "it is there, it counts as the newest: move it away",
                                 l.entries[l.n - 1].name);
                store_list_done(&l);
        }
        return store_room(&r->store, wanted, &free_bytes) == -ENOSPC
                       ? backup_tell_full(r, wanted, free_bytes)
                       : 0;
}

int backup_check(Run *r) {
        int k = measure(r);

        if (k == 0 && r->n_entries == 0)
                k = tell_no_data(r);
        if (k == 0)
                k = check_target(r);
        return k == 0 ? check_room(r) : k;
}
