/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * sqlite-copy.h through SQLite's backup API. Everything that SQLite does happens in a forked child
 * that has given up root; the parent only reads its exit status.
 */

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/detach.h"
#include "base/fsat.h"
#include "base/log.h"

#include "fd-vfs.h"
#include "sqlite-copy.h"

#define HEADER          "SQLite format 3" /* and a NUL */
#define BUSY_TIMEOUT_MS 60000
#define NOBODY          65534

/* Exit statuses of the child. */
enum { CHILD_GOOD, CHILD_DAMAGED, CHILD_BUSY, CHILD_FULL, CHILD_FAILED, CHILD_UNABLE };

bool sqlite_is_database(int fd) {
        char head[sizeof(HEADER)];

        return pread(fd, head, sizeof(head), 0) == (ssize_t) sizeof(head) &&
               memcmp(head, HEADER, sizeof(head)) == 0;
}

size_t sqlite_companion_base(const char *name) {
        static const char *const suffixes[] = { "-wal", "-shm", "-journal" };

        for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
                const char *end = endswith(name, suffixes[i]);

                if (end && end > name)
                        return (size_t) (end - name);
        }
        return 0;
}

/* ---- the child ---- */

static void become(uid_t uid, gid_t gid) {
        const struct rlimit no_core = { 0, 0 };

        (void) setrlimit(RLIMIT_CORE, &no_core);
        (void) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (geteuid() != 0)
                return;
        if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
            setresuid(uid, uid, uid) < 0) {
                log_line(LOG_ERR, "cannot become the owner of a database: %s", strerror(errno));
                _exit(CHILD_FAILED);
        }
}

/*
 * The archive is open, and what else we have: nothing of it is for a child that reads what the
 * agent wrote. The two move to the lowest numbers that are free.
 */
static void keep_only(int *a, int *b) {
        int low[2] = { fcntl(*a, F_DUPFD_CLOEXEC, 100), fcntl(*b, F_DUPFD_CLOEXEC, 100) };

        if (low[0] < 0 || low[1] < 0)
                _exit(CHILD_FAILED);
        *a = dup2(low[0], STDERR_FILENO + 1);
        *b = dup2(low[1], STDERR_FILENO + 2);
        if (*a < 0 || *b < 0)
                _exit(CHILD_FAILED);
        detach_close_from(*b + 1);
}

static int child_status(int rc) {
        switch (rc & 0xff) {
        case SQLITE_OK:
        case SQLITE_DONE:
        case SQLITE_ROW:
                return CHILD_GOOD;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
                return CHILD_DAMAGED;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return CHILD_BUSY;
        case SQLITE_FULL:
                return CHILD_FULL;
        default:
                return CHILD_FAILED;
        }
}

static int tell(int rc, sqlite3 *db, const char *path, const char *what) {
        if (child_status(rc) != CHILD_GOOD)
                log_line(LOG_ERR, "%s: SQLite cannot %s: %s", path, what,
                         db && sqlite3_errcode(db) != SQLITE_OK ? sqlite3_errmsg(db)
                                                                : sqlite3_errstr(rc));
        return child_status(rc);
}

static int step_all(sqlite3 *from, sqlite3 *to, const char *path) {
        sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
        int rc;

        if (!b)
                return tell(sqlite3_errcode(to), to, path, "begin a copy");
        /*
         * All in one step: in pieces it would begin anew whenever the agent writes, and never end.
         */
        do
                rc = sqlite3_backup_step(b, -1);
        while (rc == SQLITE_OK);
        sqlite3_backup_finish(b);
        return tell(rc, NULL, path, "copy it");
}

/* Into the page cache first, so that an agent without WAL is kept from writing for a short time
 * only. */
static void read_ahead(int dir_fd, const char *name) {
        static char buf[256 * 1024];
        _cleanup_close_ int fd = fsat_open_regular(dir_fd, name);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return;
        for (off_t left = MIN(st.st_size, (off_t) st.st_blocks * 512); left > 0;
             left -= (off_t) sizeof(buf)) /* it may grow for ever */
                if (read(fd, buf, sizeof(buf)) <= 0)
                        return;
}

