/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fingerprint.h by FNV-1a: it compares what root wrote with what root wrote, so nobody chooses
 * texts to deceive it. Reads, never writes.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fsat.h"

#include "config/instance.h"
#include "fingerprint.h"

#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)
#define BUF_BYTES  ((size_t) 256 * 1024)

/* Where an admin's drop-ins of an agent lie, "systemctl edit" and "systemctl edit --runtime". */
static const char *const dropin_dirs[] = { "etc/systemd/system", "run/systemd/system" };

static uint64_t hash_bytes(uint64_t hash, const char *s, size_t len) {
        for (size_t i = 0; i < len; i++)
                hash = (hash ^ (unsigned char) s[i]) * FNV_PRIME;
        return hash;
}

static uint64_t hash_link(const char *path, const char *target) {
        uint64_t hash = hash_bytes(FNV_OFFSET, path, strlen(path) + 1);

        return hash_bytes(hash, target, strlen(target) + 1);
}

uint64_t fingerprint_text(const char *path, const char *text, size_t len) {
        uint64_t hash = hash_bytes(FNV_OFFSET, path, strlen(path) + 1);
        const char *end = text + len;

        while (text < end) {
                const char *eol = memchr(text, '\n', (size_t) (end - text));
                size_t n = (size_t) ((eol ? eol : end) - text);

                if (n > 0 && *text != '#' && *text != ';') {
                        hash = hash_bytes(hash, text, n);
                        hash = hash_bytes(hash, "\n", 1);
                }
                text += n + (eol != NULL);
        }
        return hash;
}

int fingerprinter_open(Fingerprinter *f, const char *root) {
        *f = (Fingerprinter){ .root_fd = fsat_open_dir(AT_FDCWD, *root ? root : "/") };
        if (f->root_fd < 0)
                return f->root_fd;
        f->buf = malloc(BUF_BYTES);
        return f->buf ? 0 : -ENOMEM;
}

void fingerprinter_done(Fingerprinter *f) {
        closep(&f->root_fd);
        free(f->buf);
        *f = (Fingerprinter){ .root_fd = -EBADF };
}

/* ---- contents ---- */

/* A file too large to be a unit counts by its size. */
static uint64_t hash_file(Fingerprinter *f, int dir_fd, const char *path, const char *name) {
        ssize_t n = fsat_read(dir_fd, path, f->buf, BUF_BYTES);

        return n < 0 ? hash_link(name, strerror((int) -n))
                     : fingerprint_text(name, f->buf, (size_t) n);
}

static uint64_t changed_usec(int dir_fd, const char *path) {
        struct stat st;

        if (fstatat(dir_fd, path, &st, 0) < 0)
                return 0;
        return timespec_usec(st.st_ctim);
}

/* What stands behind a link: a few sandbox profiles and plugins for any number of agents. */
static void add_link(Fingerprinter *f, const char *target, Fingerprint *ret) {
        struct FingerprintLink *l, spare;
        size_t i;

        for (i = 0; i < f->n_links && !streq(f->links[i].target, target); i++)
                ;
        l = i < ARRAY_SIZE(f->links) ? &f->links[i] : &spare;
        if (i == f->n_links) {
                *l = (struct FingerprintLink){ NULL, hash_file(f, f->root_fd, target + 1, target),
                                               changed_usec(f->root_fd, target + 1) };
                if (l != &spare) { /* the plan owns the text, and outlives a run of it */
                        l->target = target;
                        f->n_links++;
                }
        }
        ret->full += l->hash;
        ret->content_usec = MAX(ret->content_usec, l->changed_usec);
}

/* A unit that "systemctl edit --full" has put in place of ours. */
static void add_copy(Fingerprinter *f, const char *path, Fingerprint *ret) {
        ssize_t n = fsat_read(f->root_fd, path, f->buf, BUF_BYTES);

        if (n <= 0)
                return;
        ret->full += fingerprint_text(path, f->buf, (size_t) n);
        ret->content_usec = MAX(ret->content_usec, changed_usec(f->root_fd, path));
}

/*
 * By the times of content only: what is put in place of another changes the directory, too, and a
 * "chmod go-w", which validate proposes, changes nothing that an agent is made of.
 */
