/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * options.h over getopt_long(). Knows of no option but --help and --version.
 */

#include <getopt.h>
#include <stdio.h>

#include "base/log.h"
#include "base/options.h"
#include "config.h"

static int print(const char *a, const char *b) {
        return fputs(a, stdout) < 0 || fputs(b, stdout) < 0 || fflush(stdout) != 0 ? EXIT_FAILURE
                                                                                   : EXIT_SUCCESS;
}

static int parse_row(const OptionRow *row, const char *value, void *options) {
        if (row->parse(value, options) == 0)
                return 0;
        if (row->problem)
                log_line(LOG_ERR, "--%s: write %s", row->name, row->problem);
        return -EINVAL;
}

/* Without what follows the "=": it may be a URL with a password. */
static int refuse_option(const char *program, const char *option) {
        log_line(LOG_ERR, "%.*s: unknown, or its value is missing; see %s --help",
                 startswith(option, "--") ? (int) strcspn(option, "=") : 2, option, program);
        return EXIT_USAGE;
}

int options_read(const OptionTable *t, int argc, char **argv, void *options, char ***ret_command) {
        struct option rows[OPTION_ROWS_MAX + 3] = {
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'V' },
        };
        int c, row;

        for (size_t i = 0; i < t->n_rows; i++)
                rows[i + 2] = (struct option){ t->rows[i].name, required_argument, NULL, 0 };
        opterr = 0; /* it would repeat the value */
        while ((c = getopt_long(argc, argv, "+h", rows, &row)) >= 0)
                switch (c) {
                case 'h':
                        return print(t->usage, "");
                case 'V':
                        return print(t->program, " " FTE_VERSION "\n");
                case 0:
                        if (parse_row(&t->rows[row - 2], optarg, options) < 0)
                                return EXIT_USAGE;
                        break;
                default:
                        return refuse_option(t->program, argv[optind - 1]);
                }
        if (!argv[optind] && !t->command_is_optional) {
                log_line(LOG_ERR, "the command is missing: %s [OPTION]... -- COMMAND", t->program);
                return EXIT_USAGE;
        }
        *ret_command = argv[optind] ? argv + optind : NULL;
        return -1;
}
