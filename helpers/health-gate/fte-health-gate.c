/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-health-gate: the last helper before the agent. Leaves a small prober behind that tells the
 * service manager when the agent is healthy and when it hangs, then becomes the agent itself, with
 * the same PID. Owns nothing of the agent's: neither its descriptors nor its children nor its
 * signals. See DESIGN.md section 6.
 */

#include "base/exec.h"
#include "base/log.h"

#include "base/notify.h"
#include "command.h"
#include "options.h"
#include "prober.h"

static Options options;

/*
 * Without a manager the command runs all the same; a person at a terminal is told what is missing.
 */
static int announce(const Notify *notify) {
        int r;

        if (notify->fd < 0) {
                if (options.check.by != HEALTH_BY_NOTHING && isatty(STDERR_FILENO))
                        log_line(LOG_NOTICE, "$NOTIFY_SOCKET is not set: nobody wants to know "
                                             "about the health, so it is not probed");
                return 0;
        }
        if (options.check.by != HEALTH_BY_NOTHING) {
                r = prober_start(&options.check, notify);
                if (r < 0)
                        log_line(LOG_ERR, "cannot start the prober: %s", strerror(-r));
                return r;
        }
        r = notify_send(notify, "READY=1\nSTATUS=running; no health check is configured");
        if (r < 0)
                log_line(LOG_ERR, "cannot tell the service manager: %s", strerror(-r));
        return r;
}

/* Everything the manager is told before the agent runs. An exit status, or 0 to go on. */
static int prepare(void) {
        _cleanup_close_ int notify_fd = -EBADF;
        Notify notify = { .fd = -EBADF };
        int r;

        r = notify_open(&notify);
        if (r == -EINVAL)
                log_line(LOG_WARNING, "$NOTIFY_SOCKET is neither a path nor an abstract name: "
                                      "ignored");
        else if (r < 0 && r != -ENXIO) {
                log_line(LOG_ERR,
                         "cannot reach the service manager through $NOTIFY_SOCKET: %s; "
                         "does the sandbox hide it, or RestrictAddressFamilies= lack "
                         "AF_UNIX?",
                         strerror(-r));
                return EXIT_FAILURE;
        }
        notify_fd = notify.fd;
        notify_unset_environment();
        /* What cannot run is neither ready nor to be probed; the exec that follows says why. */
        if (!command_looks_runnable(options.command[0]))
                return 0;
        return announce(&notify) < 0 ? EXIT_FAILURE : 0;
}

int main(int argc, char **argv) {
        _cleanup_strbuf_ StrBuf reason = { 0 };
        int r;

        log_open("fte-health-gate", false);
        r = options_parse(argc, argv, &options);
        if (r >= 0)
                return r;
        r = prepare();
        if (r <= 0) {
                r = exec_or_explain(options.command, environ, &reason);
                log_line(LOG_ERR, "%s %s", options.command[0], strbuf_text(&reason));
        }
        log_linger();
        return r;
}
