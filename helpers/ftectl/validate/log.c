/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whether what the agent prints arrives in both places: a line of this run that the journal has is
 * looked for in the log file. An agent that is silent is asked for its health, which most servers
 * log. No line is ever quoted: it could hold a secret. And the sizes of the log files.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>
#include <time.h>

#include "base/clock.h"
#include "base/fsat.h"
#include "base/parse.h"
#include "health-gate/report.h"
#include "journal/journal.h"

#include "ftectl/shared/terminal.h"
#include "validate.h"

#define TAIL_BYTES    ((size_t) 512 * 1024)
#define LOOKED_AT_MAX 300 /* entries of the run, newest first */
#define TRIES         4
#define SYNC_USEC     (300 * USEC_PER_MSEC)
#define LAG_USEC      (2 * USEC_PER_SEC) /* between the file and the journal */

/* ---- the file ---- */

/* The end of the log file, terminated; malloc'ed. */
static int read_tail(const Subject *s, char **ret, struct stat *ret_st) {
        _cleanup_close_ int fd = fsat_open_regular(s->run->root_fd, subject_log_file(s) + 1);
        _cleanup_free_ char *text = NULL;
        size_t n = 0;
        off_t from;

        if (fd < 0)
                return fd;
        if (fstat(fd, ret_st) < 0)
                return -errno;
        text = malloc(TAIL_BYTES + 1);
        if (!text)
                return -ENOMEM;
        from = ret_st->st_size > (off_t) TAIL_BYTES ? ret_st->st_size - (off_t) TAIL_BYTES : 0;
        while (n < TAIL_BYTES) {
                ssize_t k = pread(fd, text + n, TAIL_BYTES - n, from + (off_t) n);

                if (k < 0)
                        return -errno;
                if (k == 0)
                        break;
                n += (size_t) k;
        }
        for (size_t i = 0; i < n; i++)
                text[i] = text[i] ? text[i] : ' ';
        text[n] = 0;
        *ret = TAKE_PTR(text);
        return 0;
}

/* As a whole line; journald takes white space off its end. */
static bool has_line(const char *text, const char *line, size_t len) {
        for (const char *p = text; (p = memmem(p, strlen(p), line, len)); p++) {
                const char *end = p + len + strspn(p + len, " \t\r");

                if ((p == text || p[-1] == '\n') && (*end == '\n' || !*end))
                        return true;
        }
        return false;
}

/* ---- the journal ---- */

static int open_journal(const Subject *s, sd_journal **ret) {
        const char *directory;
        sd_journal *j = NULL;
        int r;

        directory = *s->run->args->root ? arena_printf((Arena *) &s->arena, "%s/var/log/journal",
                                                       s->run->args->root)
                                        : NULL;
        r = directory ? sd_journal_open_directory(&j, directory, 0)
                      : sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);
        if (r >= 0)
                *ret = j;
        return r;
}

static bool field_is(sd_journal *j, const char *field, const char *value) {
        size_t len, n = strlen(field);
        const void *data;

        return sd_journal_get_data(j, field, &data, &len) >= 0 && len == n + 1 + strlen(value) &&
               memcmp((const char *) data + n + 1, value, strlen(value)) == 0;
}

/*
 * The same words may stand there from an earlier run, so the file must have changed in this one,
 * and since the newest line was printed.
 */
static int look_at_journal(Subject *s, const char *text, uint64_t changed_usec) {
        const char *match =
                arena_printf(&s->arena, "_SYSTEMD_INVOCATION_ID=%s", s->unit.invocation);
        sd_journal *j = NULL;
        LogLook *l = &s->log;
        int r = match && *s->unit.invocation ? open_journal(s, &j) : -ENODATA;

        l->n_journal = 0;
        if (r >= 0)
                r = sd_journal_add_match(j, match, 0);
        if (r >= 0)
                r = sd_journal_seek_tail(j);
        for (size_t i = 0; r >= 0 && i < LOOKED_AT_MAX && l->both_usec == 0; i++) {
                const size_t prefix = strlen("MESSAGE=");
                const void *data;
                uint64_t usec;
                size_t len;

                r = sd_journal_previous(j);
                if (r <= 0)
                        break;
                if (sd_journal_get_realtime_usec(j, &usec) < 0 ||
                    !field_is(j, "_TRANSPORT", "stdout") ||
                    !field_is(j, "SYSLOG_IDENTIFIER", s->name) ||
                    sd_journal_get_data(j, "MESSAGE", &data, &len) < 0 || len <= prefix)
                        continue;
                l->n_journal++;
                if (!text || usec > changed_usec + LAG_USEC ||
                    changed_usec < s->unit.main_start_usec)
                        break;
                if (has_line(text, (const char *) data + prefix, len - prefix))
                        l->both_usec = usec;
        }
        sd_journal_close(j);
        return MIN(r, 0);
}

/* ---- both ---- */

static void sync_journal(void) {
        int fd = journal_sync_start();

        if (fd < 0)
                return;
        journal_sync_wait(fd, SYNC_USEC);
        close(fd);
}

static uint64_t mtime_usec(const struct stat *st) {
        return timespec_usec(st->st_mtim);
}

static bool is_enough(const Subject *s) {
        return s->log.both_usec > 0 || (!*subject_log_file(s) && s->log.n_journal > 0);
}

