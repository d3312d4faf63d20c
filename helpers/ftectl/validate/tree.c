/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The data directory of ftectl validate: whose it and all in it is, and whether the agent's user
 * can write there. The agent may change the tree while it is walked, so each step is by a
 * descriptor and follows no link; and it may be huge, so the walk has a bound.
 */

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/show.h"

#include "break.h"
#include "ftectl/shared/mounts.h"

#define NAMED_MAX   3
#define ENTRIES_MAX 200000
#define DEPTH_MAX   64
#define WALK_USEC   (400 * USEC_PER_MSEC)

typedef struct Walk {
        Subject *subject;
        Finding *finding;
        const char *top;
        uint64_t deadline_usec;
        size_t n, bad;
        bool cut;
} Walk;

/* Names are the agent's words. */
static const char *shown(Walk *w, const char *path) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        show_string(&b, path);
        return arena_strdup(&w->subject->arena, strbuf_text(&b));
}

static void found(Walk *w, const char *path, const struct stat *st) {
        if (w->bad++ < NAMED_MAX)
                finding_bad(w->subject, w->finding, "nothing in it of another user",
                            "%s belongs to UID %u", shown(w, path), (unsigned) st->st_uid);
}

static int walk(Walk *w, int dir_fd, const char *path, unsigned depth) {
        DIR *dir = fdopendir(dir_fd);
        struct dirent *entry;

        if (!dir) {
                close(dir_fd);
                return -errno;
        }
        while (!w->cut && (entry = readdir(dir))) {
                _cleanup_free_ char *child = NULL;
                struct stat st;
                int fd;

                if (streq(entry->d_name, ".") || streq(entry->d_name, "..") ||
                    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (++w->n >= ENTRIES_MAX ||
                    (w->n % 512 == 0 && clock_usec(CLOCK_MONOTONIC) > w->deadline_usec)) {
                        w->cut = true;
                        break;
                }
                child = malloc(strlen(path) + strlen(entry->d_name) + 2);
                if (!child)
                        break;
                stpcpy(stpcpy(stpcpy(child, path), "/"), entry->d_name);
                if (st.st_uid != w->subject->account->uid)
                        found(w, child, &st);
                if (!S_ISDIR(st.st_mode) || depth == DEPTH_MAX)
                        continue;
                fd = openat(dirfd(dir), entry->d_name,
                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (fd >= 0)
                        walk(w, fd, child, depth + 1);
        }
        closedir(dir);
        return 0;
}

/* Closes dir_fd. */
static void walk_all(Walk *w, int dir_fd) {
        int r = walk(w, dir_fd, w->top, 0);

        if (r < 0)
                finding_bad(w->subject, w->finding, "a directory", "%s: %s", w->top, strerror(-r));
        if (w->bad > NAMED_MAX)
                finding_bad(w->subject, w->finding, "nothing in it of another user", "and %zu more",
                            w->bad - NAMED_MAX);
        if (w->bad > 0)
                finding_fix(w->subject, w->finding, "chown -hR {user}:{group} {1}", w->top);
}

void finding_foreign(Subject *s, Finding *f, const char *dir) {
        Walk w = { .subject = s,
                   .finding = f,
                   .top = dir,
                   .deadline_usec = clock_usec(CLOCK_MONOTONIC) + WALK_USEC };
        int fd = openat(s->run->root_fd, dir + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd >= 0)
                walk_all(&w, fd);
}

/*
 * Asks the kernel, as that user: modes, ACLs and a read-only file system all count. 0 or an errno.
 */
static int writable_by(const Subject *s, int dir_fd) {
        pid_t pid = fork();
        int status;

        if (pid < 0)
                return errno;
        if (pid == 0) {
                if (setgroups(0, NULL) < 0 || setresgid(s->gid, s->gid, s->gid) < 0 ||
                    setresuid((uid_t) s->account->uid, (uid_t) s->account->uid,
                              (uid_t) s->account->uid) < 0)
                        _exit(errno);
                _exit(faccessat(dir_fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) < 0 ? errno : 0);
        }
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return errno;
        return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

void finding_full(Subject *s, Finding *f, int fd, const char *path) {
        struct statvfs v;
        uint64_t free_bytes;

        if (fstatvfs(fd, &v) < 0 || v.f_blocks == 0)
                return;
        free_bytes = (uint64_t) v.f_bavail * v.f_frsize;
        if (free_bytes >= FULL_BYTES && (v.f_files == 0 || v.f_favail > 0))
                return;
        finding_bad(s, f, "space for more",
                    "%s lies on a file system with %llu bytes and %llu inodes free", path,
                    (unsigned long long) free_bytes, (unsigned long long) v.f_favail);
        finding_fix(s, f, "df -h {1}", path);
}

static void judge_top(Walk *w, int fd, const struct stat *st) {
        const char *user = agent_user(&w->subject->agent);
        int e;

        if (st->st_uid != w->subject->account->uid) {
                finding_bad(w->subject, w->finding,
                            arena_printf(&w->subject->arena, "owned by %s", user),
                            "%s belongs to UID %u", w->top, (unsigned) st->st_uid);
                finding_fix(w->subject, w->finding, "chown -hR {user}:{group} {data}", NULL);
        }
        if (st->st_mode & 0027) {
                finding_bad(w->subject, w->finding, "mode 0750", "%s has mode %04o", w->top,
                            (unsigned) (st->st_mode & 07777));
                finding_fix(w->subject, w->finding, "chmod 0750 {data}", NULL);
        }
        e = writable_by(w->subject, fd);
        if (e == 0)
                return;
        finding_bad(w->subject, w->finding,
                    arena_printf(&w->subject->arena, "%s can write there", user),
                    "%s cannot write into %s: %s", user, w->top, strerror(e));
        if (e == EROFS)
                finding_fix(w->subject, w->finding, "findmnt -T {data}", NULL);
        else if (st->st_uid == w->subject->account->uid)
                finding_fix(w->subject, w->finding, "chmod 0750 {data}", NULL);
}

void check_data_access(Subject *s, Finding *f) {
        Walk w = { .subject = s,
                   .finding = f,
                   .deadline_usec = clock_usec(CLOCK_MONOTONIC) + WALK_USEC };
        struct stat st;
        int fd;

        w.top = fill_template(s, "{data}", NULL);
        if (!s->account || !w.top) {
                finding_skip(s, f, "there is no account %s", agent_user(&s->agent));
                return;
        }
        /* Root's directory holds it, so only root could make it a link (DynamicUser= does). */
        fd = openat(s->run->root_fd, w.top + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT && finding_skip_absent(s, f))
                return;
        if (fd < 0 || fstat(fd, &st) < 0) {
                finding_bad(s, f, "a directory", "%s: %s", w.top, strerror(errno));
                finding_fix(s, f, "systemctl restart {name}", NULL);
                closep(&fd);
                return;
        }
        judge_top(&w, fd, &st);
        finding_full(s, f, fd, w.top);
        walk_all(&w, fd);
        if (f->verdict == VERDICT_NOT_RUN)
                finding_good(s, f, "%s, mode %04o, %zu entries%s", w.top,
                             (unsigned) (st.st_mode & 07777), w.n,
                             w.cut ? "; there are more, which were not looked at" : "");
}
