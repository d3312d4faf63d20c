/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * watch.h by inotify(7). Only names are looked at here; files are read by queue_scan().
 */

#include <stdio.h>
#include <sys/inotify.h>

#include "watch.h"

int watch_open(const char *spool) {
        _cleanup_close_ int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        _cleanup_strbuf_ StrBuf path = { 0 };

        strbuf_addf(&path, "%s/waiting", spool);
        if (fd < 0 || strbuf_check(&path) < 0 ||
            inotify_add_watch(fd, path.text, IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM |
                                                     IN_ONLYDIR) < 0)
                return -EIO;
        return TAKE_FD(fd);
}

static bool handle(const struct inotify_event *e, Queue *q) {
        Entry *known = e->len > 0 ? queue_find(q, e->name) : NULL;

        if (!(e->mask & (IN_DELETE | IN_MOVED_FROM)))
                return !known; /* also when events were lost */
        if (known && entry_is_waiting(known))
                queue_forget(q, known);
        return !known && q->n_stuck > 0; /* somebody has removed what was in the way */
}

bool watch_read(int fd, Queue *q) {
        char buffer[8192] __attribute__((aligned(__alignof__(struct inotify_event))));
        bool scan_needed = false;
        ssize_t n;

        while ((n = read(fd, buffer, sizeof(buffer))) > 0)
                for (const char *p = buffer; p < buffer + n;) {
                        const struct inotify_event *e = (const void *) p;

                        scan_needed = handle(e, q) || scan_needed;
                        p += sizeof(*e) + e->len;
                }
        return scan_needed;
}
