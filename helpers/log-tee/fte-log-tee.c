/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-log-tee: stands between an agent and the journal and writes what the agent prints to a file
 * too. Leaves a small companion behind that does so, then becomes the next program of the chain,
 * with the same PID. Owns the log file and the full ones beside it; changes nothing of the agent's
 * but its standard output and standard error. See DESIGN.md section 6.
 */

#include "base/exec.h"
#include "base/log.h"
#include "base/options.h"

#include "companion.h"
#include "options.h"

int main(int argc, char **argv) {
        _cleanup_strbuf_ StrBuf reason = { 0 };
        static Options options;
        int r;

        log_open("fte-log-tee", false);
        r = options_parse(argc, argv, &options);
        if (r >= 0)
                return r;
        r = companion_start(&options.log);
        if (r < 0) {
                log_line(LOG_ERR, "cannot start the process that writes the log file: %s",
                         strerror(-r));
                log_linger();
                return EXIT_FAILURE;
        }
        r = exec_or_explain(options.command, environ, &reason);
        log_line(LOG_ERR, "%s %s", options.command[0], strbuf_text(&reason));
        log_linger();
        return r;
}
