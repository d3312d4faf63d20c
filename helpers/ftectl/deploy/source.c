/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The source of a deployment as a file of root's alone, whose sum and time make the release's name.
 * Nothing in it is looked at here: that is for the sandbox.
 */

#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/fsat.h"
#include "base/log.h"
#include "base/parse.h"
#include "config.h"
#include "ftectl/shared/terminal.h"

#include "deploy.h"

#define HELPER          FTE_LIBEXECDIR "/fte-release"
#define SOURCE_NAME     WORK_NAME "/source"
#define SUM_BYTES       32
#define RESERVE_BYTES   (UINT64_C(256) << 20) /* of free space that a deployment leaves alone … */
#define RESERVE_DIVISOR 20                    /* … or that part of a small file system */

/* ---- room ---- */

bool deploy_has_room(const Deploy *d, uint64_t bytes) {
        struct statvfs v;
        uint64_t reserve;

        if (fstatvfs(d->store.releases_fd, &v) < 0)
                return true;
        reserve = MIN(RESERVE_BYTES, (uint64_t) v.f_blocks * v.f_frsize / RESERVE_DIVISOR);
        return (uint64_t) v.f_bavail * v.f_frsize >= bytes + reserve;
}

/* ---- copying and summing ---- */

typedef struct Copier {
        Deploy *deploy;
        const char *source;
        int in_fd, out_fd;
        EVP_MD_CTX *sum;
        uint64_t bytes;
} Copier;

static int complain(const char *source, const char *why) {
        log_line(LOG_ERR, "%s: %s; nothing was deployed",
                 streq(source, "-") ? "standard input" : source, why);
        return -EINVAL;
}

static int take_block(Copier *c, const char *data, size_t len) {
        const Agent *a = &c->deploy->agent;
        int r;

        c->bytes += len;
        if (c->bytes > a->deploy_max_bytes)
                return complain(c->source, "is larger than MaxSize= of [Deploy] allows");
        if (!deploy_has_room(c->deploy, len))
                return complain(c->source, "there is too little room on the disk of /opt");
        if (EVP_DigestUpdate(c->sum, data, len) != 1)
                return complain(c->source, "cannot be summed");
        r = fd_write_all(c->out_fd, data, len);
        return r < 0 ? complain(c->source, strerror(-r)) : 0;
}

/* More to read, its end, or an error: 1; a signal: -EINTR. What comes by a pipe may take long. */
static int wait_for_input(int fd) {
        struct pollfd p = { .fd = fd, .events = POLLIN };

        for (;;) {
                int n;

                apply_signals(true);
                n = poll(&p, 1, 200);
                apply_signals(false);
                if (apply_interrupted)
                        return -EINTR;
                if (n > 0)
                        return 1;
        }
}

static int copy(Copier *c) {
        static char buf[1 << 18];

        for (;;) {
                ssize_t n;
                int r = wait_for_input(c->in_fd);

                if (r < 0)
                        return r;
                n = read(c->in_fd, buf, sizeof(buf));
                if (n < 0 && (errno == EINTR || errno == EAGAIN))
                        continue;
                if (n < 0)
                        return complain(c->source, strerror(errno));
                if (n == 0)
                        return c->bytes > 0 ? 0 : complain(c->source, "is empty");
                r = take_block(c, buf, (size_t) n);
                if (r < 0)
                        return r;
        }
}

static void name_release(Deploy *d, const unsigned char sum[static SUM_BYTES]) {
        char hex[2 * SUM_BYTES + 1];
        char stamp[FORMAT_STAMP_BYTES];
        uint64_t now;

        for (size_t i = 0; i < SUM_BYTES; i++)
                snprintf(hex + 2 * i, 3, "%02x", sum[i]);
        d->release.sha256 = arena_strdup(&d->arena, hex);
        do { /* two in one second have two names */
                if (*d->release.id)
                        usleep(100000);
                now = clock_usec(CLOCK_REALTIME);
                format_stamp(now, stamp);
                snprintf(d->release.id, RELEASE_ID_BYTES, "%s-%.12s", stamp, hex);
        } while (store_has(&d->store, d->release.id));
        d->release.time_usec = now / USEC_PER_SEC * USEC_PER_SEC;
}

static int copy_and_name(Copier *c) {
        unsigned char sum[SUM_BYTES];
        int r = -ENOMEM;

        c->sum = EVP_MD_CTX_new();
        if (c->sum && EVP_DigestInit_ex(c->sum, EVP_sha256(), NULL) == 1)
                r = copy(c);
        if (r == 0 && EVP_DigestFinal_ex(c->sum, sum, NULL) != 1)
                r = complain(c->source, "cannot be summed");
        EVP_MD_CTX_free(c->sum);
        if (r == 0)
                name_release(c->deploy, sum);
        return r;
}

/* ---- where it comes from ---- */

/* What is packed while it is copied. Its messages are its own. */
static int open_directory(const Deploy *d, const char *path, pid_t *ret_pid) {
        char max[48];
        const char *helper = getenv("FTE_RELEASE_HELPER") && *d->args->root
                                     ? getenv("FTE_RELEASE_HELPER")
                                     : HELPER;
        const char *argv[] = { helper, "pack", max, path, NULL };
        int fds[2];

        snprintf(max, sizeof(max), "--max-bytes=%llu",
                 (unsigned long long) d->agent.deploy_max_bytes);
        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        *ret_pid = fork();
        if (*ret_pid == 0) {
                (void) dup2(fds[1], STDOUT_FILENO);
                execv(argv[0], (char *const *) argv);
                log_line(LOG_ERR, "%s: %s", argv[0], strerror(errno));
                _exit(127);
        }
        close(fds[1]);
        if (*ret_pid > 0)
                return fds[0];
        close(fds[0]);
        return -EAGAIN;
}

static int open_source(Deploy *d, const char *source, pid_t *ret_pid) {
        struct stat st;
        int fd;

        if (streq(source, "-")) {
                if (isatty(STDIN_FILENO))
                        return complain(source, "is a terminal; pipe an archive into it");
                return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        }
        fd = open(source, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0) {
                complain(source, strerror(errno));
                closep(&fd);
                return -EINVAL;
        }
        if (S_ISREG(st.st_mode))
                return fd;
        close(fd);
        if (!S_ISDIR(st.st_mode))
                return complain(source, "is neither a file nor a directory");
        d->is_directory = true;
        fd = open_directory(d, source, ret_pid);
        return fd < 0 ? complain(source, strerror(-fd)) : fd;
}

static const char *base_name(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash && slash[1] ? slash + 1 : path;
}

int source_take(Deploy *d, const char *source) {
        _cleanup_close_ int in_fd = -EBADF, out_fd = -EBADF;
        Copier c = { .deploy = d, .source = source };
        pid_t pid = 0;
        int status = 0, r;

        d->release.source =
                streq(source, "-") ? "standard input" : arena_strdup(&d->arena, base_name(source));
        in_fd = open_source(d, source, &pid);
        if (in_fd < 0)
                return in_fd;
        out_fd = openat(d->store.releases_fd, SOURCE_NAME,
                        O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        c.in_fd = in_fd;
        c.out_fd = out_fd;
        r = out_fd < 0 ? complain(source, strerror(errno)) : copy_and_name(&c);
        closep(&in_fd);
        in_fd = -EBADF;
        if (pid > 0 && waitpid(pid, &status, 0) == pid && r == 0 && status != 0)
                r = complain(source, "could not be read");
        if (r == 0 && lseek(out_fd, 0, SEEK_SET) < 0)
                r = -errno;
        return r < 0 ? r : TAKE_FD(out_fd);
}
