/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-backup restore --to: into a directory of root's alone. The agent and its data are left alone.
 */

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/log.h"

#include "restore-to.h"
#include "room.h"
#include "source.h"

int restore_check_room(int fd, uint64_t bytes, const char *path, const char *hint) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (room_free(fd) >= bytes)
                return 0;
        room_show(&b, bytes);
        log_line(LOG_ERR,
                 "%s: there is no room for the restored data, about %s; %s", path, strbuf_text(&b),
                 hint);
        return -ENOSPC;
}

static int prepare_elsewhere(Extract *x, const Info *info) {
        return x->only ? 0
                       : restore_check_room(x->roots[0].fd, info->bytes, (const char *) x->context,
                                            "make room, or name a directory of another disk");
}

static bool is_empty(int fd) {
        int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
        DIR *dir = copy < 0 ? NULL : fdopendir(copy);

        while (dir && readdir(dir))
                n++;
        if (dir)
                closedir(dir);
        return n <= 2;
}

/* Whoever can write there could lead what is restored astray, and read it. */
static bool is_ours_alone(int fd) {
        struct stat st;

        return fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022);
}

static int open_elsewhere(const char *to, bool *ret_made) {
        const char *problem;
        int fd;

        *ret_made = mkdir(to, 0700) == 0;
        if (!*ret_made && errno != EEXIST) {
                log_line(LOG_ERR, "%s: %s%s", to, strerror(errno),
                         errno == ENOENT ? "; make the directory that is to hold it first" : "");
                return -errno;
        }
        fd = open(to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        problem = fd < 0               ? strerror(errno)
                  : !is_ours_alone(fd) ? "others may write there"
                  : !is_empty(fd)      ? "it is not empty"
                                       : NULL;
        if (!problem)
                return fd;
        log_line(LOG_ERR, "%s: %s; name a directory that does not exist yet", to, problem);
        closep(&fd);
        return -EEXIST;
}

int restore_elsewhere(const Job *j, const Arguments *a) {
        ExtractRoot root = { .fd = -EBADF };
        Extract x = { .prepare = prepare_elsewhere,
                      .context = (void *) a->to,
                      .roots = &root,
                      .n_roots = 1,
                      .only = a->path ? a->path + 1 : NULL };
        char time[32] = "";
        bool made;
        int r = root.fd = open_elsewhere(a->to, &made);

        if (r < 0)
                return EXIT_BAD;
        r = source_extract(j, a->from, j->state_fd, &x, time);
        if (r == 0 && x.n_members == 0) {
                log_line(LOG_ERR, "the backup has no %s%s", a->path ? a->path : "members",
                         a->path ? "; without --path= all of it is restored" : "");
                r = -ENOENT;
        }
        if (r == 0)
                log_line(LOG_INFO, "%llu files and directories of %s from %s are in %s",
                         (unsigned long long) x.n_members, j->name, time, a->to);
        else if (made && rmdir(a->to) == 0)
                log_line(LOG_ERR, "nothing was restored");
        else
                log_line(LOG_ERR, "what is in %s is not complete: do not use it", a->to);
        extract_done(&x);
        closep(&root.fd);
        return r < 0 ? EXIT_BAD : EXIT_GOOD;
}
