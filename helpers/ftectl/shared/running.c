/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * running.h: a line "NAME ID FINGERPRINT" an agent. Not kept across a reboot, for no run is.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fsat.h"
#include "base/scope.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "config/directive.h"

#include "running.h"

#define FILE_PATH  "run/fte/running"
#define FILE_BYTES ((size_t) 4 * 1024 * 1024)
/* The precheck takes 1 MiB, and so does systemd of a credential. */
#define SECRETS_BYTES ((size_t) 1024 * 1024 + 2)

bool run_find(int root_fd, const char *agent, char ret_id[static RUN_ID_BYTES],
              uint64_t *ret_start_usec) {
        char path[SCOPE_HOME_BYTES + 512], id[RUN_ID_BYTES + 1];
        struct stat st;
        ssize_t n;

        /* systemd makes it when the unit starts and removes it when it is inactive, from 236 on. */
        snprintf(path, sizeof(path), "%sinvocation:%s.service", scope->runs + 1, agent);
        n = readlinkat(root_fd, path, id, sizeof(id));
        if (n != RUN_ID_BYTES - 1 || fstatat(root_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return false;
        memcpy(ret_id, id, (size_t) n);
        ret_id[n] = 0;
        *ret_start_usec =
                timespec_usec(st.st_mtim);
        return true;
}

/* The index of agent, or where it belongs. */
static size_t position(const Running *r, const char *agent) {
        size_t low = 0, high = r->n;

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (strcmp(r->notes[middle].agent, agent) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static bool is_at(const Running *r, size_t i, const char *agent) {
        return i < r->n && streq(r->notes[i].agent, agent);
}

static int insert(Running *r, size_t i, const char *agent) {
        if (r->n == r->size) {
                size_t size = MAX(r->size * 2, (size_t) 64);
                RunNote *notes = realloc(r->notes, size * sizeof(*notes));

                if (!notes)
                        return -ENOMEM;
                r->notes = notes;
                r->size = size;
        }
        memmove(r->notes + i + 1, r->notes + i, (r->n - i) * sizeof(*r->notes));
        r->notes[i] = (RunNote){ .agent = arena_strdup(&r->arena, agent) };
        r->n++;
        return r->notes[i].agent ? 0 : -ENOMEM;
}

int running_note(Running *r, const char *agent, const char *id, uint64_t full) {
        size_t i = position(r, agent);
        int k = 0;

        if (!*id) {
                if (is_at(r, i, agent)) {
                        memmove(r->notes + i, r->notes + i + 1, (--r->n - i) * sizeof(*r->notes));
                        r->changed = true;
                }
                return 0;
        }
        if (!is_at(r, i, agent))
                k = insert(r, i, agent);
        if (k < 0)
                return k;
        if (streq(r->notes[i].id, id) && r->notes[i].full == full)
                return 0;
        snprintf(r->notes[i].id, sizeof(r->notes[i].id), "%s", id);
        r->notes[i].full = full;
        r->changed = true;
        return 0;
}

const RunNote *running_find(const Running *r, const char *agent, const char *id) {
        size_t i = position(r, agent);

        return is_at(r, i, agent) && streq(r->notes[i].id, id) ? &r->notes[i] : NULL;
}

RunChange running_compare(const Running *r, const char *agent, const RunFacts *f) {
        const RunNote *note = *f->id ? running_find(r, agent, f->id) : NULL;
        uint64_t content_usec = f->planned->content_usec;
        RunChange change = RUN_UNCHANGED;

        if (!note || note->full != f->planned->full) {
                if (f->planned->rendered != f->loaded->rendered)
                        return RUN_CONFIG;
                if (note)
                        return RUN_CONTENT;
                if (f->start_usec >= f->reload_usec)
                        change = content_usec > f->reload_usec ? RUN_CONTENT : RUN_UNCHANGED;
                else if (MAX(f->newest_usec, content_usec) > f->start_usec)
                        change = RUN_NEWER;
        }
        if (f->start_usec == 0)
                return RUN_UNCHANGED;
        return change == RUN_UNCHANGED && f->env_usec > f->start_usec ? RUN_ENV : change;
}

uint64_t run_changed_usec(const struct stat *st) {
        return MAX(timespec_usec(st->st_mtim),
                   timespec_usec(st->st_ctim));
}

static uint64_t file_usec(int root_fd, const char *path) {
        struct stat st;

        return fstatat(root_fd, path + 1, &st, 0) < 0 ? 0 : run_changed_usec(&st);
}

void run_files(int root_fd, const Agent *a, RunFiles *ret) {
        RunFiles files = { .newest = a->place.file,
                           .newest_usec = file_usec(root_fd, a->place.file) };
        const char *last = a->place.file;

        /* What concerns the host alone, [SSH] and [Firewall], is no part of a run. */
        for (size_t i = 0; i < n_directives && directives[i].section < SECTION_HOST; i++) {
                const char *file = a->places[i].file;
                uint64_t usec;

                if (!file || file == last)
                        continue;
                last = file;
                usec = file_usec(root_fd, file);
                if (usec <= files.newest_usec)
                        continue;
                files.newest_usec = usec;
                files.newest = file;
        }
        files.env_usec = agent_has_env_file(a) ? file_usec(root_fd, a->env_file) : 0;
        *ret = files;
}

/* A regular file; elsewhere than where an agent could write, links are followed. */
static ssize_t read_regular(int root_fd, const char *path, int flags, char *buf) {
        _cleanup_close_ int fd =
                openat(root_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        return S_ISREG(st.st_mode) ? fsat_read_fd(fd, buf, SECRETS_BYTES) : -EINVAL;
}

static bool env_is_as_given(int root_fd, const Agent *a) {
        char *buf = malloc(2 * SECRETS_BYTES), given[SCOPE_HOME_BYTES + 512];
        ssize_t n, k = -ENOMEM;

        if (!buf)
                return false;
        snprintf(given, sizeof(given), "%s%s.service/env", scope->credentials + 1, a->name);
        n = read_regular(root_fd, given, O_NOFOLLOW, buf);
        if (n >= 0)
                k = read_regular(root_fd, a->env_file + 1, 0, buf + SECRETS_BYTES);
        k = n >= 0 && n == k ? memcmp(buf, buf + SECRETS_BYTES, (size_t) n) : -1;
        explicit_bzero(buf, 2 * SECRETS_BYTES);
        free(buf);
        return k == 0;
}

uint64_t run_env_usec(int root_fd, const Agent *a, uint64_t changed_usec, uint64_t start_usec) {
        if (changed_usec <= start_usec || !agent_has_env_file(a) || a->env_encrypted)
                return changed_usec;
        return env_is_as_given(root_fd, a) ? 0 : changed_usec;
}

uint64_t run_reload_usec(int loaded_fd) {
        struct stat st;

        return loaded_fd < 0 || fstat(loaded_fd, &st) < 0 ? 0 : run_changed_usec(&st);
}

static int parse_line(Running *r, const char *line) {
        char agent[256], id[RUN_ID_BYTES];
        unsigned long long full;

        if (sscanf(line, "%255s %32s %llx", agent, id, &full) != 3 ||
            strlen(id) != RUN_ID_BYTES - 1)
                return 0;
        return running_note(r, agent, id, full);
}

int running_read(Running *r, int root_fd) {
        _cleanup_free_ char *text = malloc(FILE_BYTES);
        int k = 0;

        *r = (Running){ 0 };
        if (!text)
                return -ENOMEM;
        if (fsat_read(root_fd, FILE_PATH, text, FILE_BYTES) < 0)
                return 0;
        for (char *line = text, *end; *line && k >= 0; line = end) {
                end = line + strcspn(line, "\n");
                if (*end)
                        *end++ = 0;
                k = parse_line(r, line);
        }
        r->changed = false;
        return k;
}

void running_done(Running *r) {
        free(r->notes);
        arena_done(&r->arena);
        *r = (Running){ 0 };
}

int running_write(Running *r, int root_fd) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        int k;

        if (!r->changed)
                return 0;
        for (size_t i = 0; i < r->n; i++)
                strbuf_addf(&b, "%s %s %llx\n", r->notes[i].agent, r->notes[i].id,
                            (unsigned long long) r->notes[i].full);
        k = strbuf_check(&b);
        if (k == 0)
                k = tree_make_parents(root_fd, FILE_PATH);
        if (k == 0)
                k = fsat_create(root_fd, FILE_PATH ".new",
                                &(FsatContent){ strbuf_text(&b), b.len, 0644, false });
        if (k < 0)
                return k;
        if (renameat(root_fd, FILE_PATH ".new", root_fd, FILE_PATH) < 0)
                return -errno;
        r->changed = false;
        return 0;
}
