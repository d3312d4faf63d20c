/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The options of globals.h, a row each.
 */

#include "config.h"

#include "base/scope.h"

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

const GlobalOption global_options[] = {
        { "user", 0, NULL, "your own agents, in ~/.config/fte, instead of the system's", NULL },
        { "help", 'h', NULL, "this text; behind a command, what it takes", print_help },
        { "version", 0, NULL, "show the version", print_version },
        { "completion", 0, "bash zsh fish", "print the completion for a shell", completion_print },
        { "list", 0, "agents alerts environments", "names, one a line, for the completion",
          names_print },
};
const size_t n_global_options = ARRAY_SIZE(global_options);

/* "a, b or c" of "a b c". */
static void add_choices(const char *values, StrBuf *b) {
        const char *last = strrchr(values, ' ');

        for (const char *p = values; *p; p++)
                if (*p != ' ')
                        strbuf_addc(b, *p);
                else
                        strbuf_add(b, p == last ? " or " : ", ");
}

static int refuse(const GlobalOption *o, const char *word, StrBuf *text) {
        strbuf_reset(text);
        if (o && o->values) {
                strbuf_addf(text, "ftectl: --%s takes ", o->name);
                add_choices(o->values, text);
                strbuf_addc(text, '\n');
        } else
                strbuf_addf(text, "ftectl: %s: no such option; \"ftectl --help\" lists them\n",
                            word);
        return EXIT_CANNOT;
}

/* Whether word is the option, and what follows it in the same word: "=VALUE" or "". */
static const char *match(const GlobalOption *o, const char *word) {
        const char *rest = startswith(word, "--");

        if (o->letter && word[0] == '-' && word[1] == o->letter && !word[2])
                return word + 2;
        rest = rest ? startswith(rest, o->name) : NULL;
        return rest && (!*rest || *rest == '=') ? rest : NULL;
}

int globals_parse(int argc, char **argv, bool user, StrBuf *text) {
        for (size_t i = 0; i < n_global_options; i++) {
                const GlobalOption *o = &global_options[i];
                const char *value = o->print ? match(o, argv[1]) : NULL;

                if (!value)
                        continue;
                if (!o->values && *value)
                        return refuse(NULL, argv[1], text);
                if (user && o->values && scope_enter_user(NULL) < 0)
                        return EXIT_GOOD; /* nobody's: no names */
                value = *value ? value + 1 : argc > 2 ? argv[2] : "";
                return o->print(value, text) < 0 ? refuse(o, argv[1], text) : EXIT_GOOD;
        }
        return refuse(NULL, argv[1], text);
}
