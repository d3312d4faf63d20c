/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * process.h: the output is a pipe, of which the end is kept or nothing: Command= may well print the
 * secrets it uses, which we do not know.
 */

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/subprocess.h"
#include "process.h"

int process_start(Process *p, const Outgoing *outgoing, uint64_t now_usec) {
        _cleanup_close_ int in = spawn_input(strbuf_text(&outgoing->body), outgoing->body.len);
        _cleanup_close_ int out = -EBADF, out_end = -EBADF;
        int pipe_fds[2], pidfd, r;
        pid_t pid;

        if (in < 0)
                return in;
        if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        out = pipe_fds[0];
        out_end = pipe_fds[1];
        if (fcntl(out_end, F_SETFL, 0) < 0) /* the program's end blocks, as it expects */
                return -errno;
        r = spawn_program(outgoing->argv, outgoing->envp, (int[]){ in, out_end, out_end }, &pid);
        if (r < 0)
                return r;
        pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
        if (pidfd < 0) {
                r = -errno;
                kill(-pid, SIGKILL);
                waitpid(pid, NULL, 0);
                return r;
        }
        *p = (Process){
                .pid = pid,
                .pidfd = pidfd,
                .out_fd = TAKE_FD(out),
                .keeps_output = outgoing->shows_output,
                .deadline_usec = now_usec + PROCESS_TIMEOUT_USEC,
        };
        return 0;
}

/* Keeps the end: of a full buffer, the second half makes room. */
static void keep(Process *p, const char *data, size_t len) {
        for (size_t i = 0; i < len; i++) {
                if (p->output_len == sizeof(p->output)) {
                        p->output_len /= 2;
                        memmove(p->output, p->output + p->output_len, p->output_len);
                }
                p->output[p->output_len++] = data[i];
        }
}

void process_read(Process *p) {
        char data[4096];

        /* At most so much at once: a program that never stops writing must not hold up the rest. */
        for (int i = 0; i < 16 && p->out_fd >= 0; i++) {
                ssize_t n = read(p->out_fd, data, sizeof(data));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        return;
                if (n <= 0) {
                        closep(&p->out_fd);
                        p->out_fd = -EBADF;
                        return;
                }
                if (p->keeps_output)
                        keep(p, data, (size_t) n);
        }
}

void process_check_time(Process *p, uint64_t now_usec) {
        if (p->timed_out || now_usec < p->deadline_usec)
                return;
        p->timed_out = true;
        kill(-p->pid, SIGKILL);
}

/* The last line that is not blank. */
static void add_last_line(const Process *p, Outcome *o) {
        size_t end = p->output_len, start;

        while (end > 0 && (unsigned char) p->output[end - 1] <= ' ')
                end--;
        for (start = end; start > 0 && p->output[start - 1] != '\n'; start--)
                ;
        outcome_add_text(o, p->output + start, end - start);
}

void process_finish(Process *p, Outcome *ret) {
        siginfo_t info = { 0 };

        kill(-p->pid, SIGKILL); /* before its ID is free: what it has left running */
        while (waitid(P_PID, (id_t) p->pid, &info, WEXITED) < 0 && errno == EINTR)
                ;
        process_read(p);
        if (p->timed_out)
                outcome_set(ret, OUTCOME_RETRY, "did not end within 30 s and was killed");
        else if (info.si_code == CLD_EXITED)
                outcome_set(ret, outcome_of_exit(info.si_status), "exit status %d",
                            info.si_status);
        else
                outcome_set(ret, OUTCOME_RETRY, "was killed by signal %d", info.si_status);
        add_last_line(p, ret);
        p->pid = 0;
        process_end(p);
}

void process_end(Process *p) {
        if (p->pid > 0) {
                kill(-p->pid, SIGKILL);
                waitpid(p->pid, NULL, 0);
        }
        closep(&p->pidfd);
        closep(&p->out_fd);
        *p = (Process){ .pidfd = -EBADF, .out_fd = -EBADF };
}
