/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The loop of the companion: reads what the agent prints and hands it to both sides, until the last
 * process that could print something has ended. Nothing may be lost, so all signals are blocked but
 * for SIGHUP and SIGCHLD, which are let in while it waits. Must not allocate: it is there once per
 * agent, for months.
 */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/detach.h"
#include "companion.h"
#include "full-files.h"
#include "log-file.h"

/* As much as fits into 120 KiB of private memory with all the rest. */
#define PAGE_BYTES   4096
#define BUFFER_BYTES (3 * PAGE_BYTES)

/* Memory that was not needed for so long goes back to the system. */
#define IDLE_SEC 1

/* What the agent's exec gets before the companion touches anything. */
#define HEAD_START_MSEC 3

/*
 * An agent that prints line by line would wake us for each of them. When the pipe was empty a
 * moment ago and little came since, we sleep for a moment and find more. A first line is never
 * delayed.
 */
#define BUSY_USEC       1000
#define NAP_NSEC        (500 * 1000)
#define NAP_BELOW_BYTES 32768

#define SIGNALS_EVERY_USEC (1 * USEC_PER_SEC)

typedef struct Companion {
        char *buffer; /* of BUFFER_BYTES */
        int pipe_fd;
        Journal journal;
        LogFile file;
        sigset_t waiting_mask;
        uint64_t waited_usec;  /* when the last wait ended */
        uint64_t signals_usec; /* when to look for signals though there was no wait */
        size_t burst_bytes;    /* read since then */
} Companion;

static volatile sig_atomic_t hangup_came, child_ended;

static void on_signal(int signal) {
        if (signal == SIGHUP)
                hangup_came = 1;
        else
                child_ended = 1;
}

static uint64_t now_usec(void) {
        return clock_usec(CLOCK_MONOTONIC);
}

static void take_signals(Companion *c) {
        sigfillset(&c->waiting_mask);
        sigdelset(&c->waiting_mask, SIGHUP);
        sigdelset(&c->waiting_mask, SIGCHLD);
        signal(SIGHUP, on_signal);
        signal(SIGCHLD, on_signal);
}

static void handle_signals(Companion *c) {
        int status;
        pid_t pid;

        if (hangup_came) {
                hangup_came = 0;
                log_file_reopen(&c->file);
        }
        if (child_ended) {
                child_ended = 0;
                while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
                        full_files_child_ended(&c->file, pid, status);
        }
}

static void wait_quietly(Companion *c) {
        struct pollfd p = { .fd = c->pipe_fd, .events = POLLIN };

        if (ppoll(&p, 1, &(const struct timespec){ .tv_sec = IDLE_SEC }, &c->waiting_mask) != 0)
                return;
        madvise(c->buffer, BUFFER_BYTES, MADV_DONTNEED);
        detach_forget_stack();
        ppoll(&p, 1, NULL, &c->waiting_mask);
}

/* Waits for output, or with a time for nothing but signals. */
static void wait_for(Companion *c, const struct timespec *nap) {
        if (nap)
                ppoll(NULL, 0, nap, &c->waiting_mask);
        else
                wait_quietly(c);
        handle_signals(c);
        c->burst_bytes = 0;
        c->waited_usec = now_usec();
        c->signals_usec = c->waited_usec + SIGNALS_EVERY_USEC;
}

/* The pipe is empty, or was. */
static void wait_for_more(Companion *c) {
        static const struct timespec nap = { .tv_nsec = NAP_NSEC };

        if (c->burst_bytes > 0 && c->burst_bytes < NAP_BELOW_BYTES &&
            now_usec() < c->waited_usec + BUSY_USEC)
                wait_for(c, &nap);
        else
                wait_for(c, NULL);
}

static void pass_on(Companion *c, const char *data, size_t len) {
        uint64_t now = now_usec();

        c->burst_bytes += len;
        log_file_write(&c->file, data, len, now);
        journal_write(&c->journal, data, len);
        if (now >= c->signals_usec)
                wait_for(c, &(const struct timespec){ 0 });
}

static void run(Companion *c) {
        for (;;) {
                ssize_t n = read(c->pipe_fd, c->buffer, BUFFER_BYTES);

                if (n == 0)
                        return;
                if (n < 0 && errno != EAGAIN && errno != EINTR)
                        return;
                if (n > 0)
                        pass_on(c, c->buffer, (size_t) n);
                if (n != BUFFER_BYTES)
                        wait_for_more(c);
        }
}

/* Whole pages of a space that is not aligned itself: before one that is, a page would be wasted. */
static char *buffer_get(void) {
        static char space[BUFFER_BYTES + PAGE_BYTES];

        return space + (-(uintptr_t) space & (PAGE_BYTES - 1));
}

static void companion_main(const LogSettings *settings, int pipe_fd, int journal_fd) {
        static Companion c;

        c.buffer = buffer_get();
        c.pipe_fd = pipe_fd;
        c.journal.fd = journal_fd;
        /* The exec first: until then each page we touch is copied. */
        poll(&(struct pollfd){ .fd = pipe_fd, .events = POLLIN }, 1, HEAD_START_MSEC);
        detach_forget((const int[]){ pipe_fd, journal_fd });
        umask(0027); /* the service's may be 0077, and its group or an ACL is to read the file */
        fcntl(pipe_fd, F_SETFL, O_NONBLOCK);
        take_signals(&c);
        log_file_open(&c.file, settings, &c.journal, now_usec());
        run(&c);
        log_file_finish(&c.file);
        journal_finish(&c.journal);
        _exit(EXIT_SUCCESS);
}

/* Standard output as it is now; when it is closed, a place where all may go. */
static int journal_open(void) {
        int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

        if (fd < 0)
                fd = fd_above_stdio(open("/dev/null", O_WRONLY | O_CLOEXEC));
        return fd < 0 ? -errno : fd;
}

int companion_start(const LogSettings *settings) {
        _cleanup_close_ int journal_fd = journal_open(), read_fd = -EBADF, write_fd = -EBADF;
        int fds[2], r;

        if (journal_fd < 0)
                return journal_fd;
        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        read_fd = fd_above_stdio(fds[0]);
        write_fd = fd_above_stdio(fds[1]);
        if (read_fd < 0 || write_fd < 0)
                return read_fd < 0 ? read_fd : write_fd;
        r = detach_fork();
        if (r == 0)
                companion_main(settings, read_fd, journal_fd);
        if (r < 0)
                return r;
        if (dup2(write_fd, STDOUT_FILENO) < 0 || dup2(write_fd, STDERR_FILENO) < 0)
                return -errno;
        return 0;
}
