/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The completion for fish (completion.h): a line for each thing to offer, with the condition for
 * it.
 */

#include "completion.h"

static void add_quoted(StrBuf *b, const char *text) {
        strbuf_addc(b, '\'');
        completion_add_text(b, text);
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

#define FISH_LIST "(ftectl (__fish_contains_opt user; and echo -- --user) --list=%s 2>/dev/null)"

static const char *const files_flags[_FILES_MAX] = {
        [FILES_NONE] = "",
        [FILES_CONF] = "-F ", /* fish lists all when it shall list some */
        [FILES_ALL] = "-F ",
        [FILES_DIRECTORIES] = "-a '(__fish_complete_directories)' ",
};

/* Where there are from to end - 1 words before. */
static void fish_offer(StrBuf *b, const Command *c, const WordOffer *o) {
        _cleanup_strbuf_ StrBuf more = { 0 };

        if (o->from > name_words(c))
                strbuf_addf(&more, "; and test (__ftectl_words) -ge %u", o->from);
        if (o->end != MANY_WORDS)
                strbuf_addf(&more, "; and test (__ftectl_words) -lt %u", o->end);
        fish_condition(b, c, strbuf_text(&more));
        strbuf_add(b, files_flags[o->offer.files]);
        if (o->offer.list)
                strbuf_addf(b, "-a '" FISH_LIST "'", o->offer.list);
        strbuf_addc(b, '\n');
}

static void fish_words(StrBuf *b, const Command *c) {
        _cleanup_strbuf_ StrBuf more = { 0 };
        WordOffer offers[2];
        size_t n = completion_offers(c, offers);

        for (size_t i = 0; i < n; i++)
                fish_offer(b, c, &offers[i]);
        if (!c->verbs)
                return;
        strbuf_addf(&more, "; and test (__ftectl_words) -eq %u", name_words(c) + 1);
        fish_condition(b, c, strbuf_text(&more));
        strbuf_addf(b, "-a '%s'\n", c->verbs);
}

/* How an option takes what it takes. */
static void fish_argument(StrBuf *b, const OptionRow *o) {
        if (!o->argument)
                return;
        strbuf_add(b, "-x ");
        if (o->offer.list)
                strbuf_addf(b, "-a '" FISH_LIST "' ", o->offer.list);
        else
                strbuf_add(b, files_flags[o->offer.files]);
}

static void fish_command(StrBuf *b, const Command *c) {
        for (size_t i = 0; i < _OPTION_MAX; i++) {
                const OptionRow *o = &option_rows[i];

                if (!takes(c, i))
                        continue;
                fish_condition(b, c, "");
                if (o->letter)
                        strbuf_addf(b, "-s %c ", o->letter);
                strbuf_addf(b, "-l %s ", o->name);
                fish_argument(b, o);
                strbuf_add(b, "-d ");
                add_quoted(b, o->help);
                strbuf_addc(b, '\n');
        }
        fish_words(b, c);
}

/* How many words stand before the cursor, without options and what belongs to them. */
static void fish_count(StrBuf *b) {
        strbuf_add(b, "function __ftectl_words\n"
                      "        set -l n -1\n"
                      "        set -l skip no\n"
                      "        for word in (commandline -opc)\n"
                      "                if test $skip = yes\n"
                      "                        set skip no\n"
                      "                        continue\n"
                      "                end\n"
                      "                switch $word\n"
                      "                        case ");
        completion_add_taking(b, " ");
        strbuf_add(b, "\n"
                      "                                set skip yes\n"
                      "                        case '-*'\n"
                      "                        case '*'\n"
                      "                                set n (math $n + 1)\n"
                      "                end\n"
                      "        end\n"
                      "        echo $n\n"
                      "end\n");
}

/* --help is behind every subcommand, too. */
static void fish_global(StrBuf *b, const GlobalOption *o) {
        strbuf_addf(b, "complete -c ftectl %s", o->letter ? "" : "-n __fish_use_subcommand ");
        if (o->letter)
                strbuf_addf(b, "-s %c ", o->letter);
        strbuf_addf(b, "-l %s ", o->name);
        if (o->values)
                strbuf_addf(b, "-x -a '%s' ", o->values);
        strbuf_add(b, "-d ");
        add_quoted(b, o->help);
        strbuf_addc(b, '\n');
}

void completion_print_fish(StrBuf *b) {
        strbuf_add(b, "# fish completion for ftectl, printed by ftectl --completion=fish\n");
        fish_count(b);
        strbuf_add(b, "complete -c ftectl -f\n");
        for (size_t i = 0; i < n_global_options; i++)
                fish_global(b, &global_options[i]);
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
