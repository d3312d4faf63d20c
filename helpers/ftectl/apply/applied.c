/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * applied.h. The order of a commit: a new directory with everything, all of it on the disk, the
 * link that names it, that on the disk, and only then the old directory goes. Whoever commits holds
 * the lock of ftectl apply.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/fsat.h"
#include "base/parse.h"
#include "base/tree.h"

#include "applied.h"

#define CURRENT      "current"
#define NEXT         "current.new"
#define SET_PREFIX   "set-"
#define AGENTS_FILE  "agents"
#define LINKS_FILE   "links" /* a line "AGENT PLUGIN" each */
#define FILES_DIR    "fte"
#define AGENTS_BYTES ((size_t) 1024 * 1024)

/* ---- reading ---- */

static int open_directory(const char *root, bool make) {
        _cleanup_close_ int lib_fd = -EBADF, base_fd = -EBADF;
        char path[PATH_MAX];

        if (snprintf(path, sizeof(path), "%s/var/lib", root) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        lib_fd = fsat_open_dir(AT_FDCWD, path);
        if (lib_fd < 0)
                return lib_fd;
        if (!make) {
                int fd = openat(lib_fd, "fte/applied",
                                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

                return fd < 0 ? -errno : fd;
        }
        base_fd = tree_open_dir(lib_fd, "fte", 0755);
        return base_fd < 0 ? base_fd : tree_open_dir(base_fd, "applied", 0700);
}

static int read_number(int dir_fd, uint64_t *ret) {
        char target[64];
        const char *digits;
        ssize_t n = readlinkat(dir_fd, CURRENT, target, sizeof(target) - 1);

        if (n < 0)
                return -errno;
        target[n] = 0;
        digits = startswith(target, SET_PREFIX);
        return digits ? parse_uint(digits, UINT64_MAX - 2, ret) : -EBADMSG;
}

static int read_words(Applied *a, int set_fd, const char *file, char ***ret) {
        _cleanup_free_ char *text = malloc(AGENTS_BYTES);
        ssize_t n;

        if (!text)
                return -ENOMEM;
        n = fsat_read(set_fd, file, text, AGENTS_BYTES);
        if (n < 0)
                return (int) n;
        return parse_words(&a->files.arena, text, PARSE_WORDS_PLAIN, ret) < 0 ? -ENOMEM : 0;
}

/* A set of an older version has no file of links. */
static int read_agents(Applied *a, int set_fd) {
        int r = read_words(a, set_fd, AGENTS_FILE, &a->agents);

        if (r < 0)
                return r;
        a->n_agents = strv_length(a->agents);
        r = read_words(a, set_fd, LINKS_FILE, &a->links);
        return r == -ENOENT ? 0 : r;
}

static void set_name(uint64_t number, char ret[static 32]) {
        snprintf(ret, 32, SET_PREFIX "%08llu", (unsigned long long) number);
}

static int read_set(Applied *a) {
        _cleanup_close_ int set_fd = -EBADF, files_fd = -EBADF;
        char name[32];
        struct stat st;
        int r = read_number(a->dir_fd, &a->number);

        if (r < 0)
                return r;
        set_name(a->number, name);
        set_fd = fsat_open_dir(a->dir_fd, name);
        files_fd = set_fd < 0 ? -EBADF : fsat_open_dir(set_fd, FILES_DIR);
        if (files_fd < 0 || fstat(set_fd, &st) < 0)
                return -EBADMSG;
        a->time_usec =
                timespec_usec(st.st_mtim);
        r = read_agents(a, set_fd);
        return r < 0 ? r : file_set_read(&a->files, files_fd);
}

int applied_open(Applied *a, const char *root, bool make) {
        int r;

        *a = APPLIED_CLOSED;
        a->dir_fd = open_directory(root, make);
        if (a->dir_fd == -ENOENT && !make)
                return 0;
        if (a->dir_fd < 0)
                return a->dir_fd;
        r = read_set(a);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                file_set_done(&a->files);
                a->agents = a->links = NULL;
                a->n_agents = 0;
                a->time_usec = 0;
        }
        return 0;
}

void applied_close(Applied *a) {
        file_set_done(&a->files);
        closep(&a->dir_fd);
        *a = APPLIED_CLOSED;
}

bool applied_has_agent(const Applied *a, const char *name) {
        return a->agents && strv_contains(a->agents, name);
}

static bool has_link(char *const *links, const char *agent, const char *plugin) {
        for (; links && links[0] && links[1]; links += 2)
                if (streq(links[0], agent) && streq(links[1], plugin))
                        return true;
        return false;
}

bool applied_has_link(const Applied *a, const char *agent, const char *plugin) {
        return has_link(a->links, agent, plugin);
}

/* ---- a new set ---- */

static bool has_same_links(char *const *a, char *const *b) {
        if (strv_length(a) != strv_length(b))
                return false;
        for (; a && a[0] && a[1]; a += 2)
                if (!has_link(b, a[0], a[1]))
                        return false;
        return true;
}

static bool is_current(const Applied *a, const FileSet *files, char *const *agents,
                       size_t n_agents) {
        if (a->time_usec == 0 || a->n_agents != n_agents || a->files.n != files->n)
                return false;
        for (size_t i = 0; i < n_agents; i++)
                if (!streq(a->agents[i], agents[i]))
                        return false;
        for (size_t i = 0; i < files->n; i++)
                if (!streq(a->files.files[i].path, files->files[i].path) ||
                    !set_file_is_same(&a->files.files[i], &files->files[i]))
                        return false;
        return true;
}

/* Few of a thousand files change, so the others are second names of what is on the disk already. */
static int put_file(const Applied *a, const SetFile *f, int old_fd, int new_fd) {
        if (old_fd >= 0 && !f->is_mask && set_file_is_same(file_set_find(&a->files, f->path), f) &&
            tree_make_parents(new_fd, f->path) >= 0 &&
            linkat(old_fd, f->path, new_fd, f->path, 0) == 0)
                return 0;
        return set_file_write(f, new_fd, false);
}

static int write_files(const Applied *a, const FileSet *files, int set_fd) {
        _cleanup_close_ int new_fd = tree_open_dir(set_fd, FILES_DIR, 0755), old_fd = -EBADF;
        char path[64];
        int r = new_fd < 0 ? new_fd : 0;

        set_name(a->number, path);
        strcat(path, "/" FILES_DIR);
        old_fd = a->time_usec > 0 ? fsat_open_dir(a->dir_fd, path) : -EBADF;
        for (size_t i = 0; i < files->n && r >= 0; i++)
                r = put_file(a, &files->files[i], old_fd, new_fd);
        return r;
}

/* So many words a line. */
static int write_words(int set_fd, const char *file, char *const *words, size_t a_line) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        for (size_t i = 0; words && words[i]; i++)
                strbuf_addf(&b, "%s%c", words[i], (i + 1) % a_line == 0 ? '\n' : ' ');
        return strbuf_check(&b) < 0
                       ? -ENOMEM
                       : fsat_create(set_fd, file,
                                     &(FsatContent){ strbuf_text(&b), b.len, 0600, false });
}

