/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The completion for fish (completion.h): a line for each thing to offer, with the condition for
 * it.
 */

#include <stdio.h>

#include "completion.h"

/* For 'single quotes' of any shell: none of our texts may hold one, so it becomes a backquote. */
static void add_quoted(StrBuf *b, const char *text) {
        strbuf_addc(b, '\'');
        for (; *text; text++)
                strbuf_addc(b, *text == '\'' ? '`' : *text);
        strbuf_addc(b, '\'');
}

/* The condition under which what belongs to a subcommand is offered. */
static void fish_condition(StrBuf *b, const Command *c, const char *more) {
        size_t n = first_word_len(c);

        strbuf_add(b, "complete -c ftectl -n '__fish_seen_subcommand_from ");
        add_first_word(b, c);
        if (is_family(c))
                strbuf_addf(b, "; and __fish_seen_subcommand_from %s", c->name + n + 1);
        strbuf_addf(b, "%s' ", more);
}

static void fish_family(StrBuf *b, size_t i) {
        size_t n = first_word_len(&commands[i]);

        for (size_t k = i; k < n_commands && (k == i || !begins_family(k)); k++) {
                if (!is_family(&commands[k]))
                        continue; /* the first word alone: fish_command() */
                strbuf_add(b, "complete -c ftectl -n '__fish_seen_subcommand_from ");
                add_first_word(b, &commands[i]);
                strbuf_add(b, "; and not __fish_seen_subcommand_from");
                for (size_t m = i; m < n_commands && (m == i || !begins_family(m)); m++)
                        if (is_family(&commands[m]))
                                strbuf_addf(b, " %s", commands[m].name + n + 1);
                strbuf_addf(b, "' -a %s -d ", commands[k].name + n + 1);
                add_quoted(b, commands[k].summary);
                strbuf_addc(b, '\n');
        }
}

/* n of FISH_COUNT: "ftectl" is one of the words. */
#define FISH_COUNT "; and test (count (commandline -opc | string match -v -- \"-*\")) -%s %u"

static void fish_words(StrBuf *b, const Command *c) {
        char more[sizeof(FISH_COUNT) + 16] = "";

        if (!completion_words[c->words].list)
                return;
        if (list_end(c) != MANY_WORDS)
                snprintf(more, sizeof(more), FISH_COUNT, "le", list_end(c));
        fish_condition(b, c, more);
        strbuf_addf(b, "%s-a '(ftectl --list=%s 2>/dev/null)'\n",
                    completion_words[c->words].files ? "-F " : "", completion_words[c->words].list);
        if (!c->verbs)
                return;
        snprintf(more, sizeof(more), FISH_COUNT, "eq", list_end(c) + 1);
        fish_condition(b, c, more);
        strbuf_addf(b, "-a '%s'\n", c->verbs);
}

static void fish_command(StrBuf *b, const Command *c) {
        for (size_t i = 0; i < _OPTION_MAX; i++) {
                const OptionRow *o = &option_rows[i];

                if (!takes(c, i))
                        continue;
                fish_condition(b, c, "");
                if (o->letter)
                        strbuf_addf(b, "-s %c ", o->letter);
                strbuf_addf(b, "-l %s %s-d ", o->name,
                            o->takes_directory ? "-r -a '(__fish_complete_directories)' "
                            : o->argument      ? "-x "
                                               : "");
                add_quoted(b, o->help);
                strbuf_addc(b, '\n');
        }
        fish_words(b, c);
}

void completion_print_fish(StrBuf *b) {
        strbuf_add(b,
                   "# fish completion for ftectl, printed by ftectl --completion=fish\n"
                   "complete -c ftectl -f\n"
                   "complete -c ftectl -n __fish_use_subcommand -l version -d 'show the version'\n"
                   "complete -c ftectl -s h -l help -d 'show a help'\n");
        for (size_t i = 0; i < n_commands; i++) {
                if (!begins_family(i))
                        continue;
                strbuf_add(b, "complete -c ftectl -n __fish_use_subcommand -a ");
                add_first_word(b, &commands[i]);
                strbuf_add(b, " -d ");
                add_quoted(b, is_family(&commands[i]) ? "see its own words" : commands[i].summary);
                strbuf_addc(b, '\n');
                if (is_family(&commands[i]))
                        fish_family(b, i);
        }
        for (size_t i = 0; i < n_commands; i++)
                fish_command(b, &commands[i]);
}
