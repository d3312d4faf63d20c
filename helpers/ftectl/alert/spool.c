/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The way into the spool (alert/spool.h). The spool belongs to the user of the delivery service,
 * which must be able to change every file in it; so root never writes there as root.
 */

#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/scope.h"

#include "spool.h"

static int become(const struct stat *st) {
        if (geteuid() != 0 || st->st_uid == 0)
                return 0;
        if (setgroups(0, NULL) < 0 || setresgid(st->st_gid, st->st_gid, st->st_gid) < 0 ||
            setresuid(st->st_uid, st->st_uid, st->st_uid) < 0)
                return -errno;
        return 0;
}

static int open_as_owner(const char *path, Spool *ret) {
        struct stat st;
        int r;

        if (lstat(path, &st) < 0)
                return -errno;
        r = become(&st);
        return r < 0 ? r : spool_open(path, ret);
}

int alert_spool_enter(const char *root, Spool *ret) {
        char path[4096];
        int r;

        if (snprintf(path, sizeof(path), "%s%s", root, scope->alert_spool) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        r = open_as_owner(path, ret);
        if (r < 0 && r != -ENOENT)
                log_line(LOG_ERR, "%s: cannot be opened: %s", path, strerror(-r));
        return r;
}

/* ---- by ID ---- */

const char *alert_name_id(const char *name) {
        const char *dash = strchr(name, '-');

        return dash ? dash + 1 : "";
}

static int find_name(Spool *s, unsigned boxes, const char *id, Arena *arena, StoredAlert *ret) {
        size_t n = 0;

        for (SpoolBox box = 0; box < _SPOOL_BOX_MAX; box++) {
                char **names;
                int r = boxes & 1u << box ? spool_list(s, box, arena, &names) : -ENOENT;

                if (r == -ENOENT)
                        continue;
                if (r < 0)
                        return r;
                for (; *names; names++)
                        if (startswith(alert_name_id(*names), id)) {
                                ret->box = box;
                                ret->name = *names;
                                n++;
                        }
        }
        return n == 1 ? 0 : n == 0 ? -ENOENT : -ENOTUNIQ;
}

int alert_find(Spool *s, unsigned boxes, const char *id, Arena *arena, StoredAlert *ret) {
        int r = *id ? find_name(s, boxes, id, arena, ret) : -ENOENT;

        if (r == -ENOENT)
                log_line(LOG_ERR, "%s: no such alert; \"ftectl%s alert list\" shows them", id,
                         SCOPE_SWITCH);
        else if (r == -ENOTUNIQ)
                log_line(LOG_ERR, "%s: several alerts begin with that; give more of the ID", id);
        else if (r < 0)
                log_line(LOG_ERR, "the spool cannot be read: %s", strerror(-r));
        return r;
}

int alert_find_and_read(Spool *s, unsigned boxes, const char *id, Arena *arena, StoredAlert *ret) {
        int r = alert_find(s, boxes, id, arena, ret);

        if (r < 0)
                return r;
        r = spool_read(s, ret->box, ret->name, arena, &ret->alert);
        if (r < 0)
                log_line(LOG_ERR, "%s: cannot be read: %s", id, strerror(-r));
        return r;
}
