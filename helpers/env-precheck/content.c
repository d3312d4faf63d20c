/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * content.h. The file is opened without following links and compared with the one that was
 * checked: between the two, whoever may write to its directory could have put another there.
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/env-file.h"
#include "content.h"

void content_done(Content *c) {
        if (c->text)
                explicit_bzero(c->text, c->len);
        free(c->text);
        *c = (Content){ 0 };
}

/* -EFBIG when the file is longer than an env file may be. */
static int read_fd(int fd, size_t size_bytes, Content *ret) {
        /* One byte more than is expected shows that the file has grown. */
        size_t room = MIN(size_bytes, ENV_FILE_MAX_BYTES) + 1;
        Content c = { .text = malloc(room) };

        if (!c.text)
                return -ENOMEM;
        while (c.len < room) {
                ssize_t n = read(fd, c.text + c.len, room - c.len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0) {
                        int r = -errno;

                        content_done(&c);
                        return r;
                }
                if (n == 0) {
                        *ret = c;
                        return 0;
                }
                c.len += (size_t) n;
        }
        content_done(&c);
        return size_bytes > ENV_FILE_MAX_BYTES - 1 ? -EFBIG : -EAGAIN;
}

/* The credential's path in buf, or false when none was passed. */
static bool credential_path(char *buf, size_t size_bytes) {
        const char *dir = getenv("CREDENTIALS_DIRECTORY");
        int n;

        if (isempty(dir))
                return false;
        n = snprintf(buf, size_bytes, "%s/env", dir);
        return n > 0 && (size_t) n < size_bytes && access(buf, F_OK) == 0;
}

/* original is NULL for the credential, which systemd made. */
static int open_and_read(const char *path, const struct stat *original, Content *ret) {
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (original && (st.st_dev != original->st_dev || st.st_ino != original->st_ino))
                return -EAGAIN;
        return read_fd(fd, st.st_size > 0 ? (size_t) st.st_size : 0, ret);
}

static void explain(const char *path, int error, StrBuf *problems) {
        strbuf_addf(problems, "%s: ", path);
        switch (error) {
        case EACCES:
        case EPERM:
                strbuf_add(problems, "this user may not read it, and systemd passed no credential "
                                     "\"env\"; start the service with systemctl, or change the "
                                     "file's owner to the service's user");
                break;
        case EFBIG:
                strbuf_addf(problems, "is larger than %zu bytes; this cannot be an env file",
                            ENV_FILE_MAX_BYTES);
                break;
        case EAGAIN:
        case ELOOP:
                strbuf_add(problems, "changed while it was read; start the service again");
                break;
        default:
                strbuf_addf(problems, "cannot be read: %s", strerror(error));
        }
        strbuf_addc(problems, '\n');
}

int content_read(const char *path, const struct stat *st, StrBuf *problems, Content *ret) {
        char credential[PATH_MAX];
        bool passed = credential_path(credential, sizeof(credential));
        int r = open_and_read(passed ? credential : path, passed ? NULL : st, ret);

        if (r == 0 || r == -ENOMEM)
                return r;
        explain(passed ? credential : path, -r, problems);
        return -EBADMSG;
}
