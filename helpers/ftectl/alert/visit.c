/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A look at the newest alerts in the spool, for those who do more than that with it and so keep
 * their rights: for the time of the look they are the owner's.
 */

#include <stdio.h>
#include <sys/stat.h>

#include "base/scope.h"

#include "spool.h"

#define LOOKED_AT_MAX 1000 /* the newest of each box */

static void visit_box(Spool *s, SpoolBox box, AlertVisitor visitor, void *userdata) {
        _cleanup_arena_ Arena arena = { 0 }, of_alert = { 0 };
        char **names;
        size_t n = 0;

        if (spool_list(s, box, &arena, &names) < 0)
                return;
        while (names[n])
                n++;
        for (size_t i = n > LOOKED_AT_MAX ? n - LOOKED_AT_MAX : 0; i < n; i++) {
                Alert a;

                arena_reset(&of_alert);
                if (spool_read(s, box, names[i], &of_alert, &a) >= 0)
                        visitor(userdata, &a);
        }
}

void alert_spool_visit(const char *root, AlertVisitor visitor, void *userdata) {
        Spool s = SPOOL_CLOSED;
        uid_t uid = geteuid();
        gid_t gid = getegid();
        char path[4096];
        struct stat st;

        if (snprintf(path, sizeof(path), "%s%s", root, scope->alert_spool) >= (int) sizeof(path) ||
            lstat(path, &st) < 0 || (uid != 0 && uid != st.st_uid))
                return;
        if (uid == 0 && (setegid(st.st_gid) < 0 || seteuid(st.st_uid) < 0))
                return;
        if (spool_open(path, &s) >= 0)
                for (SpoolBox box = 0; box < _SPOOL_BOX_MAX; box++)
                        visit_box(&s, box, visitor, userdata);
        spool_close(&s);
        if (uid == 0 && (seteuid(uid) < 0 || setegid(gid) < 0))
                abort(); /* cannot happen: the saved IDs are root's */
}
