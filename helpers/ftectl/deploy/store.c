/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * store.h: directories and links. Must not log, and knows nothing of systemd.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/tree.h"

#include "store.h"

#define RELEASES_PATH RELEASES_DIR "/"
#define STAMP_CHARS   16 /* "20261124T150312Z" */
#define HASH_CHARS    12

/* ---- names ---- */

bool release_id_is_valid(const char *id) {
        static const char shape[] = "00000000T000000Z-";

        if (strlen(id) != STAMP_CHARS + 1 + HASH_CHARS)
                return false;
        for (size_t i = 0; i < sizeof(shape) - 1; i++)
                if (shape[i] == '0' ? !ascii_isdigit(id[i]) : id[i] != shape[i])
                        return false;
        return strspn(id + STAMP_CHARS + 1, "0123456789abcdef") == HASH_CHARS;
}

/* ---- opening ---- */

static int blame(Store *s, const char *path, const char *problem, int error) {
        s->problem_path = arena_strdup(&s->arena, path);
        s->problem = problem;
        return error;
}

/* Whoever can change a directory on the way can put other code in place of root's. */
static int check_owner(Store *s, int fd, const char *path) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return blame(s, path, NULL, -errno);
        if (st.st_uid != geteuid() && st.st_uid != 0)
                return blame(s, path,
                             "belongs to somebody else than root, who could change what "
                             "is deployed; chown it to root",
                             -EPERM);
        if (st.st_mode & 0022 && !(st.st_mode & S_ISVTX))
                return blame(s, path, "can be changed by others than root; chmod go-w it", -EPERM);
        return 0;
}

/* Opens or makes each part of path below fd, which it closes. */
static int walk(Store *s, int fd, const char *path, bool make) {
        char part[NAME_MAX + 1];
        const char *rest = path;

        while (fd >= 0 && *rest) {
                size_t n = strcspn(rest, "/");
                int next;

                snprintf(part, sizeof(part), "%.*s", (int) n, rest);
                rest += n + (rest[n] == '/');
                next = make ? tree_open_dir(fd, part, 0755)
                            : openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (next == -1)
                        next = -errno;
                close(fd);
                fd = next;
                snprintf(part, sizeof(part), "/%.*s", (int) (rest - path), path);
                if (fd < 0)
                        return blame(s, part, NULL, fd);
                next = check_owner(s, fd, part);
                if (next < 0) {
                        close(fd);
                        return next;
                }
        }
        return fd;
}

static int open_path(Store *s, const char *path, bool make) {
        int fd = fsat_open_dir(AT_FDCWD, *s->root ? s->root : "/");

        return fd < 0 ? blame(s, "/", NULL, fd) : walk(s, fd, path, make);
}

static int missing_is_fine(int r, bool make) {
        return r == -ENOENT && !make ? 0 : MIN(r, 0);
}

int store_open(Store *s, const char *root, const char *name, bool make) {
        char path[NAME_MAX];
        int r;

        *s = STORE_CLOSED;
        s->root = root;
        s->name = name;
        snprintf(path, sizeof(path), RELEASES_TOP "%.100s", name);
        r = s->home_fd = open_path(s, path + 1, make); /* relative to the root */
        if (r >= 0)
                r = s->releases_fd = walk(s, dup(s->home_fd), RELEASES_DIR, make);
        r = missing_is_fine(r, make);
        if (r < 0)
                return r;
        snprintf(path, sizeof(path), "var/lib/fte/deploys/%.100s", name);
        r = s->records_fd = open_path(s, path, make);
        return missing_is_fine(r, make);
}

void store_close(Store *s) {
        closep(&s->home_fd);
        closep(&s->releases_fd);
        closep(&s->records_fd);
        arena_done(&s->arena);
        *s = STORE_CLOSED;
}

/* ---- links ---- */

int store_link(const Store *s, const char *link, char ret_id[static RELEASE_ID_BYTES]) {
        char target[PATH_MAX];
        const char *id;
        ssize_t n;

        *ret_id = 0;
        n = s->home_fd < 0 ? 0 : readlinkat(s->home_fd, link, target, sizeof(target) - 1);
        if (n < 0)
                return errno == ENOENT ? 0 : errno == EINVAL ? -EEXIST : -errno;
        target[n] = 0;
        if (n == 0)
                return 0;
        id = startswith(target, RELEASES_PATH);
        if (!id || !release_id_is_valid(id))
                return -EEXIST;
        strcpy(ret_id, id);
        return 1;
}

int store_set_link(const Store *s, const char *link, const char *id) {
        char target[sizeof(RELEASES_PATH) + RELEASE_ID_BYTES], next[32];
        int r;

        snprintf(target, sizeof(target), RELEASES_PATH "%s", id);
        snprintf(next, sizeof(next), ".%s.next", link);
        if (*id) {
                r = fsat_symlink(target, s->home_fd, next);
                if (r < 0)
                        return r;
                if (renameat(s->home_fd, next, s->home_fd, link) < 0)
                        return -errno;
        } else if (unlinkat(s->home_fd, link, 0) < 0 && errno != ENOENT)
                return -errno;
        return fsync(s->home_fd) < 0 ? -errno : 0;
}

