/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl host confirm and revert: how a try ends, and who may end it well. A person who is still in
 * through an old connection has not shown that a new one gets through.
 */

#include <stdio.h>

#include "base/log.h"
#include "bus.h"

#include "ftectl/shared/json.h"
#include "ftectl/shared/terminal.h"
#include "host.h"

static int lock_or_tell(const Arguments *a) {
        int fd = host_lock(a->root);

        if (fd == -EAGAIN)
                log_line(LOG_ERR, "another \"ftectl host\" is at work; wait for it");
        else if (fd < 0)
                log_line(LOG_ERR, "%s%s: %s", a->root, HOST_DIR, strerror(-fd));
        return fd;
}

static int tell(const Arguments *a, const char *key, bool done, const char *text) {
        if (GIVEN(a, JSON))
                return json_print(json_pack("{s:b}", key, done));
        return puts(text) < 0 ? -EIO : 0;
}

/* ---- confirm ---- */

static bool connection_is_new(const Arguments *a, const Kept *kept) {
        static const char *const advice[] = {
                [CONNECTION_SSH] =
                        "this login's connection is older than the change, and says nothing about "
                        "new ones; log in once more (with ssh -S none, if yours shares "
                        "connections) and "
                        "confirm there",
                [CONNECTION_CONSOLE] =
                        "this login on the console is older than the change; log in there once "
                        "more, or by ssh, and confirm there",
                [CONNECTION_UNKNOWN] =
                        "this is no login of sshd or on a console (tmux, screen and mosh outlive "
                        "theirs, a service has none); log in by ssh and confirm there directly",
        };
        Connection c;
        char proc[4096];
        int r = host_full_path(proc, sizeof(proc), a->root, "/proc");

        if (r == 0)
                r = connection_find(proc, "self", &c);
        if (r < 0) {
                log_line(LOG_ERR, "how you are logged in cannot be found out: %s", strerror(-r));
                return false;
        }
        if (c.kind != CONNECTION_UNKNOWN && c.start_usec > kept->applied_usec && !c.is_local)
                return true;
        log_line(LOG_ERR, "refused: %s",
                 c.is_local
                         ? "this login comes from this machine itself, past the firewall; log in "
                           "from where you work and confirm there"
                         : advice[c.kind]);
        return false;
}

static int confirm_locked(const Arguments *a) {
        char outcome[64];
        Kept kept;
        int r = host_kept(a->root, &kept);

        if (r == -ENOENT) {
                log_line(LOG_ERR, "nothing waits for a confirmation; \"ftectl host status\" tells "
                                  "how the last try "
                                  "ended");
                return EXIT_BAD;
        }
        if (r < 0 || kept.applied_usec == 0 || kept.other_boot) {
                log_line(LOG_ERR,
                         "refused: the try did not get to its end; run \"ftectl host revert\"");
                return EXIT_BAD;
        }
        if (!connection_is_new(a, &kept))
                return EXIT_BAD;
        snprintf(outcome, sizeof(outcome), "confirmed %llu\n", (unsigned long long) now_usec());
        r = host_forget(a->root, outcome);
        if (r < 0) {
                log_line(LOG_ERR,
                         "the confirmation cannot be written down, so it will be reverted: %s",
                         strerror(-r));
                return EXIT_CANNOT;
        }
        (void) host_timer_disarm(a->root); /* it would find nothing to do */
        return tell(a, "confirmed", true,
                    "Confirmed: it stays as it is now, also after a restart.") < 0
                       ? EXIT_CANNOT
                       : EXIT_GOOD;
}

int command_host_confirm(const Arguments *a) {
        _cleanup_close_ int lock = lock_or_tell(a);

        return lock < 0 ? EXIT_CANNOT : confirm_locked(a);
}

/* ---- revert ---- */

static const char *cause_of(const Kept *kept) {
        if (kept->other_boot)
                return "rebooted";
        return now_usec() + USEC_PER_SEC >= kept->until_usec ? "expired" : "reverted";
}

static int revert_locked(const Arguments *a) {
        char outcome[64];
        Kept kept;
        int r = host_kept(a->root, &kept);

        if (r == -ENOENT)
                return tell(a, "reverted", false,
                            "Nothing waits for a confirmation: there is nothing to revert.") < 0
                               ? EXIT_CANNOT
                               : EXIT_GOOD;
        snprintf(outcome, sizeof(outcome), "%s %llu\n", r < 0 ? "reverted" : cause_of(&kept),
                 (unsigned long long) now_usec());
        if (r == 0)
                r = host_revert_all(a->root, &kept);
        if (r < 0) {
                log_line(LOG_ERR, "not everything could be put back; what was kept is in " HOST_DIR
                                  "/try, and "
                                  "\"ftectl host revert\" tries again");
                return EXIT_CANNOT;
        }
        r = host_forget(a->root, outcome);
        if (r < 0)
                log_line(LOG_ERR, "%s: %s", HOST_DIR, strerror(-r));
        /* Not the timer's own run: it would stop what started it. */
        if (!getenv("INVOCATION_ID"))
                (void) host_timer_disarm(a->root);
        return r < 0 || tell(a, "reverted", true,
                             "Reverted: everything is as it was before the try.") < 0
                       ? EXIT_CANNOT
                       : EXIT_GOOD;
}

int command_host_revert(const Arguments *a) {
        _cleanup_close_ int lock = -EBADF;

        /* A try that is being made holds the lock; what the timer starts must come after it. */
        for (unsigned i = 0; i < 600 && lock < 0; i++) {
                lock = host_lock(a->root);
                if (lock != -EAGAIN)
                        break;
                usleep(100 * 1000);
        }
        if (lock < 0) {
                log_line(LOG_ERR, "%s%s: %s", a->root, HOST_DIR, strerror(-lock));
                return EXIT_CANNOT;
        }
        return revert_locked(a);
}
