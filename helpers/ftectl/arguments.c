/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The parser of arguments.h: one for all subcommands. getopt_long(3) does the work, with options
 * that are made from the subcommand's row. Prints nothing and starts nothing.
 */

#include <getopt.h>
#include <stdio.h>

#include "base/edit-distance.h"

#include "arguments.h"
#include "globals.h"

#define LETTERS_BYTES (2 * _OPTION_MAX + 4)

/* Replaces what text holds by a message; an exit status. */
#define REFUSE(text, ...)                                  \
        ({                                                 \
                strbuf_reset(text);                        \
                strbuf_addf(text, "ftectl: " __VA_ARGS__); \
                EXIT_CANNOT;                               \
        })

/* ---- which subcommand ---- */

/* Whether the first word of the row's name is word; *ret_second is what follows it, or "". */
static bool first_word_is(const Command *c, const char *word, const char **ret_second) {
        const char *rest = startswith(c->name, word);

        if (!rest || (*rest && *rest != ' '))
                return false;
        *ret_second = *rest ? rest + 1 : "";
        return true;
}

const char *command_guess(const char *name) {
        EditGuess g = edit_guess(name);

        for (size_t i = 0; i < n_commands; i++)
                edit_guess_try(&g, commands[i].name);
        return g.best;
}

/* For "aler lst", but also for "aler" alone. */
static const char *guess_words(const char *first, const char *second) {
        static char joined[2 * EDIT_WORD_BYTES + 2], best[sizeof(joined)];
        unsigned distance = MIN((unsigned) 3, (unsigned) strlen(first));
        const char *guess = NULL;

        if (second &&
            snprintf(joined, sizeof(joined), "%s %s", first, second) < (int) sizeof(joined))
                guess = command_guess(joined);
        if (guess)
                return guess;
        for (size_t i = 0; i < n_commands; i++) {
                size_t n = strcspn(commands[i].name, " ");

                snprintf(joined, sizeof(joined), "%.*s", (int) n, commands[i].name);
                if (edit_distance(first, joined) < distance) {
                        distance = edit_distance(first, joined);
                        strcpy(best, joined);
                        guess = best;
                }
        }
        return guess;
}

static int refuse_command(const char *first, const char *second, StrBuf *text) {
        const char *guess = guess_words(first, second);

        if (guess)
                return REFUSE(text, "no such subcommand; did you mean \"ftectl %s\"?\n", guess);
        return REFUSE(text, "there is no subcommand \"%s\"; \"ftectl --help\" lists them\n", first);
}

/* A family's name alone, "ftectl alert": lists its members. */
static int refuse_family(const char *family, StrBuf *text) {
        const char *second;

        REFUSE(text, "\"%s\" needs another word:\n", family);
        for (size_t i = 0; i < n_commands; i++)
                if (first_word_is(&commands[i], family, &second))
                        strbuf_addf(text, "  ftectl %-14s %s\n", commands[i].name,
                                    commands[i].summary);
        return EXIT_CANNOT;
}

/* Finds the row, and says in *ret_n of how many words its name is. -1, or an exit status. */
static int find_command(int argc, char **argv, const Command **ret, int *ret_n, StrBuf *text) {
        const char *second, *given = argc > 2 && *argv[2] != '-' ? argv[2] : NULL;
        bool family = false;

        for (size_t i = 0; i < n_commands; i++) {
                if (!first_word_is(&commands[i], argv[1], &second))
                        continue;
                if (*second && !(given && streq(given, second))) {
                        family = true;
                        continue;
                }
                *ret = &commands[i];
                *ret_n = *second ? 2 : 1;
                return -1;
        }
        if (!family || given)
                return refuse_command(argv[1], given, text);
        if (argc > 2 && (streq(argv[2], "--help") || streq(argv[2], "-h"))) {
                refuse_family(argv[1], text);
                return EXIT_GOOD;
        }
        return refuse_family(argv[1], text);
}

/* ---- its options ---- */

static void make_options(const Command *c, struct option *options, char *letters) {
        *letters++ = ':'; /* tell an argument that is missing */
        *letters++ = 'h';
        for (size_t i = 0; i < _OPTION_MAX; i++) {
                const OptionRow *o = &option_rows[i];

                if (!(c->options & UINT32_C(1) << i))
                        continue;
                *options++ =
                        (struct option){ o->name, o->argument ? required_argument : no_argument,
                                         NULL, 256 + (int) i };
                if (!o->letter)
                        continue;
                *letters++ = o->letter;
                if (o->argument)
                        *letters++ = ':';
        }
        *options++ = (struct option){ "help", no_argument, NULL, 'h' };
        *options = (struct option){ 0 };
        *letters = 0;
}

