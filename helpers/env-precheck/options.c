/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * options.h over getopt_long(). Wrong usage is the generator's or a person's mistake, never the
 * agent's configuration, so it has a message and an exit status of its own.
 */

#include <getopt.h>
#include <stdio.h>

#include "base/env-file.h"
#include "base/log.h"
#include "config.h"
#include "options.h"

static const char help[] =
        "Usage: fte-env-precheck [--file=PATH] [--require=NAME]... [--set=NAME=VALUE]...\n"
        "                        [--user=NAME] -- COMMAND...\n"
        "\n"
        "Checks an agent's env file, sets what it says, and executes COMMAND.\n"
        "\n"
        "  --file=PATH      the env file: a regular file of mode 0600. Its content is taken from\n"
        "                   $CREDENTIALS_DIRECTORY/env when that exists. Without this option no\n"
        "                   file is needed, and only the other checks are made\n"
        "  --require=NAME   refuse to start unless NAME has a value, and no placeholder\n"
        "  --set=NAME=VALUE set a variable for COMMAND, unless the env file does; not for "
        "secrets,\n"
        "                   as everybody can read a command line\n"
        "  --user=NAME      the service's user, for the advice in messages\n"
        "  --help           show this text\n"
        "  --version        show the version\n"
        "\n"
        "In the words of COMMAND ${NAME} is replaced by its value, $NAME (a word of its own) by\n"
        "the words of its value, and $$ by $.\n"
        "\n"
        "Exit status: COMMAND's own; 78 when a check fails, 127 when COMMAND is not found, 126\n"
        "when it cannot be executed, 2 for wrong usage, 1 when memory is out.\n"
        "See fte-env-precheck(8).\n";

enum { OPTION_FILE = 256, OPTION_REQUIRE, OPTION_SET, OPTION_USER, OPTION_HELP, OPTION_VERSION };

static const struct option long_options[] = {
        { "file", required_argument, NULL, OPTION_FILE },
        { "require", required_argument, NULL, OPTION_REQUIRE },
        { "set", required_argument, NULL, OPTION_SET },
        { "user", required_argument, NULL, OPTION_USER },
        { "help", no_argument, NULL, OPTION_HELP },
        { "version", no_argument, NULL, OPTION_VERSION },
        { 0 },
};

static int usage_error(const char *text) {
        log_line(LOG_ERR, "%s; see fte-env-precheck --help", text);
        return -EINVAL;
}

static int set_once(const char **option, const char *twice, const char *empty) {
        if (*option)
                return usage_error(twice);
        if (!*optarg)
                return usage_error(empty);
        *option = optarg;
        return 0;
}

static int add_required(Options *o) {
        if (!env_name_is_valid(optarg))
                return usage_error("--require= wants a variable's name: letters, digits and _");
        o->required[o->n_required++] = optarg;
        return 0;
}

static int add_set(Options *o) {
        const char *eq = strchr(optarg, '=');

        if (!eq || eq == optarg || env_name_span(optarg, strlen(optarg)) != (size_t) (eq - optarg))
                return usage_error("--set= wants NAME=VALUE");
        o->set[o->n_set++] = optarg;
        return 0;
}

static int print(const char *text) {
        if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
                return -errno;
        return 1;
}

static int apply(Options *o, int option) {
        switch (option) {
        case OPTION_FILE:
                return set_once(&o->file, "--file= is given twice", "--file= wants a path");
        case OPTION_USER:
                return set_once(&o->user, "--user= is given twice", "--user= wants a name");
        case OPTION_REQUIRE:
                return add_required(o);
        case OPTION_SET:
                return add_set(o);
        case OPTION_HELP:
                return print(help);
        case OPTION_VERSION:
                return print("fte-env-precheck " FTE_VERSION "\n");
        default:
                return usage_error("an unknown option, or one without its value");
        }
}

int options_parse(int argc, char **argv, Options *ret) {
        Options o = { .required = calloc((size_t) argc + 1, sizeof(char *)),
                      .set = calloc((size_t) argc + 1, sizeof(char *)) };
        int r = o.required && o.set ? 0 : -ENOMEM, option;

        opterr = 0; /* getopt would repeat the argument, and it may hold a value */
        while (r == 0 && (option = getopt_long(argc, argv, "+", long_options, NULL)) >= 0)
                r = apply(&o, option);
        if (r == 0 && optind >= argc)
                r = usage_error("no command to execute");
        if (r != 0) {
                free(o.required);
                free(o.set);
                return r;
        }
        o.command = argv + optind;
        *ret = o;
        return 0;
}
