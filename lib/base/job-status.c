/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * job-status.h: a row a key. Files are root's, in a directory of root's, and replaced as a whole.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/job-status.h"
#include "base/parse.h"
#include "base/strbuf.h"

#define NAME_BYTES 300

typedef struct Row {
        const char *key;
        size_t offset, text_bytes; /* 0: a number */
} Row;

static const Row run_rows[] = {
        { "success ", offsetof(JobRun, success_usec), 0 },
        { "ended ", offsetof(JobRun, ended_usec), 0 },
        { "status ", offsetof(JobRun, status), 0 },
        { "result ", offsetof(JobRun, result), sizeof(((JobRun *) NULL)->result) },
};

static const Row watch_rows[] = {
        { "since ", offsetof(JobWatch, since_usec), 0 },
        { "base ", offsetof(JobWatch, base_usec), 0 },
        { "schedule ", offsetof(JobWatch, schedule), 0 },
        { "due ", offsetof(JobWatch, due_usec), 0 },
        { "told ", offsetof(JobWatch, told_usec), 0 },
};

typedef struct Form {
        const char *suffix;
        const Row *rows;
        size_t n;
} Form;

static const Form run_form = { ".run", run_rows, ARRAY_SIZE(run_rows) };
static const Form watch_form = { ".watch", watch_rows, ARRAY_SIZE(watch_rows) };

static void take_line(const Form *f, const char *line, void *ret) {
        for (size_t i = 0; i < f->n; i++) {
                const char *value = startswith(line, f->rows[i].key);
                char *field = (char *) ret + f->rows[i].offset;

                if (value && f->rows[i].text_bytes > 0)
                        snprintf(field, f->rows[i].text_bytes, "%s", value);
                else if (value)
                        (void) parse_uint(value, UINT64_MAX - 1, (uint64_t *) field);
        }
}

static int form_read(const Form *f, int dir_fd, const char *agent, void *ret) {
        char name[NAME_BYTES], text[1024];
        _cleanup_close_ int fd = -EBADF;
        ssize_t n;

        if (snprintf(name, sizeof(name), "%s%s", agent, f->suffix) >= (int) sizeof(name))
                return -ENAMETOOLONG;
        fd = fsat_open_regular(dir_fd, name);
        n = fd < 0 ? fd : fsat_read_fd(fd, text, sizeof(text));
        if (n < 0)
                return (int) n;
        for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
                *end = 0;
                take_line(f, line, ret);
        }
        return 0;
}

static int form_write(const Form *f, int dir_fd, const char *agent, const void *from) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        char name[NAME_BYTES], part[NAME_BYTES + 8];
        int r;

        if (snprintf(name, sizeof(name), "%s%s", agent, f->suffix) >= (int) sizeof(name))
                return -ENAMETOOLONG;
        snprintf(part, sizeof(part), ".%s.part", name);
        for (size_t i = 0; i < f->n; i++) {
                const char *field = (const char *) from + f->rows[i].offset;

                strbuf_add(&b, f->rows[i].key);
                if (f->rows[i].text_bytes > 0)
                        strbuf_add(&b, field);
                else
                        strbuf_add_uint(&b, *(const uint64_t *) field);
                strbuf_addc(&b, '\n');
        }
        if (strbuf_check(&b) < 0)
                return -ENOMEM;
        r = fsat_create(dir_fd, part, &(FsatContent){ b.text, b.len, 0644, true });
        if (r == 0 && renameat(dir_fd, part, dir_fd, name) < 0)
                r = -errno;
        return r == 0 && fsync(dir_fd) < 0 ? -errno : r;
}

int job_run_read(int dir_fd, const char *agent, JobRun *ret) {
        JobRun run = { 0 };
        int r = form_read(&run_form, dir_fd, agent, &run);

        if (r == 0)
                *ret = run;
        return r;
}

int job_watch_read(int dir_fd, const char *agent, JobWatch *ret) {
        JobWatch watch = { 0 };
        int r = form_read(&watch_form, dir_fd, agent, &watch);

        if (r == 0)
                *ret = watch;
        return r;
}

int job_run_write(int dir_fd, const char *agent, const JobRun *run) {
        return form_write(&run_form, dir_fd, agent, run);
}

int job_watch_write(int dir_fd, const char *agent, const JobWatch *watch) {
        return form_write(&watch_form, dir_fd, agent, watch);
}
