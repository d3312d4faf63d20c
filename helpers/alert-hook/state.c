/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The file of state.h: lines of words, "-" for an empty one. Not synced: what a power failure takes
 * costs an alert that is told twice, and syncing would cost every failure its time.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/parse.h"
#include "state.h"

#define FORM "state=1"

/* Held by this agent's own hooks alone: when it is started and stopped quickly, by two or three. */
#define LOCK_WAIT_USEC (500 * USEC_PER_MSEC)

bool state_exists(const char *spool_path, const char *agent) {
        char path[4096];
        struct stat st;

        snprintf(path, sizeof(path), "%s/state/%s", spool_path, agent);
        return lstat(path, &st) == 0;
}

int state_open(Spool *s, const char *agent, StateFile *ret) {
        char lock[256];
        StateFile f = { .agent = agent, .dir_fd = -EBADF, .lock_fd = -EBADF };
        int r;

        if (mkdirat(s->dir_fd, "state", 0700) < 0 && errno != EEXIST)
                return -errno;
        f.dir_fd = openat(s->dir_fd, "state", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (f.dir_fd < 0)
                return -errno;
        snprintf(lock, sizeof(lock), ".lock-%s", agent);
        f.lock_fd = openat(f.dir_fd, lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
                           0600);
        r = f.lock_fd < 0 ? -errno : fsat_lock(f.lock_fd, LOCK_WAIT_USEC);
        /* A count too many or too few is better than no alert. */
        if (r < 0 && r != -EAGAIN) {
                state_close(&f);
                return r;
        }
        *ret = f;
        return 0;
}

void state_close(StateFile *f) {
        closep(&f->dir_fd);
        closep(&f->lock_fd); /* and unlocks */
        f->dir_fd = f->lock_fd = -EBADF;
}

/* ---- text ---- */

static const char *or_dash(const char *s) {
        return *s ? s : "-";
}

void state_format(const State *s, StrBuf *b) {
        strbuf_add(b, FORM "\n");
        strbuf_addf(b, "outage %llu %d\n", (unsigned long long) s->outage_usec, s->outage_told);
        strbuf_addf(b, "recovery %s\n", or_dash(s->recovery));
        strbuf_addf(b, "restart %s %s\n", or_dash(s->restart), or_dash(s->restart_invocation));
        for (size_t i = 0; i < s->n_told; i++) {
                const Told *t = &s->told[i];

                strbuf_addf(b, "told %s %s %llu %llu %s\n", alert_kind_to_string(t->kind),
                            or_dash(t->cause), (unsigned long long) t->told_usec,
                            (unsigned long long) t->count, or_dash(t->summary));
        }
        strbuf_add(b, "end\n");
}

static int read_text(const char *word, char *field, size_t size) {
        if (!word || strlen(word) >= size)
                return -EBADMSG;
        strcpy(field, streq(word, "-") ? "" : word);
        return 0;
}

static int read_number(const char *word, uint64_t *ret) {
        return word && parse_uint(word, UINT64_MAX, ret) == 0 ? 0 : -EBADMSG;
}

static int read_outage(char **words, State *s) {
        uint64_t told;

        if (read_number(words[0], &s->outage_usec) < 0 || read_number(words[1], &told) < 0)
                return -EBADMSG;
        s->outage_told = told != 0;
        return 0;
}

static int read_recovery(char **words, State *s) {
        return read_text(words[0], s->recovery, sizeof(s->recovery));
}

static int read_restart(char **words, State *s) {
        if (read_text(words[0], s->restart, sizeof(s->restart)) < 0)
                return -EBADMSG;
        return read_text(words[1], s->restart_invocation, sizeof(s->restart_invocation));
}

static int read_told(char **words, State *s) {
        Told *t = &s->told[s->n_told];

        if (s->n_told == CAUSES_MAX || !words[0])
                return -EBADMSG;
        t->kind = alert_kind_from_string(words[0]);
        if (t->kind == _ALERT_KIND_MAX || read_text(words[1], t->cause, sizeof(t->cause)) < 0 ||
            read_number(words[2], &t->told_usec) < 0 || read_number(words[3], &t->count) < 0 ||
            read_text(words[4], t->summary, sizeof(t->summary)) < 0)
                return -EBADMSG;
        s->n_told++;
        return 0;
}

static const struct {
        const char *word;
        int (*read)(char **words, State *s);
} rows[] = {
        { "outage", read_outage },
        { "recovery", read_recovery },
        { "restart", read_restart },
        { "told", read_told },
};

static int read_line(char *line, State *s) {
        char *words[8] = { NULL };
        size_t n = 0;

        while (n + 1 < ARRAY_SIZE(words) && (words[n] = strsep(&line, " ")))
                n++;
        for (size_t i = 0; n > 0 && i < ARRAY_SIZE(rows); i++)
                if (streq(rows[i].word, words[0]))
                        return rows[i].read(words + 1, s);
        return -EBADMSG;
}

int state_parse(char *text, State *ret) {
        State s = { 0 };
        char *line = strsep(&text, "\n");

        if (!line || !streq(line, FORM))
                return -EBADMSG;
        while ((line = strsep(&text, "\n")) && !streq(line, "end"))
                if (read_line(line, &s) < 0)
                        return -EBADMSG;
        if (!line)
                return -EBADMSG;
        *ret = s;
        return 0;
}

/* ---- the file ---- */

void state_load(const StateFile *f, State *ret) {
        _cleanup_close_ int fd = fsat_open_regular(f->dir_fd, f->agent);
        char text[STATE_BYTES_MAX];

        *ret = (State){ 0 };
        if (fd >= 0 && fsat_read_fd(fd, text, sizeof(text)) >= 0)
                (void) state_parse(text, ret);
}

static bool is_empty(const State *s) {
        return s->outage_usec == 0 && s->n_told == 0 && !*s->recovery;
}

int state_save(const StateFile *f, const State *s) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        char temporary[256];
        int r;

        if (is_empty(s))
                return unlinkat(f->dir_fd, f->agent, 0) < 0 && errno != ENOENT ? -errno : 0;
        state_format(s, &b);
        if (strbuf_check(&b) < 0)
                return -ENOMEM;
        snprintf(temporary, sizeof(temporary), ".new-%s", f->agent);
        r = fsat_create(f->dir_fd, temporary, &(FsatContent){ b.text, b.len, 0600, false });
        if (r == 0 && renameat(f->dir_fd, temporary, f->dir_fd, f->agent) < 0)
                r = -errno;
        return r;
}