static uint64_t written_usec(int dir_fd, const char *path) {
        struct stat st;

        return fstatat(dir_fd, path, &st, 0) < 0 ? 0 : timespec_usec(st.st_mtim);
}

static void add_dropins(Fingerprinter *f, const char *agent, Fingerprint *ret) {
        for (size_t i = 0; i < ARRAY_SIZE(dropin_dirs); i++) {
                char path[PATH_MAX];
                struct dirent *entry;
                DIR *dir;
                int fd;

                snprintf(path, sizeof(path), "%s/%s.service", dropin_dirs[i], agent);
                add_copy(f, path, ret);
                strcat(path, ".d");
                fd = fsat_open_dir(f->root_fd, path);
                if (fd < 0)
                        continue;
                ret->content_usec = MAX(ret->content_usec, written_usec(f->root_fd, path));
                dir = fdopendir(fd);
                while (dir && (entry = readdir(dir)))
                        if (endswith(entry->d_name, ".conf")) {
                                ret->full += hash_file(f, dirfd(dir), entry->d_name, entry->d_name);
                                ret->content_usec = MAX(ret->content_usec,
                                                        written_usec(dirfd(dir), entry->d_name));
                        }
                if (dir)
                        closedir(dir);
                else
                        close(fd);
        }
}

/* Those of NAME@.service count for NAME@INST.service, too. */
static void add_template_dropins(Fingerprinter *f, const char *instance, Fingerprint *ret) {
        char template[256];

        snprintf(template, sizeof(template), "%.*s", (int) (name_instance(instance) - instance),
                 instance);
        add_dropins(f, template, ret);
}

/* ---- what is planned, what is loaded ---- */

/* An agent has other files, too: whether it starts at boot, a timer. They change no run. */
static bool is_of_service(const char *path, const char *agent) {
        const char *rest = startswith(path, agent);

        rest = rest ? startswith(rest, ".service") : NULL;
        return rest && (!*rest || startswith(rest, ".d/"));
}

void fingerprint_planned(Fingerprinter *f, const Plan *p, const char *agent, Fingerprint *ret) {
        *ret = (Fingerprint){ 0 };
        for (const PlanEntry *e = p->entries + p->n; e-- > p->entries && e->group == p->group;) {
                if (!is_of_service(e->path, agent))
                        continue;
                ret->rendered += e->is_link ? hash_link(e->path, e->data)
                                            : fingerprint_text(e->path, e->data, e->len);
                if (e->is_link)
                        add_link(f, e->data, ret);
        }
        if (ret->rendered == 0)
                return;
        add_dropins(f, agent, ret);
        if (name_instance(agent))
                add_template_dropins(f, agent, ret);
        ret->full += ret->rendered;
}

static uint64_t hash_loaded(Fingerprinter *f, int dir_fd, const char *name, const char *path) {
        ssize_t n = readlinkat(dir_fd, name, f->buf, BUF_BYTES - 1);

        if (n < 0)
                return hash_file(f, dir_fd, name, path);
        f->buf[n] = 0;
        return hash_link(path, f->buf);
}

void fingerprint_loaded(Fingerprinter *f, int loaded_fd, const char *agent, Fingerprint *ret) {
        char path[PATH_MAX];
        struct dirent *entry;
        DIR *dir;
        int fd;

        *ret = (Fingerprint){ 0 };
        snprintf(path, sizeof(path), "%s.service", agent);
        if (loaded_fd < 0 || faccessat(loaded_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return;
        ret->rendered = hash_loaded(f, loaded_fd, path, path);
        strcat(path, ".d");
        fd = fsat_open_dir(loaded_fd, path);
        dir = fd < 0 ? NULL : fdopendir(fd);
        while (dir && (entry = readdir(dir))) {
                if (*entry->d_name == '.')
                        continue;
                snprintf(path, sizeof(path), "%s.service.d/%s", agent, entry->d_name);
                ret->rendered += hash_loaded(f, dirfd(dir), entry->d_name, path);
        }
        if (dir)
                closedir(dir);
        else
                closep(&fd);
}
