/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * probe-command.h by fork and exec from the prober, which has all signals blocked and /dev/null as
 * standard input, output and error. Must not allocate; owns its child until that is reaped.
 */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "probe-command.h"

extern char **environ;

/* What is read of the output in one check; the rest stays in the pipe and is thrown away with it.
 */
#define OUTPUT_MAX_BYTES ((size_t) 64 * 1024)

/* The child's exit status when it could not execute anything: the errno comes through a pipe. */
#define EXIT_NO_EXEC 127

typedef struct Run {
        const HealthCheck *check;
        int agent_pidfd, output_fd, child_pidfd;
        pid_t pid;
        uint64_t deadline_usec;
        char *line;
        size_t line_len, read_bytes;
        bool line_is_full;
} Run;

static void run_child(const HealthCheck *check, int output_fd, int error_fd) {
        sigset_t none;
        int error;

        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(output_fd, STDOUT_FILENO);
        dup2(output_fd, STDERR_FILENO);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execvpe(check->command[0], check->command, environ);
        error = errno;
        if (write(error_fd, &error, sizeof(error)) < 0) {
                /* Then the exit status has to do. */
        }
        _exit(EXIT_NO_EXEC);
}

static void take_output(Run *r, const char *data, size_t len) {
        r->read_bytes += len;
        for (size_t i = 0; i < len && !r->line_is_full; i++) {
                if (data[i] == '\n') {
                        r->line_is_full = r->line_len > 0;
                        continue;
                }
                if (r->line_len + 1 == COMMAND_LINE_MAX_BYTES) {
                        r->line_is_full = true;
                        break;
                }
                r->line[r->line_len++] = data[i] >= ' ' && data[i] < 0x7f ? data[i] : '?';
        }
        r->line[r->line_len] = 0;
}

/* false: there is no more to be read, now or ever. */
static bool read_output(Run *r) {
        char buf[512];
        ssize_t n;

        do
                n = read(r->output_fd, buf, sizeof(buf));
        while (n < 0 && errno == EINTR);
        if (n <= 0)
                return false;
        take_output(r, buf, (size_t) n);
        return r->read_bytes < OUTPUT_MAX_BYTES;
}

/* 0: the command has ended; -ETIMEDOUT, -ESRCH as probe_wait(). */
static int wait_for_end(Run *r) {
        struct pollfd fds[] = {
                { .fd = r->agent_pidfd, .events = POLLIN },
                { .fd = r->child_pidfd, .events = POLLIN },
                { .fd = r->output_fd, .events = POLLIN },
        };

        for (;;) {
                uint64_t now = probe_now_usec();
                struct timespec ts = { 0 };
                int n;

                if (now >= r->deadline_usec)
                        return -ETIMEDOUT;
                ts.tv_sec = (time_t) ((r->deadline_usec - now) / USEC_PER_SEC);
                ts.tv_nsec = (long) ((r->deadline_usec - now) % USEC_PER_SEC) * 1000;
                n = ppoll(fds, ARRAY_SIZE(fds), &ts, NULL);
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n <= 0)
                        continue;
                if (fds[0].revents)
                        return -ESRCH;
                if (fds[2].revents && !read_output(r))
                        fds[2].fd = -1; /* closed, or enough: what it goes on to print blocks it */
                if (fds[1].revents)
                        return 0;
        }
}

static int reap(pid_t pid) {
        int status = 0;

        /* Also what it has left running: a check is over when it is over. */
        kill(-pid, SIGKILL);
        kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        return status;
}

static void judge(ProbeResult *result, int r, int status, int exec_error) {
        if (r == -ESRCH)
                result->outcome = PROBE_AGENT_GONE;
        else if (r == -ETIMEDOUT)
                result->outcome = PROBE_TOO_SLOW;
        else if (r < 0 || exec_error > 0) {
                result->outcome = PROBE_CANNOT;
                result->error = exec_error > 0 ? exec_error : -r;
        } else if (WIFSIGNALED(status)) {
                result->outcome = PROBE_SIGNAL;
                result->status = (unsigned) WTERMSIG(status);
        } else {
                result->status = (unsigned) WEXITSTATUS(status);
                result->outcome = result->status == 0 ? PROBE_GOOD : PROBE_STATUS;
        }
}

/* The child, its pipes and its end; negative errno when there is no child to be had. */
static int run(Run *r, int *ret_status, int *ret_exec_error) {
        _cleanup_close_ int output_write = -EBADF, output_read = -EBADF, error_write = -EBADF,
                            error_read = -EBADF, pidfd = -EBADF;
        int fds[2], k;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        output_read = fds[0];
        output_write = fds[1];
        if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        error_read = fds[0];
        error_write = fds[1];
        if (fcntl(output_read, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        r->pid = fork();
        if (r->pid < 0)
                return -errno;
        if (r->pid == 0)
                run_child(r->check, output_write, error_write);
        setpgid(r->pid, r->pid); /* whoever of both is first */
        closep(&output_write);
        pidfd = (int) syscall(SYS_pidfd_open, r->pid, 0);
        r->child_pidfd = pidfd;
        r->output_fd = output_read;
        k = pidfd < 0 ? -errno : wait_for_end(r);
        *ret_status = reap(r->pid);
        while (k == 0 && read_output(r))
                ;
        *ret_exec_error = 0;
        if (read(error_read, ret_exec_error, sizeof(int)) != sizeof(int))
                *ret_exec_error = 0;
        return k;
}

ProbeResult command_run(const HealthCheck *check, int agent_pidfd,
                        char line[static COMMAND_LINE_MAX_BYTES]) {
        uint64_t start_usec = probe_now_usec();
        ProbeResult result = { 0 };
        Run r = {
                .check = check,
                .agent_pidfd = agent_pidfd,
                .output_fd = -EBADF,
                .child_pidfd = -EBADF,
                .deadline_usec = start_usec + check->timeout_usec,
                .line = line,
        };
        int status = 0, exec_error = 0, k;

        *line = 0;
        k = run(&r, &status, &exec_error);
        judge(&result, k, status, exec_error);
        result.latency_usec = probe_now_usec() - start_usec;
        return result;
}
