/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a build says: each line without what looks like a key and without what a terminal would
 * obey, into the file that is kept, and the newest as progress. Bounded, whatever it says.
 */

#include <stdio.h>

#include "base/fsat.h"
#include "base/show.h"
#include "ftectl/shared/terminal.h"
#include "journal/redact.h"

#include "deploy.h"

#define KEPT_BYTES_MAX (4 << 20)
#define TAIL_LINES     15
#define LINE_BYTES_MAX 4096
#define SHOWN_BYTES    60

static void drop_first_line(StrBuf *b) {
        size_t n = strcspn(b->text, "\n") + 1;

        memmove(b->text, b->text + n, b->len - n + 1);
        b->len -= n;
}

static size_t count_lines(const StrBuf *b) {
        size_t n = 0;

        for (size_t i = 0; i < b->len; i++)
                n += b->text[i] == '\n';
        return n;
}

void sandbox_show_progress(Sandbox *s) {
        uint64_t sec = (now_usec() - s->begun_usec) / USEC_PER_SEC;
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (!isatty(STDERR_FILENO) || (sec == s->shown_sec && !s->is_news))
                return;
        s->shown_sec = sec;
        s->is_news = false;
        strbuf_addf(&b, "%s %llu s", s->word, (unsigned long long) sec);
        if (s->newest.len > 0) {
                strbuf_add(&b, ": ");
                show_text(&b, strbuf_text(&s->newest), SHOWN_BYTES);
        }
        progress_show(strbuf_text(&b));
}

static void take_line(Sandbox *s, const char *line, size_t len) {
        _cleanup_arena_ Arena arena = { 0 };
        const Redactor nothing_known = { .arena = &arena };
        _cleanup_strbuf_ StrBuf b = { 0 };

        redact_line(&nothing_known, line, len, &b);
        if (strbuf_check(&b) < 0)
                return;
        strbuf_reset(&s->newest);
        strbuf_add_bytes(&s->newest, strbuf_text(&b), b.len);
        s->is_news = true;
        strbuf_addc(&b, '\n');
        s->kept_bytes += b.len;
        if (s->log_fd >= 0 && s->kept_bytes < KEPT_BYTES_MAX)
                (void) fd_write_all(s->log_fd, strbuf_text(&b), b.len);
        strbuf_add_bytes(&s->tail, strbuf_text(&b), b.len);
        while (count_lines(&s->tail) > TAIL_LINES)
                drop_first_line(&s->tail);
}

/* All lines that are whole; at the end the rest, too. */
static void take_lines(Sandbox *s, bool end) {
        StrBuf *b = &s->pending;
        size_t done = 0;

        while (done < b->len) {
                const char *line = b->text + done, *stop = memchr(line, '\n', b->len - done);
                size_t n = stop ? (size_t) (stop - line) : b->len - done;

                if (!stop && !end && n < LINE_BYTES_MAX)
                        break;
                if (n > 0)
                        take_line(s, line, n);
                done += n + (stop != NULL);
        }
        if (done > 0) {
                memmove(b->text, b->text + done, b->len - done + 1);
                b->len -= done;
        }
}

int sandbox_take_output(Sandbox *s, int fd) {
        char buf[16384];

        for (unsigned i = 0; i < 64; i++) { /* then the caller looks at the job again */
                ssize_t n = read(fd, buf, sizeof(buf));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        return 1;
                if (n <= 0) {
                        take_lines(s, true);
                        return 0;
                }
                strbuf_add_bytes(&s->pending, buf, (size_t) n);
                if (strbuf_check(&s->pending) < 0)
                        return 0;
                take_lines(s, false);
        }
        return 1;
}
