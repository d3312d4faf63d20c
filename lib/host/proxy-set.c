/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * proxy-set.h. The agents' files are in one of two directories, to which "current" is a link: a
 * rename of that link exchanges all of them at once, and nginx never reads half a set.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "host/proxy-set.h"

#define FILE_BYTES_MAX ((size_t) 64 * 1024)
#define SHARED_NAME \
        "zz-systemd-fte.conf" /* read last of all: what others set as default stays so */

static const char *const set_names[] = { "set-a", "set-b" };

/* ---- in memory ---- */

static size_t find_slot(const ProxySet *set, const char *name, bool *ret_found) {
        size_t i = 0;

        while (i < set->n && strcmp(set->files[i].name, name) < 0)
                i++;
        *ret_found = i < set->n && streq(set->files[i].name, name);
        return i;
}

const char *proxy_set_find(const ProxySet *set, const char *name) {
        bool found;
        size_t i = find_slot(set, name, &found);

        return found ? set->files[i].text : NULL;
}

static int reserve(ProxySet *set, size_t n) {
        ProxyFile *files;

        if (n <= set->size)
                return 0;
        n = MAX(n, set->size * 2);
        files = realloc(set->files, n * sizeof(*files));
        if (!files)
                return -ENOMEM;
        set->files = files;
        set->size = n;
        return 0;
}

int proxy_set_put(ProxySet *set, const char *name, const char *text) {
        bool found;
        size_t i = find_slot(set, name, &found);

        if (!text && found)
                memmove(&set->files[i], &set->files[i + 1], (--set->n - i) * sizeof(*set->files));
        if (!text)
                return 0;
        if (!found) {
                if (reserve(set, set->n + 1) < 0)
                        return -ENOMEM;
                memmove(&set->files[i + 1], &set->files[i], (set->n++ - i) * sizeof(*set->files));
        }
        set->files[i] = (ProxyFile){ name, text };
        return 0;
}

int proxy_set_copy(const ProxySet *set, ProxySet *ret) {
        ProxySet copy = { .shared = set->shared };

        if (reserve(&copy, set->n) < 0)
                return -ENOMEM;
        if (set->n > 0)
                memcpy(copy.files, set->files, set->n * sizeof(*set->files));
        copy.n = set->n;
        *ret = copy;
        return 0;
}

bool proxy_set_equal(const ProxySet *a, const ProxySet *b) {
        if (a->n != b->n || !streq_ptr(a->shared, b->shared))
                return false;
        for (size_t i = 0; i < a->n; i++)
                if (!streq(a->files[i].name, b->files[i].name) ||
                    !streq(a->files[i].text, b->files[i].text))
                        return false;
        return true;
}

/* ---- on the disk ---- */

/* A directory that is left over from another package of nginx is there and never read. */
static bool nginx_includes(const char *root, const char *dir) {
        _cleanup_free_ char *buf = malloc(FILE_BYTES_MAX);
        char full[4096];

        snprintf(full, sizeof(full), "%s/etc/nginx/nginx.conf", root ? root : "");
        return !buf || fsat_read(AT_FDCWD, full, buf, FILE_BYTES_MAX) <= 0 ||
               strstr(buf, strrchr(dir, '/') + 1);
}

const char *proxy_shared_path(const char *root) {
        static const char *const dirs[] = { "/etc/nginx/sites-enabled", "/etc/nginx/conf.d" };
        static const char *const paths[] = { "/etc/nginx/sites-enabled/" SHARED_NAME,
                                             "/etc/nginx/conf.d/" SHARED_NAME };
        const char *last = NULL;
        char full[4096];

        for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
                snprintf(full, sizeof(full), "%s%s", root ? root : "", dirs[i]);
                if (access(full, F_OK) < 0)
                        continue;
                if (nginx_includes(root, dirs[i]))
                        return paths[i];
                last = last ? last : paths[i];
        }
        return last;
}

static int open_below(const char *root, const char *path) {
        char full[4096];

        if (snprintf(full, sizeof(full), "%s%s", root ? root : "", path) >= (int) sizeof(full))
                return -ENAMETOOLONG;
        return fsat_open_dir(AT_FDCWD, full);
}

static char *read_text(int dir_fd, const char *path, Arena *arena) {
        _cleanup_free_ char *buf = malloc(FILE_BYTES_MAX);
        ssize_t n = buf ? fsat_read(dir_fd, path, buf, FILE_BYTES_MAX) : -ENOMEM;

        return n < 0 ? NULL : arena_strndup(arena, buf, (size_t) n);
}

static int load_dir(int fd, Arena *arena, ProxySet *set) {
        DIR *d = fdopendir(fd);
        int r = d ? 0 : -errno;

        for (struct dirent *e; d && r == 0 && (e = readdir(d));) {
                size_t n = strlen(e->d_name);
                char *text;

                if (n <= 5 || !streq(e->d_name + n - 5, ".conf"))
                        continue;
                text = read_text(dirfd(d), e->d_name, arena);
                if (text)
                        r = proxy_set_put(set, arena_strndup(arena, e->d_name, n - 5), text);
        }
        if (d)
                closedir(d);
        return r;
}

