/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * run.h: the outputs are pipes that are read until both are closed or the time is up.
 */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/run.h"
#include "base/subprocess.h"

#define TIMEOUT_USEC (60 * USEC_PER_SEC)
#define OUTPUT_MAX   ((size_t) 64 * 1024)
#define ENV_MAX      32
#define TICK_USEC    (USEC_PER_SEC / 2)

typedef struct Output {
        int fd;
        StrBuf *text; /* NULL: thrown away */
        size_t max;
} Output;

/* ---- start ---- */

static void environment_fill(const RunOptions *o, const char **env) {
        size_t n = 0;

        env[n++] = "PATH=" RUN_PATH;
        env[n++] = "LC_ALL=C.UTF-8";
        env[n++] = "HOME=/root";
        for (const char *const *e = o->setenv; e && *e && n < ENV_MAX - 1; e++)
                env[n++] = *e;
        env[n] = NULL;
}

static int start(const RunOptions *o, const int fds[static 3], pid_t *ret_pid) {
        const char *env[ENV_MAX];

        environment_fill(o, env);
        return spawn_program((char *const *) o->argv, (char *const *) env, fds, ret_pid);
}

/* ---- read and wait ---- */

static void take(Output *o) {
        char buf[16384];
        ssize_t n = read(o->fd, buf, sizeof(buf));

        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                return;
        if (n <= 0)
                close(TAKE_FD(o->fd));
        else if (o->text && o->text->len < o->max)
                strbuf_add_bytes(o->text, buf, MIN((size_t) n, o->max - o->text->len));
}

static int wait_msec(const RunOptions *o, uint64_t left_usec) {
        return (int) (MIN(left_usec, o->tick ? TICK_USEC : left_usec) / USEC_PER_MSEC + 1);
}

/* Until all outputs are closed; -ETIMEDOUT. */
static int read_outputs(const RunOptions *o, Output outputs[2], uint64_t deadline_usec) {
        while (outputs[0].fd >= 0 || outputs[1].fd >= 0) {
                struct pollfd p[2] = { { outputs[0].fd, POLLIN, 0 }, { outputs[1].fd, POLLIN, 0 } };
                uint64_t now = clock_usec(CLOCK_BOOTTIME);

                if (now >= deadline_usec)
                        return -ETIMEDOUT;
                if (o->tick)
                        o->tick(o->userdata);
                if (poll(p, 2, wait_msec(o, deadline_usec - now)) < 0 && errno != EINTR)
                        return -errno;
                for (size_t i = 0; i < 2; i++)
                        if (outputs[i].fd >= 0 && p[i].revents)
                                take(&outputs[i]);
        }
        return 0;
}

/* A program that has closed its outputs may still run. */
static int wait_for_end(pid_t pid, uint64_t deadline_usec, int *ret_status) {
        const struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };

        for (;;) {
                pid_t p = waitpid(pid, ret_status, WNOHANG);

                if (p == pid)
                        return 0;
                if (p < 0 && errno != EINTR)
                        return -errno;
                if (clock_usec(CLOCK_BOOTTIME) >= deadline_usec)
                        return -ETIMEDOUT;
                nanosleep(&pause, NULL);
        }
}

static int finish(const RunOptions *o, pid_t pid, Output outputs[2], uint64_t deadline_usec) {
        int status, r = read_outputs(o, outputs, deadline_usec);

        if (r == 0)
                r = wait_for_end(pid, deadline_usec, &status);
        if (r < 0) {
                kill(-pid, SIGKILL);
                while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                        ;
                return r;
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_program(const RunOptions *o, StrBuf *ret_output, StrBuf *ret_errors) {
        uint64_t deadline =
                clock_usec(CLOCK_BOOTTIME) + (o->timeout_usec > 0 ? o->timeout_usec : TIMEOUT_USEC);
        _cleanup_close_ int in = spawn_input(o->input, o->input_len), out = -EBADF, err = -EBADF;
        int pipe_out[2], pipe_err[2], r;
        Output outputs[2] = { { -EBADF, NULL, 0 }, { -EBADF, NULL, 0 } };
        pid_t pid;

        if (in < 0)
                return in;
        if (pipe2(pipe_out, O_CLOEXEC) < 0)
                return -errno;
        outputs[0] =
                (Output){ pipe_out[0], ret_output, o->output_max > 0 ? o->output_max : OUTPUT_MAX };
        out = pipe_out[1];
        if (ret_errors) {
                if (pipe2(pipe_err, O_CLOEXEC) < 0) {
                        r = -errno;
                        close(outputs[0].fd);
                        return r;
                }
                outputs[1] = (Output){ pipe_err[0], ret_errors, outputs[0].max };
                err = pipe_err[1];
        }
        r = start(o, (int[]){ in, out, ret_errors ? err : out }, &pid);
        close(TAKE_FD(out));
        closep(&err);
        err = -EBADF;
        if (r == 0)
                r = finish(o, pid, outputs, deadline);
        closep(&outputs[0].fd);
        closep(&outputs[1].fd);
        if (r < 0)
                return r;
        if ((ret_output && strbuf_check(ret_output) < 0) ||
            (ret_errors && strbuf_check(ret_errors) < 0))
                return -ENOMEM;
        return r;
}
