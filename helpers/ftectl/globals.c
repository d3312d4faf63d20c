/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The options of globals.h, a row each.
 */

#include "config.h"

#include "arguments.h"
#include "globals.h"

static int print_help(const char *value _unused_, StrBuf *text) {
        help_all(text);
        return 0;
}

static int print_version(const char *value _unused_, StrBuf *text) {
        strbuf_add(text, "ftectl " FTE_VERSION "\n");
        return 0;
}

static const struct {
        const char *name;
        int (*print)(const char *value, StrBuf *text);
        const char *values; /* NULL: it takes none */
} globals[] = {
        { "--help", print_help, NULL },
        { "-h", print_help, NULL },
        { "--version", print_version, NULL },
        { "--completion", completion_print, "bash, zsh or fish" },
        { "--list", names_print, "agents or alerts" },
};

static int refuse(StrBuf *text, const char *word, const char *values) {
        strbuf_reset(text);
        if (values)
                strbuf_addf(text, "ftectl: %s takes %s\n", word, values);
        else
                strbuf_addf(text, "ftectl: %s: no such option; \"ftectl --help\" lists them\n",
                            word);
        return EXIT_CANNOT;
}

int globals_parse(int argc, char **argv, StrBuf *text) {
        for (size_t i = 0; i < ARRAY_SIZE(globals); i++) {
                const char *value = startswith(argv[1], globals[i].name);

                if (!value || (*value && *value != '='))
                        continue;
                if (!globals[i].values)
                        return *value ? refuse(text, globals[i].name, NULL)
                                      : (globals[i].print(NULL, text), EXIT_GOOD);
                value = *value ? value + 1 : argc > 2 ? argv[2] : "";
                if (globals[i].print(value, text) < 0)
                        return refuse(text, globals[i].name, globals[i].values);
                return EXIT_GOOD;
        }
        return refuse(text, argv[1], NULL);
}
