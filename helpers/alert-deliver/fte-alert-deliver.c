/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-alert-deliver: sends what waits in the spool of alerts, to every destination in order, until
 * nothing is left. systemd starts it when the directory is not empty, as a user of its own, with
 * the secret files of all agents as credentials. Read deliver.c next, then channels.c.
 */

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sysexits.h>

#include "base/log.h"
#include "deliver.h"
#include "watch.h"

#define EXIT_USAGE 2
#define LOCK_NAME  "deliver.lock"

/* A core would hold the secrets, and so would a look by another process of this user. */
static void keep_memory_private(void) {
        const struct rlimit none = { 0, 0 };

        (void) prctl(PR_SET_DUMPABLE, 0);
        (void) setrlimit(RLIMIT_CORE, &none);
}

static int open_spool(Deliver *d) {
        int r = spool_open(d->options->spool, &d->spool);

        if (r == 0)
                return 0;
        log_line(LOG_ERR, "%s: the spool cannot be opened: %s; it belongs to the user fte-alert",
                 d->options->spool, strerror(-r));
        return EX_IOERR;
}

/* Two at once would send everything twice. Held until we end. */
static int lock_out_others(Deliver *d, int *ret_fd) {
        int fd = openat(d->spool.dir_fd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
                        0600);

        if (fd < 0) {
                log_line(LOG_ERR, "%s/" LOCK_NAME ": %s", d->options->spool, strerror(errno));
                return EX_IOERR;
        }
        *ret_fd = fd;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
                return 0;
        log_line(LOG_ERR, "another fte-alert-deliver is at work in %s", d->options->spool);
        return EX_TEMPFAIL;
}

static int open_signals(void) {
        sigset_t signals;

        signal(SIGPIPE, SIG_IGN);
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
                return -errno;
        return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int open_rest(Deliver *d) {
        const char *ca_file = getenv("SSL_CERT_FILE");

        d->signal_fd = open_signals();
        d->inotify_fd = watch_open(d->options->spool);
        if (d->signal_fd < 0 || d->inotify_fd < 0 ||
            curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
            !(d->sender.multi = curl_multi_init())) {
                log_line(LOG_ERR, "cannot start: no memory or no descriptors left");
                return EX_OSERR;
        }
        curl_multi_setopt(d->sender.multi, CURLMOPT_MAXCONNECTS, (long) ATTEMPTS_MAX);
        d->sender.http.timeout_usec = d->options->timeout_usec;
        d->sender.http.ca_file = isempty(ca_file) ? NULL : ca_file;
        d->queue.spool = &d->spool;
        report_open(&d->report, &d->queue);
        return 0;
}

static int exit_status(const Deliver *d, int r) {
        if (r < 0) {
                log_line(LOG_ERR, "%s", strerror(-r));
                return EX_OSERR;
        }
        if (d->report.n_dead == 0)
                return EXIT_SUCCESS;
        log_line(LOG_ERR,
                 "%zu alerts could never be sent; see `ftectl alert list`, and remove them "
                 "from %s/dead when you have dealt with them",
                 d->report.n_dead, d->options->spool);
        return EXIT_FAILURE;
}

static void close_all(Deliver *d) {
        for (size_t i = 0; i < ATTEMPTS_MAX; i++) {
                attempt_end(&d->attempts[i], &d->sender);
                arena_done(&d->attempts[i].arena);
        }
        queue_destroy(&d->queue);
        curl_multi_cleanup(d->sender.multi);
        curl_global_cleanup();
        report_close(&d->report);
        closep(&d->signal_fd);
        closep(&d->inotify_fd);
        spool_close(&d->spool);
}

static int deliver(const Options *options) {
        static Deliver d = {
                .signal_fd = -EBADF,
                .inotify_fd = -EBADF,
                .report.notify.fd = -EBADF,
        };
        _cleanup_close_ int lock_fd = -EBADF;
        int status;

        d.options = options;
        for (size_t i = 0; i < ATTEMPTS_MAX; i++)
                process_end(&d.attempts[i].process);
        status = open_spool(&d);
        if (status != 0)
                return status;
        status = lock_out_others(&d, &lock_fd);
        if (status == 0)
                status = open_rest(&d);
        if (status == 0)
                status = exit_status(&d, deliver_run(&d));
        close_all(&d);
        return status;
}

int main(int argc, char **argv) {
        Options options;
        int r;

        keep_memory_private();
        log_open("fte-alert-deliver", false);
        r = options_parse(argc, argv, &options);
        if (r == -EINVAL)
                return EXIT_USAGE;
        if (r != 0)
                return r > 0 ? EXIT_SUCCESS : EX_OSERR;
        return deliver(&options);
}
