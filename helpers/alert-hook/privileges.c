/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The way down of privileges.h. Accounts are looked up in /etc/passwd and /etc/group themselves:
 * NSS may go over the network, and these are system accounts.
 */

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "privileges.h"

static bool find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid) {
        FILE *f = fopen("/etc/passwd", "re");
        struct passwd *p = NULL;

        while (f && (p = fgetpwent(f)) && !streq(p->pw_name, name))
                ;
        if (p) {
                *ret_uid = p->pw_uid;
                *ret_gid = p->pw_gid;
        }
        if (f)
                fclose(f);
        return p != NULL;
}

static bool find_group(const char *name, gid_t *ret) {
        FILE *f = fopen("/etc/group", "re");
        struct group *g = NULL;

        while (f && (g = fgetgrent(f)) && !streq(g->gr_name, name))
                ;
        if (g)
                *ret = g->gr_gid;
        if (f)
                fclose(f);
        return g != NULL;
}

uint64_t user_id(const char *name) {
        uid_t uid;
        gid_t gid;

        return find_user(name, &uid, &gid) ? uid : UINT64_MAX;
}

/* systemd-tmpfiles makes it at boot and at installation; somebody may have removed it since. */
static int make_directory(const char *path, uid_t uid, gid_t gid) {
        _cleanup_close_ int fd = -EBADF;

        if (mkdir(path, 0700) < 0)
                return errno == EEXIST ? 0 : -errno;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 || fchown(fd, uid, gid) < 0 ? -errno : 0;
}

int privileges_drop(const char *spool_path) {
        gid_t gid, groups[2];
        size_t n_groups = 0;
        uid_t uid;
        int r;

        if (geteuid() != 0)
                return 0;
        if (!find_user(ALERT_USER, &uid, &gid) || uid == 0)
                return -ENOENT;
        r = make_directory(spool_path, uid, gid);
        if (r < 0)
                return r;
        groups[n_groups++] = gid;
        n_groups += find_group(JOURNAL_GROUP, &groups[n_groups]);
        if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            setgroups(n_groups, groups) < 0 || setresgid(gid, gid, gid) < 0 ||
            setresuid(uid, uid, uid) < 0)
                return -errno;
        /* With securebits in the way a change of user keeps capabilities. */
        return setresuid((uid_t) -1, 0, (uid_t) -1) == 0 ? -EPERM : 0;
}
