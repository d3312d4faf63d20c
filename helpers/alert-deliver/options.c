/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * options.h over getopt_long(). The service gives none of them: they are for tests and for people.
 */

#include <getopt.h>
#include <stdio.h>

#include "alert/spool.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/scope.h"
#include "config.h"
#include "options.h"

static const char help[] =
        "Usage: fte-alert-deliver [--home=DIR] [--spool=DIR] [--timeout=TIME]\n"
        "                         [--linger=TIME] [--config-wait=TIME]\n"
        "\n"
        "Sends the alerts that wait in the spool, until none is left.\n"
        "\n"
        "  --home=DIR           send those of a person with this home, who runs this\n"
        "  --spool=DIR          default /var/lib/fte-alert, or DIR/.local/state/fte-alert of a "
        "home\n"
        "  --timeout=TIME       of an attempt, from 1s to 5min; default 15s\n"
        "  --linger=TIME        wait so long for another alert before ending; default 3s\n"
        "  --config-wait=TIME   end so long after a secret file was found missing or wrong, or a\n"
        "                       program failed, to be started with what is configured then;\n"
        "                       default 5min\n"
        "  --help               show this text\n"
        "  --version            show the version\n"
        "\n"
        "Secrets are read from $CREDENTIALS_DIRECTORY, certificates of authorities from\n"
        "$SSL_CERT_FILE when that is set.\n"
        "\n"
        "Exit status: 0 done, 1 done but some alerts could never be sent (they are in dead/),\n"
        "2 wrong usage, 71 an error of the system, 74 the spool cannot be used, 75 another\n"
        "fte-alert-deliver runs. See fte-alert-deliver(8).\n";

static const struct option long_options[] = {
        { "home", required_argument, NULL, 'o' },        { "spool", required_argument, NULL, 's' },
        { "timeout", required_argument, NULL, 't' },     { "linger", required_argument, NULL, 'l' },
        { "config-wait", required_argument, NULL, 'c' }, { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },           { 0 },
};

static int usage_error(const char *text) {
        log_line(LOG_ERR, "%s; see fte-alert-deliver --help", text);
        return -EINVAL;
}

static int print(const char *text) {
        if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
                return -errno;
        return 1;
}

static int set_time(uint64_t *option, uint64_t min_usec, uint64_t max_usec, const char *wrong) {
        uint64_t usec;

        if (parse_usec(optarg, &usec) < 0 || usec < min_usec || usec > max_usec)
                return usage_error(wrong);
        *option = usec;
        return 0;
}

static int apply(Options *o, int option) {
        switch (option) {
        case 'o':
                return scope_enter_user(optarg) < 0
                               ? usage_error("--home= wants the full path of a home directory")
                               : 0;
        case 's':
                if (!*optarg)
                        return usage_error("--spool= wants a directory");
                o->spool = optarg;
                return 0;
        case 't':
                return set_time(&o->timeout_usec, USEC_PER_SEC, 300 * USEC_PER_SEC,
                                "--timeout= wants a time from 1s to 5min");
        case 'l':
                return set_time(&o->linger_usec, 0, 3600 * USEC_PER_SEC,
                                "--linger= wants a time up to 1h");
        case 'c':
                return set_time(&o->config_wait_usec, 0, 86400 * USEC_PER_SEC,
                                "--config-wait= wants a time up to 24h");
        case 'h':
                return print(help);
        case 'v':
                return print("fte-alert-deliver " FTE_VERSION "\n");
        default:
                return usage_error("an unknown option, or one without its value");
        }
}

int options_parse(int argc, char **argv, Options *ret) {
        Options o = {
                .timeout_usec = 15 * USEC_PER_SEC,
                .linger_usec = 3 * USEC_PER_SEC,
                .config_wait_usec = 300 * USEC_PER_SEC,
        };
        int r = 0, option;

        opterr = 0;
        while (r == 0 && (option = getopt_long(argc, argv, "", long_options, NULL)) >= 0)
                r = apply(&o, option);
        if (r == 0 && optind < argc)
                r = usage_error("takes options only");
        if (!o.spool)
                o.spool = scope->alert_spool;
        if (r == 0)
                *ret = o;
        return r;
}