int proxy_set_load_dir(const char *root, const char *path, Arena *arena, ProxySet *ret) {
        ProxySet set = { 0 };
        int fd = open_below(root, path), r = fd < 0 ? fd : load_dir(fd, arena, &set);

        if (r < 0)
                proxy_set_done(&set);
        else
                *ret = set;
        return r;
}

int proxy_set_load(const char *root, Arena *arena, ProxySet *ret) {
        const char *shared = proxy_shared_path(root);
        ProxySet set = { 0 };
        int r = proxy_set_load_dir(root, PROXY_DIR "/current", arena, &set);

        if (r == -ENOENT)
                r = 0;
        if (r == 0 && shared) {
                _cleanup_close_ int top = open_below(root, "/");

                set.shared = top < 0 ? NULL : read_text(top, shared + 1, arena);
        }
        if (r == 0 && arena_failed(arena))
                r = -ENOMEM;
        if (r < 0)
                proxy_set_done(&set);
        else
                *ret = set;
        return r;
}

static int empty_dir(int fd) {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        DIR *d = copy < 0 ? NULL : fdopendir(copy);
        int r = 0;

        if (!d)
                return -errno;
        rewinddir(d);
        for (struct dirent *e; r == 0 && (e = readdir(d));)
                if (!streq(e->d_name, ".") && !streq(e->d_name, "..") &&
                    unlinkat(fd, e->d_name, 0) < 0)
                        r = -errno;
        closedir(d);
        return r;
}

static int write_files(int proxy_fd, const char *name, const ProxySet *set) {
        _cleanup_close_ int fd = -EBADF;
        char file[300];
        int r = fsat_mkdir(proxy_fd, name);

        if (r < 0)
                return r;
        fd = fsat_open_dir(proxy_fd, name);
        r = fd < 0 ? fd : empty_dir(fd);
        for (size_t i = 0; i < set->n && r == 0; i++) {
                const char *text = set->files[i].text;

                snprintf(file, sizeof(file), "%s.conf", set->files[i].name);
                r = fsat_create(fd, file,
                                &(FsatContent){ text, strlen(text), 0644, .sync = false });
        }
        if (r == 0 && syncfs(fd) < 0)
                r = -errno;
        return r;
}

int proxy_set_lock(const char *root, uint64_t wait_usec) {
        char path[4096];
        int fd, r;

        snprintf(path, sizeof(path), "%s" PROXY_DIR "/.lock", root ? root : "");
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        r = fsat_lock(fd, wait_usec);
        if (r < 0)
                close(fd);
        return r < 0 ? r : fd;
}

int proxy_set_install_sites(const char *root, const ProxySet *set) {
        _cleanup_close_ int fd = open_below(root, PROXY_DIR);
        char now[16] = { 0 };
        const char *next;
        int r;

        if (fd < 0)
                return fd;
        if (readlinkat(fd, "current", now, sizeof(now) - 1) < 0 && errno != ENOENT)
                return -errno;
        next = set_names[streq(now, set_names[0])];
        r = write_files(fd, next, set);
        if (r == 0)
                r = fsat_symlink(next, fd, ".current.new");
        if (r == 0 && renameat(fd, ".current.new", fd, "current") < 0)
                r = -errno;
        return r;
}

/* It is only touched when it changes: its time is the admin's to see. */
static bool file_is(int dir_fd, const char *name, const char *text) {
        _cleanup_arena_ Arena arena = { 0 };
        const char *now = read_text(dir_fd, name, &arena);

        return now && streq(now, text);
}

static int install_shared(const char *root, const char *text) {
        const char *path = proxy_shared_path(root), *slash;
        _cleanup_close_ int fd = -EBADF;
        char dir[64];
        int r;

        if (!path)
                return text ? -ENOENT : 0;
        slash = strrchr(path, '/');
        snprintf(dir, sizeof(dir), "%.*s", (int) (slash - path), path);
        fd = open_below(root, dir);
        if (fd < 0)
                return fd;
        if (text && file_is(fd, slash + 1, text))
                return 0;
        if (!text)
                return unlinkat(fd, slash + 1, 0) < 0 && errno != ENOENT ? -errno : 0;
        r = fsat_create(fd, "." SHARED_NAME ".new",
                        &(FsatContent){ text, strlen(text), 0644, .sync = true });
        if (r == 0 && renameat(fd, "." SHARED_NAME ".new", fd, slash + 1) < 0)
                r = -errno;
        return r;
}

int proxy_set_install(const char *root, const ProxySet *set) {
        int r = set->shared && !proxy_shared_path(root) ? -ENOENT : 0;

        /* What includes goes before what is included, and comes after it. */
        if (r == 0 && !set->shared)
                r = install_shared(root, NULL);
        if (r == 0)
                r = proxy_set_install_sites(root, set);
        if (r == 0 && set->shared)
                r = install_shared(root, set->shared);
        return r;
}
