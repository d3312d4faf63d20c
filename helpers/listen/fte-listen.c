/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-listen: opens the agent's listening socket and gives it to systemd to keep, so that the next
 * process of the service gets the same one with all connections that wait in it; then becomes the
 * next program of the chain, which has it as descriptor 3. A socket unit would start an agent that
 * somebody has stopped, at the next connection; what is kept goes with "systemctl stop".
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/detach.h"
#include "base/exec.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/options.h"
#include "base/parse.h"
#include "hold.h"
#include "inherit.h"

typedef struct Options {
        const char *text;
        ListenAddress address;
        bool is_hold;
        pid_t hold_pid; /* 0: it has ended already */
        char **command;
} Options;

static const char usage[] =
        "Usage: fte-listen --address=ADDRESS -- COMMAND [ARGUMENT]...\n"
        "  or   fte-listen --address=ADDRESS --hold=PID\n"
        "Runs COMMAND in its own place with a listening socket as descriptor 3, which the service\n"
        "manager keeps when COMMAND is restarted.\n"
        "\n"
        "  --address=ADDRESS   127.0.0.1:8000, [::1]:8000, or the path of a unix socket\n"
        "  --hold=PID          before PID is told to end: what comes for its socket waits for the\n"
        "                      next one, and PID is given the time to read what it has taken\n"
        "  --help, --version\n"
        "\n"
        "Exit status: COMMAND's own; 127 or 126 when it cannot be run, 2 on wrong usage, 1 when\n"
        "the socket cannot be opened.\n"
        "fte-listen(8) tells more.\n";

static int parse_address(const char *value, void *options) {
        Options *o = options;

        o->text = value;
        return address_parse(value, &o->address);
}

/* ${MAINPID} of systemd, which is empty when there is none any more. */
static int parse_pid(const char *value, void *options) {
        Options *o = options;
        uint64_t pid = 0;

        o->is_hold = true;
        if (*value && (parse_uint(value, INT32_MAX, &pid) < 0 || pid == 0))
                return -EINVAL;
        o->hold_pid = (pid_t) pid;
        return 0;
}

static const OptionRow option_rows[] = {
        { "address", parse_address, "127.0.0.1:8000, [::1]:8000 or the full path of a socket" },
        { "hold", parse_pid, "the ID of a process" },
};

static const OptionTable option_table = {
        .program = "fte-listen",
        .usage = usage,
        .rows = option_rows,
        .n_rows = ARRAY_SIZE(option_rows),
        .command_is_optional = true,
};

/* The manager keeps it under our name, and what it had there goes first. */
static int store(const Notify *n, int fd, bool was_other) {
        int r = was_other ? notify_send(n, "FDSTOREREMOVE=1\nFDNAME=" LISTEN_NAME) : 0;

        /* FDPOLL=0: a listening socket has no hang-up that would mean that it is of no use. */
        return r < 0 ? r : notify_send_fd(n, "FDSTORE=1\nFDPOLL=0\nFDNAME=" LISTEN_NAME, fd);
}

static int open_and_store(const Options *o, const Inherited *in) {
        Notify notify = { .fd = -EBADF };
        _cleanup_close_ int fd = -EBADF, notify_fd = -EBADF;
        int r = notify_open(&notify);

        notify_fd = notify.fd;
        if (r < 0 && r != -ENXIO) {
                log_line(LOG_ERR, "cannot reach the service manager through $NOTIFY_SOCKET: %s",
                         strerror(-r));
                return r;
        }
        fd = fd_above_stdio(address_open(&o->address));
        if (fd < 0) {
                log_line(LOG_ERR, "cannot listen on %s: %s%s", o->text, strerror(-fd),
                         fd == -EADDRINUSE ? "; \"ss -tlnp\" shows who does" : "");
                return fd;
        }
        r = notify.fd < 0 ? 0 : store(&notify, fd, in->was_other);
        if (r < 0) {
                log_line(LOG_ERR, "cannot give the socket to the service manager: %s",
                         strerror(-r));
                return r;
        }
        return TAKE_FD(fd);
}

/* What the process before us has made of it: it may have asked never to wait. */
static int make_blocking(int fd) {
        int flags = fcntl(fd, F_GETFL);

        return flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ? -errno : 0;
}

static int prepare(const Options *o) {
        Inherited in;
        int fd, r = inherit_take(&o->address, &in);

        if (r < 0) {
                log_line(LOG_ERR, "cannot take the sockets that were passed: %s", strerror(-r));
                return r;
        }
        fd = in.own_fd >= 0 ? in.own_fd : open_and_store(o, &in);
        if (fd < 0)
                return fd;
        hold_end(fd);
        r = hold_offer(&o->address, fd);
        if (r < 0) /* no reason not to serve */
                log_line(LOG_WARNING, "connections will not be held back at a restart: %s",
                         strerror(-r));
        r = make_blocking(fd);
        if (r == 0)
                r = inherit_pass(&in, fd);
        if (r < 0)
                log_line(LOG_ERR, "cannot pass the socket on: %s", strerror(-r));
        return r;
}

/*
 * A server that could not be held is ended as any other, and may reset what it has not read. For
 * the agent of a person that is how it is, and no fault.
 */
static int hold_main(const Options *o) {
        int r = o->hold_pid > 0 ? hold_begin(&o->address) : 0;

        if (r == 0 || (r == -EPERM && geteuid() != 0))
                return EXIT_SUCCESS;
        log_line(LOG_WARNING, "cannot hold back connections to %s, so some may be reset: %s",
                 o->text, strerror(-r));
        return EXIT_FAILURE;
}

int main(int argc, char **argv) {
        _cleanup_strbuf_ StrBuf reason = { 0 };
        Options options = { 0 };
        int r;

        log_open("fte-listen", false);
        r = options_read(&option_table, argc, argv, &options, &options.command);
        if (r >= 0)
                return r;
        if (!options.text) {
                log_line(LOG_ERR, "--address= is missing; see fte-listen --help");
                return EXIT_USAGE;
        }
        if (options.is_hold)
                return hold_main(&options);
        if (!options.command) {
                log_line(LOG_ERR, "the command is missing; see fte-listen --help");
                return EXIT_USAGE;
        }
        r = prepare(&options) < 0 ? EXIT_FAILURE : 0;
        if (r == 0) {
                r = exec_or_explain(options.command, environ, &reason);
                log_line(LOG_ERR, "%s %s", options.command[0], strbuf_text(&reason));
        }
        log_linger();
        return r;
}