static int child_copy(int dir_fd, const char *name, const char *path, int to_fd) {
        sqlite3 *from = NULL, *to = NULL;
        char here[NAME_MAX + 3] = "./"; /* or SQLite could take it for a URI or ":memory:" */
        int rc;

        if (strlen(name) > NAME_MAX || fchdir(dir_fd) < 0 || here_vfs_register() < 0 ||
            fd_vfs_register(to_fd, false) < 0)
                return CHILD_FAILED;
        strcpy(here + 2, name);
        read_ahead(dir_fd, name);
        rc = sqlite3_open_v2(here, &from, SQLITE_OPEN_READWRITE, HERE_VFS);
        if (rc == SQLITE_OK)
                rc = sqlite3_busy_timeout(from, BUSY_TIMEOUT_MS);
        if (rc != SQLITE_OK)
                return tell(rc, from, path, "open it");
        rc = sqlite3_open_v2("copy", &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, FD_VFS);
        if (rc == SQLITE_OK)
                rc = sqlite3_exec(to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL,
                                  NULL);
        if (rc != SQLITE_OK)
                return tell(rc, to, path, "open the file for the copy");
        rc = step_all(from, to, path);
        sqlite3_close(to);
        sqlite3_close(from);
        return rc;
}

/* Its first words are enough; there may be a hundred lines. */
static int on_finding(void *userdata, int n, char **values, char **names _unused_) {
        if (n < 1 || !values[0] || streq(values[0], "ok"))
                return 0;
        log_line(LOG_ERR, "%s: PRAGMA integrity_check: %.200s", (const char *) userdata, values[0]);
        return 1;
}

static int child_check(int fd, const char *path) {
        sqlite3 *db = NULL;
        int rc;

        if (fd_vfs_register(fd, true) < 0)
                return CHILD_FAILED;
        rc = sqlite3_open_v2("check", &db, SQLITE_OPEN_READONLY, FD_VFS);
        if (rc == SQLITE_OK)
                rc = sqlite3_exec(db, "PRAGMA integrity_check(1)", on_finding, (void *) path, NULL);
        if (rc == SQLITE_ABORT)
                return CHILD_DAMAGED;
        if ((rc & 0xff) == SQLITE_ERROR) { /* of the schema, which is no damage */
                log_line(LOG_NOTICE,
                         "%s: cannot be checked without what the agent adds to SQLite: %s; its sum "
                         "is checked",
                         path, sqlite3_errmsg(db));
                return CHILD_UNABLE;
        }
        rc = tell(rc, db, path, "check it");
        sqlite3_close(db);
        return rc;
}

/* ---- the parent ---- */

static int child_wait(pid_t pid) {
        static const int errors[] = { 0, -EBADMSG, -EBUSY, -ENOSPC, -EIO, -EOPNOTSUPP };
        int status;

        while (waitpid(pid, &status, WUNTRACED) < 0)
                if (errno != EINTR)
                        return -errno;
        if (WIFSTOPPED(status)) { /* the agent may send it signals */
                (void) kill(pid, SIGKILL);
                return -EIO;
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) >= (int) ARRAY_SIZE(errors))
                return -EIO;
        return errors[WEXITSTATUS(status)];
}

/*
 * The owner of the file; but that of the directory where he could have brought somebody else's file
 * there, for he could also put a journal beside it: a file of root's, or one with further names.
 */
static void find_owner(int dir_fd, const struct stat *st, uid_t *ret_uid, gid_t *ret_gid) {
        struct stat dir;
        bool use_dir = fstat(dir_fd, &dir) == 0 &&
                       (st->st_uid == 0 || (st->st_nlink > 1 && dir.st_uid != 0));

        *ret_uid = use_dir ? dir.st_uid : st->st_uid;
        *ret_gid = use_dir ? dir.st_gid : st->st_gid;
}

/* Whether others may put a link in its place, or a journal beside it: SQLite obeys both. A group in
 * an ACL shows here, too, as its mask. */
static bool is_open_to_others(int dir_fd) {
        struct stat dir;

        return fstat(dir_fd, &dir) < 0 || dir.st_mode & (S_IWGRP | S_IWOTH);
}

int sqlite_copy(int dir_fd, const char *name, const struct stat *st, const char *path, int to_fd) {
        uid_t uid;
        gid_t gid;
        pid_t pid;

        find_owner(dir_fd, st, &uid, &gid);
        if (uid == 0 && is_open_to_others(dir_fd)) {
                log_line(LOG_ERR,
                         "%s: root's, in a directory of root's that others may write to: SQLite is "
                         "not run as root there; give the file to who uses it",
                         path);
                return -EIO;
        }
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                keep_only(&dir_fd, &to_fd);
                become(uid, gid);
                _exit(child_copy(dir_fd, name, path, to_fd));
        }
        return child_wait(pid);
}

int sqlite_check(int fd, const char *path) {
        pid_t pid = fork();

        if (pid < 0)
                return -errno;
        if (pid == 0) {
                int none = fd;

                keep_only(&fd, &none);
                become(NOBODY, NOBODY);
                _exit(child_check(fd, path));
        }
        return child_wait(pid);
}
