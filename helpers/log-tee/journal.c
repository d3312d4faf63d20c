/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The writing of journal.h. The stream is the agent's: besides its bytes there is nothing in it but
 * whole lines of ours.
 */

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

#include "journal.h"

/* A path may have 4096 bytes, and the buffer is there once per agent. */
#define PATH_SHOWN_BYTES_MAX 512
#define DOTS                 "..."

/* With less than that nothing can be told: others wait already. */
#define NOTE_BYTES_MIN 64

/* Should the descriptor be non-blocking, which its other owners decide, this waits all the same. */
static void write_all(Journal *j, const char *data, size_t len) {
        while (len > 0 && j->fd >= 0) {
                ssize_t n = write(j->fd, data, len);

                if (n >= 0) {
                        data += n;
                        len -= (size_t) n;
                } else if (errno == EAGAIN)
                        poll(&(struct pollfd){ .fd = j->fd, .events = POLLOUT }, 1, -1);
                else if (errno != EINTR) {
                        close(j->fd);
                        j->fd = -EBADF;
                }
        }
}

static void flush_note(Journal *j) {
        size_t len = j->note_len;

        j->note_len = 0;
        write_all(j, j->note, len);
}

void journal_write(Journal *j, const char *data, size_t len) {
        if (j->note_len > 0) {
                const char *end = memchr(data, '\n', len);

                if (end) {
                        size_t line_len = (size_t) (end - data) + 1;

                        write_all(j, data, line_len);
                        flush_note(j);
                        j->is_mid_line = false;
                        data += line_len;
                        len -= line_len;
                }
        }
        if (len == 0)
                return;
        write_all(j, data, len);
        j->is_mid_line = data[len - 1] != '\n';
}

/* The end of a long path, which tells more than its start. */
static const char *path_end(const char *path) {
        size_t len = strlen(path);

        if (len <= PATH_SHOWN_BYTES_MAX)
                return path;
        path += len - PATH_SHOWN_BYTES_MAX;
        while (((unsigned char) *path & 0xC0) == 0x80)
                path++; /* not within a character */
        return path;
}

/* Ends the text with dots in place of what did not fit. The new length. */
static size_t cut_text(char *text, size_t len) {
        len -= strlen(DOTS);
        while (len > 0 && ((unsigned char) text[len] & 0xC0) == 0x80)
                len--;
        memcpy(text + len, DOTS, strlen(DOTS));
        return len + strlen(DOTS);
}

void journal_note(Journal *j, int priority, const char *path, const char *format, ...) {
        char *note = j->note + j->note_len;
        size_t room = sizeof(j->note) - j->note_len, len, text_len;
        const char *shown = path_end(path);
        va_list ap;

        if (room < NOTE_BYTES_MIN)
                return;
        len = (size_t) snprintf(note, room, "<%d>fte-log-tee: %s%s: ", priority,
                                shown > path ? DOTS : "", shown);
        len = MIN(len, room - 1);
        va_start(ap, format);
        text_len = (size_t) vsnprintf(note + len, room - len, format, ap);
        va_end(ap);
        len = text_len < room - len ? len + text_len : cut_text(note, room - 1);
        note[len++] = '\n';
        j->note_len += len;
        if (!j->is_mid_line)
                flush_note(j);
}

void journal_finish(Journal *j) {
        if (j->note_len == 0)
                return;
        write_all(j, "\n", 1);
        flush_note(j);
}