static const LogLook *look(Subject *s) {
        const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
        LogLook *l = &s->log;

        for (unsigned i = 0; i < TRIES && !l->done && !is_enough(s); i++) {
                _cleanup_free_ char *text = NULL;
                char said[REPORT_MAX_BYTES];
                struct stat st;

                if (i == 1 && s->agent.health_url && l->n_journal == 0)
                        subject_probe(s, said);
                if (i > 0) {
                        nanosleep(&pause, NULL);
                        sync_journal();
                }
                l->file_error = *subject_log_file(s) ? read_tail(s, &text, &st) : 0;
                if (text)
                        l->file_grew = st.st_size > 0 && mtime_usec(&st) >= s->unit.main_start_usec;
                l->journal_error = look_at_journal(s, text, text ? mtime_usec(&st) : 0);
        }
        l->done = true;
        return l;
}

static const char *time_text(Subject *s, uint64_t usec) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        show_time(&b, usec);
        return arena_strdup(&s->arena, strbuf_text(&b));
}

static const char silent[] =
        "it has printed nothing since its start, not even about a health check";

void check_log_line(Subject *s, Finding *f) {
        const char *file = subject_log_file(s);
        const LogLook *l;

        if (!*file || !unit_is_active(s)) {
                finding_skip(s, f, *file ? "it does not run" : "[Logging] File=none");
                return;
        }
        l = look(s);
        if (l->file_error < 0) {
                finding_bad(s, f, "a log file", "%s: %s", file, strerror(-l->file_error));
                finding_fix_override(s, f, "ExecStart");
        } else if (l->both_usec > 0)
                finding_good(s, f, "a line that it printed at %s is in %s",
                             time_text(s, l->both_usec), file);
        else if (l->n_journal > 0) {
                const char *override = subject_override(s, "ExecStart");

                finding_bad(s, f, arena_printf(&s->arena, "all that it prints in %s", file),
                            "the journal has lines of this run, and %s none of them%s%s", file,
                            override ? "; see " : "", override ? override : "");
                finding_fix_override(s, f, "ExecStart");
        } else if (l->file_grew)
                finding_good(s, f, "%s was written to since its start", file);
        else
                finding_skip(s, f, "%s", silent);
}

void check_journal_line(Subject *s, Finding *f) {
        const LogLook *l;

        if (!unit_is_active(s)) {
                finding_skip(s, f, "it does not run");
                return;
        }
        l = look(s);
        if (l->journal_error < 0)
                finding_bad(s, f, "a journal that can be read", "%s", strerror(-l->journal_error));
        else if (l->both_usec > 0)
                finding_good(s, f, "the same line of %s as in the file",
                             time_text(s, l->both_usec));
        else if (l->n_journal > 0)
                finding_good(s, f, "lines of this run");
        else if (l->file_grew) {
                const char *override = subject_override(s, "StandardOutput");

                finding_bad(s, f, "what it prints in the journal too",
                            "the log file was written to since its start, and the journal has no "
                            "line%s%s",
                            override ? "; see " : "", override ? override : "");
                finding_fix_override(s, f, "StandardOutput");
        } else
                finding_skip(s, f, "%s", silent);
}

/* ---- NFR-004 ---- */

/* NAME.N or NAME.N.zst; 0 for anything else. */
static uint64_t number_of(const char *entry, const char *name) {
        const char *rest = startswith(entry, name), *end;
        char digits[16];
        uint64_t n;

        if (!rest || *rest++ != '.')
                return 0;
        end = endswith(rest, ".zst");
        if (snprintf(digits, sizeof(digits), "%.*s", (int) (end ? end - rest : (long) strlen(rest)),
                     rest) >= (int) sizeof(digits))
                return 0;
        return parse_uint(digits, UINT32_MAX, &n) == 0 ? n : 0;
}

static void judge_file(Subject *s, Finding *f, int dir_fd, const char *name, uint64_t *total) {
        struct stat st;

        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
                return;
        *total += (uint64_t) st.st_size;
        if ((uint64_t) st.st_size > s->agent.log_max_bytes)
                finding_bad(s, f,
                            arena_printf(&s->arena, "at most MaxSize=%llu bytes each",
                                         (unsigned long long) s->agent.log_max_bytes),
                            "%s has %llu bytes", name, (unsigned long long) st.st_size);
}

void check_log_size(Subject *s, Finding *f) {
        const char *file = subject_log_file(s), *slash = strrchr(file, '/');
        uint64_t total = 0;
        struct dirent *entry;
        size_t n = 0;
        DIR *dir;
        int fd;

        if (!slash) {
                finding_skip(s, f, "[Logging] File=none");
                return;
        }
        fd = openat(s->run->root_fd,
                    arena_strndup(&s->arena, file + 1, (size_t) (slash - file - 1)),
                    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir) {
                finding_bad(s, f, "a directory of logs", "%s: %s", file, strerror(errno));
                closep(&fd);
                return;
        }
        judge_file(s, f, fd, slash + 1, &total);
        while ((entry = readdir(dir))) {
                uint64_t k = number_of(entry->d_name, slash + 1);

                if (k == 0)
                        continue;
                n++;
                judge_file(s, f, fd, entry->d_name, &total);
                if (k > s->agent.log_keep) {
                        finding_bad(s, f,
                                    arena_printf(&s->arena, "Keep=%llu of them",
                                                 (unsigned long long) s->agent.log_keep),
                                    "%s is beyond", entry->d_name);
                        finding_fix(s, f, "rm -f {1}",
                                    arena_printf(&s->arena, "%.*s/%s", (int) (slash - file), file,
                                                 entry->d_name));
                }
        }
        closedir(dir);
        if (f->verdict == VERDICT_NOT_RUN)
                finding_good(s, f, "%llu bytes, and %zu older files of at most %llu",
                             (unsigned long long) total, n, (unsigned long long) s->agent.log_keep);
}