static int refuse_user(const Command *c, StrBuf *text) {
        return REFUSE(text, "%s: not with --user: %s\n", c->name, c->not_for_user);
}

/* ":" of getopt_long(3): an argument is missing; "?": the option. */
static int refuse_option(const Command *c, const struct option *options, const char *given,
                         int found, StrBuf *text) {
        char name[64];
        EditGuess g;

        if (found == ':')
                return REFUSE(text, "%s: %s needs a value\nSee \"ftectl %s --help\".\n", c->name,
                              given, c->name);
        snprintf(name, sizeof(name), "%.*s", (int) strcspn(given, "="), given);
        for (const struct option *o = options; o->name && startswith(name, "--"); o++)
                if (streq(name + 2, o->name))
                        return REFUSE(text, "%s: %s takes no value\nSee \"ftectl %s --help\".\n",
                                      c->name, name, c->name);
        if (streq(name, "--user") && c->not_for_user)
                return refuse_user(c, text);
        g = edit_guess(name + (startswith(name, "--") ? 2 : 0));
        for (const struct option *o = options; o->name; o++)
                edit_guess_try(&g, o->name);
        return REFUSE(text, "%s: %s: no such option%s%s%s\nSee \"ftectl %s --help\".\n", c->name,
                      name, g.best ? "; did you mean --" : "", g.best ? g.best : "",
                      g.best ? "?" : "", c->name);
}

static int option_index(const Command *c, int found) {
        if (found >= 256)
                return found - 256;
        for (int i = 0; i < _OPTION_MAX; i++)
                if (option_rows[i].letter == found && (c->options & UINT32_C(1) << i))
                        return i;
        return -1;
}

static int check_words(const Arguments *a, StrBuf *text) {
        const Command *c = a->command;

        if (a->n_words >= c->min_words && a->n_words <= c->max_words)
                return -1;
        return REFUSE(text, "%s: %s\nUsage: ftectl %s%s%s\n", c->name,
                      a->n_words < c->min_words ? "a word is missing" : "too many words", c->name,
                      c->words_usage ? " " : "", c->words_usage ? c->words_usage : "");
}

static int parse_options(int argc, char **argv, Arguments *a, StrBuf *text) {
        struct option options[_OPTION_MAX + 2];
        char letters[LETTERS_BYTES];
        int found;

        make_options(a->command, options, letters);
        optind = 0; /* glibc: begin anew, also in a second call of a test */
        opterr = 0;
        while ((found = getopt_long(argc, argv, letters, options, NULL)) >= 0) {
                int i = option_index(a->command, found);

                if (found == 'h') {
                        help_command(a->command, text);
                        return EXIT_GOOD;
                }
                if (i < 0)
                        return refuse_option(a->command, options, argv[optind - 1], found, text);
                a->values[i] = optarg ? optarg : "";
        }
        a->words = argv + optind;
        a->n_words = (size_t) (argc - optind);
        if (a->values[OPTION_ROOT])
                setenv("FTE_ROOT", a->values[OPTION_ROOT], 1);
        a->root = getenv("FTE_ROOT") ? getenv("FTE_ROOT") : "";
        return check_words(a, text);
}

int arguments_parse(int argc, char **argv, Arguments *ret, StrBuf *text) {
        const char *user = NULL;
        int n = 0, r;

        *ret = (Arguments){ 0 };
        if (argc < 2) {
                help_all(text);
                return EXIT_CANNOT;
        }
        if (streq(argv[1], "--user") && argc > 2) { /* as systemctl takes it */
                user = "";
                argv[1] = argv[0];
                argc--;
                argv++;
        }
        if (*argv[1] == '-')
                return globals_parse(argc, argv, user != NULL, text);
        r = find_command(argc, argv, &ret->command, &n, text);
        if (r >= 0)
                return r;
        if (user && ret->command->not_for_user)
                return refuse_user(ret->command, text);
        ret->values[OPTION_USER] = user;
        argv[n] = argv[0]; /* what getopt passes over */
        return parse_options(argc - n, argv + n, ret, text);
}