/* From here on the new set holds. */
static int switch_to(const Applied *a, const char *name) {
        int r = fsat_symlink(name, a->dir_fd, NEXT);

        if (r < 0)
                return r;
        return renameat(a->dir_fd, NEXT, a->dir_fd, CURRENT) < 0 ? -errno : 0;
}

/* Also what an apply that was killed has left. */
static void remove_others(const Applied *a, const char *keep) {
        int fd = fsat_open_dir(a->dir_fd, ".");
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        while (dir && (entry = readdir(dir)))
                if (startswith(entry->d_name, SET_PREFIX) && !streq(entry->d_name, keep))
                        (void) tree_remove(a->dir_fd, entry->d_name);
        if (dir)
                closedir(dir);
}

int applied_commit(Applied *a, const FileSet *files, char *const *agents, size_t n_agents,
                   char *const *links) {
        _cleanup_close_ int set_fd = -EBADF;
        char name[32];
        int r;

        set_name(a->number, name);
        if (is_current(a, files, agents, n_agents) && has_same_links(a->links, links)) {
                remove_others(a, name);
                return 0;
        }
        set_name(a->number + 1, name);
        r = tree_remove(a->dir_fd, name);
        if (r < 0)
                return r;
        set_fd = tree_open_dir(a->dir_fd, name, 0700);
        if (set_fd < 0)
                return set_fd;
        r = write_files(a, files, set_fd);
        if (r >= 0)
                r = write_words(set_fd, AGENTS_FILE, agents, 1);
        if (r >= 0)
                r = write_words(set_fd, LINKS_FILE, links, 2);
        if (r >= 0 && syncfs(set_fd) < 0)
                r = -errno;
        if (r >= 0)
                r = switch_to(a, name);
        if (r < 0) {
                (void) tree_remove(a->dir_fd, name);
                return r;
        }
        if (fsync(a->dir_fd) < 0)
                /* nobody knows which of the two holds after a power cut: keep both */
                return -errno;
        remove_others(a, name);
        return 0;
}