bool store_has(const Store *s, const char *id) {
        struct stat st;

        return s->releases_fd >= 0 && release_id_is_valid(id) &&
               fstatat(s->releases_fd, id, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* ---- making and removing ---- */

int store_begin(Store *s) {
        _cleanup_close_ int work_fd = -EBADF, tree_fd = -EBADF;
        int r = store_clean(s);

        if (r < 0)
                return r;
        work_fd = tree_open_dir(s->releases_fd, WORK_NAME, 0700);
        if (work_fd < 0)
                return work_fd;
        tree_fd = tree_open_dir(work_fd, "tree", 0700);
        if (tree_fd < 0)
                return tree_fd;
        /* The build's user has a number that nobody knows before; others cannot get here. */
        return fchmod(tree_fd, 0777) < 0 ? -errno : 0;
}

int store_take_over(Store *s, Release *r) {
        int k = seal_tree(s->releases_fd, WORK_NAME "/tree", &r->bytes, &r->files);

        if (k == 0)
                k = store_write_record(s, r);
        if (k == 0 && syncfs(s->releases_fd) < 0)
                k = -errno;
        if (k == 0 && renameat(s->releases_fd, WORK_NAME "/tree", s->releases_fd, r->id) < 0)
                k = -errno;
        return k == 0 && fsync(s->releases_fd) < 0 ? -errno : k;
}

/* Out of the list first: what is half removed must not look like a release. */
int store_remove(Store *s, const char *id) {
        char name[RELEASE_ID_BYTES + 8];

        if (!release_id_is_valid(id))
                return -EINVAL;
        snprintf(name, sizeof(name), ".gone-%s", id);
        (void) tree_remove(s->releases_fd, name);
        if (renameat(s->releases_fd, id, s->releases_fd, name) < 0 && errno != ENOENT)
                return -errno;
        snprintf(name, sizeof(name), "%s.json", id);
        (void) unlinkat(s->records_fd, name, 0);
        snprintf(name, sizeof(name), "%s.log", id);
        (void) unlinkat(s->records_fd, name, 0);
        snprintf(name, sizeof(name), ".gone-%s", id);
        return tree_remove(s->releases_fd, name);
}

/* Calls for each name in a directory until one fails. */
static int for_each(Store *s, int dir_fd, int (*call)(Store *s, int dir_fd, const char *name)) {
        int fd = fsat_open_dir(dir_fd, "."), r = 0;
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *d;

        if (!dir) {
                closep(&fd);
                return fd < 0 ? fd : -ENOMEM;
        }
        while (r >= 0 && (d = readdir(dir)))
                r = call(s, dir_fd, d->d_name);
        closedir(dir);
        return r;
}

static int clean_release(Store *s _unused_, int dir_fd, const char *name) {
        return streq(name, WORK_NAME) || startswith(name, ".gone-") ? tree_remove(dir_fd, name) : 0;
}

/* Of a release that is not there: its deployment ended before it was whole. */
static int clean_record(Store *s, int dir_fd, const char *name) {
        char id[RELEASE_ID_BYTES];

        snprintf(id, sizeof(id), "%.*s", (int) strcspn(name, "."), name);
        if (*name == '.' ? !endswith(name, ".next") : !release_id_is_valid(id) || store_has(s, id))
                return 0;
        return unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int store_clean(Store *s) {
        int r = for_each(s, s->releases_fd, clean_release);

        if (r >= 0)
                r = for_each(s, s->records_fd, clean_record);
        (void) unlinkat(s->home_fd, "." CURRENT_LINK ".next", 0);
        (void) unlinkat(s->home_fd, "." PREVIOUS_LINK ".next", 0);
        return r;
}

int store_prune(Store *s, uint64_t keep) {
        int removed = 0, n, r = 0;
        bool is_history = false; /* for a release that failed */
        uint64_t kept = 0;
        Release *list;

        n = store_list(s, &list);
        for (int i = 0; i < n && r >= 0; i++) {
                /* These two have their places, whichever they are in the list. */
                bool is_linked = list[i].is_current || list[i].is_previous;

                kept += is_linked;
        }
        for (int i = 0; i < n && r >= 0; i++) {
                bool failed = list[i].state == RELEASE_FAILED;

                is_history |= list[i].is_current;
                if (list[i].is_current || list[i].is_previous)
                        continue;
                if (failed ? !is_history : kept < keep) {
                        is_history |= failed;
                        kept += !failed;
                        continue;
                }
                r = store_remove(s, list[i].id);
                removed += r >= 0;
        }
        return n < 0 ? n : r < 0 ? r : removed;
}
