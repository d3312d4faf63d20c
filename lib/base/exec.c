/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * exec_or_explain() of exec.h. Everything behind the failed execve() looks at the file again to
 * find the cause; a race there can only spoil a message. Must not log: the caller knows how.
 */

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/exec.h"

/* What systemd itself would search; POSIX leaves the default open. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const char *path_of(char *const *envp) {
        for (; envp && *envp; envp++) {
                const char *value = startswith(*envp, "PATH=");

                if (value)
                        return value;
        }
        return DEFAULT_PATH;
}

int exec_read_interpreter(const char *file, char *buf, size_t size_bytes) {
        _cleanup_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        ssize_t n = fd < 0 ? -1 : read(fd, buf, size_bytes - 1);
        const char *name;
        size_t len;

        if (n < 0)
                return -errno;
        if (n >= SELFMAG && memcmp(buf, ELFMAG, SELFMAG) == 0)
                return -ENOTSUP;
        if (n < 3 || buf[0] != '#' || buf[1] != '!')
                return -ENOEXEC;
        buf[n] = 0;
        name = buf + 2 + strspn(buf + 2, " \t");
        len = strcspn(name, " \t\n");
        if (len == 0)
                return -ENOEXEC;
        memmove(buf, name, len);
        buf[len] = 0;
        return 0;
}

static void explain_missing(const char *file, StrBuf *reason) {
        char name[256];

        if (exec_read_interpreter(file, name, sizeof(name)) < 0) {
                strbuf_add(reason, "needs a program loader (ld.so) that is not installed; "
                                   "was it built for another distribution or machine?");
                return;
        }
        if (endswith(name, "\r")) {
                strbuf_add(reason, "is a script whose first line ends in CR LF; end lines with LF");
                return;
        }
        strbuf_addf(reason, "is a script whose interpreter %s cannot be found; "
                            "install that, or correct the script's first line", name);
}

static void explain_denied(const char *file, const struct stat *st, StrBuf *reason) {
        struct statvfs fs;
        char name[256];

        if (S_ISDIR(st->st_mode))
                strbuf_add(reason, "is a directory");
        else if (!S_ISREG(st->st_mode))
                strbuf_add(reason, "is not a regular file");
        else if (statvfs(file, &fs) == 0 && (fs.f_flag & ST_NOEXEC))
                strbuf_add(reason, "is on a file system mounted noexec");
        else if (!(st->st_mode & 0111))
                strbuf_add(reason, "is not executable; chmod +x");
        else if (access(file, X_OK) < 0)
                strbuf_add(reason, "is not executable for this user; see its owner and mode");
        else if (exec_read_interpreter(file, name, sizeof(name)) == 0)
                strbuf_addf(reason, "is a script whose interpreter %s may not be executed", name);
        else
                strbuf_addf(reason, "may not be executed: %s", strerror(EACCES));
}

/* error is what execve() of file said. */
static int explain(const char *file, int error, StrBuf *reason) {
        struct stat st;

        if (stat(file, &st) < 0) {
                bool missing = errno == ENOENT || errno == ENOTDIR;

                strbuf_add(reason, missing ? "does not exist"
                                   : errno == EACCES
                                           ? "is in a directory that this user may not enter"
                                           : strerror(errno));
                return missing ? 127 : 126;
        }
        if (error == ENOENT)
                explain_missing(file, reason);
        else if (error == EACCES)
                explain_denied(file, &st, reason);
        else if (error == ENOEXEC)
                strbuf_add(reason, st.st_size == 0
                                           ? "is an empty file"
                                           : "is no program for this machine, nor a script with "
                                             "a #! line");
        else if (error == E2BIG)
                strbuf_add(reason, "does not start: its arguments and environment are too large");
        else
                strbuf_addf(reason, "does not start: %s", strerror(error));
        return 126;
}

/* Tries each directory of path; a file that may not be executed is only final when none may. */
static int search(char *const *argv, char *const *envp, const char *path, StrBuf *reason) {
        char file[PATH_MAX], denied[PATH_MAX] = "";

        for (;;) {
                size_t n = strcspn(path, ":");
                int len = snprintf(file, sizeof(file), "%.*s%s%s", (int) n, path, n ? "/" : "",
                                   argv[0]);
                int error;

                if (len < (int) sizeof(file)) {
                        execve(file, argv, envp);
                        error = errno;
                        if (access(file, F_OK) < 0)
                                error = 0; /* not here, or in a directory that is closed to us */
                        else if (error != EACCES)
                                return explain(file, error, reason);
                        else if (!*denied)
                                memcpy(denied, file, (size_t) len + 1);
                }
                path += n;
                if (!*path++)
                        break;
        }
        if (*denied)
                return explain(denied, EACCES, reason);
        strbuf_add(reason, "is in no directory of PATH; write its full path");
        return 127;
}

int exec_or_explain(char *const *argv, char *const *envp, StrBuf *reason) {
        if (!*argv[0]) {
                strbuf_add(reason, "is an empty name");
                return 127;
        }
        if (!strchr(argv[0], '/'))
                return search(argv, envp, path_of(envp), reason);
        execve(argv[0], argv, envp);
        return explain(argv[0], errno, reason);
}
