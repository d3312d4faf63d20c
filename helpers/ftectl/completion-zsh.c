/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The completion for zsh (completion.h): the body of the function _ftectl, in which a case for each
 * subcommand calls _arguments.
 */

#include "completion.h"

/* Words of an array. */
#define ZSH_LIST "${(f)\"$(ftectl $user --list=%s 2>/dev/null)\"}"

static const char *const files_actions[_FILES_MAX] = {
        [FILES_NONE] = "",
        [FILES_CONF] = "_files -g \"*.conf\"",
        [FILES_ALL] = "_files",
        [FILES_DIRECTORIES] = "_files -/",
};

/* A row of _describe: 'name:what it does'. */
static void zsh_row(StrBuf *b, const char *name, size_t len, const char *summary) {
        strbuf_add(b, "                '");
        strbuf_add_bytes(b, name, len);
        strbuf_addc(b, ':');
        completion_add_text(b, summary);
        strbuf_add(b, "'\n");
}

static void zsh_family(StrBuf *b, size_t i) {
        size_t n = first_word_len(&commands[i]);
        WordOffer offers[2];

        strbuf_add(b, "'");
        add_first_word(b, &commands[i]);
        strbuf_add(b, " ')\n        names=(\n");
        for (size_t k = i; k < n_commands && (k == i || !begins_family(k)); k++)
                if (is_family(&commands[k]))
                        zsh_row(b, commands[k].name + n + 1, strlen(commands[k].name + n + 1),
                                commands[k].summary);
                else if (completion_offers(&commands[k], offers) > 0 && offers[0].offer.list)
                        strbuf_addf(b, "                " ZSH_LIST "\n", /* the first word alone */
                                    offers[0].offer.list);
        strbuf_add(b, "        )\n        _describe word names\n        ;;\n");
}

/* The action of _arguments for what an option takes. */
static void zsh_action(StrBuf *b, const Offer *o) {
        if (o->list)
                strbuf_addf(b, "{compadd -- " ZSH_LIST "}", o->list);
        else
                strbuf_add(b, files_actions[o->files]);
}

static void zsh_option(StrBuf *b, const OptionRow *o) {
        const char *plus = o->argument ? "+" : "", *equal = o->argument ? "=" : "";

        strbuf_add(b, " \\\n                ");
        if (o->letter)
                strbuf_addf(b, "'(-%c --%s)'{-%c%s,--%s%s}'[%s]", o->letter, o->name, o->letter,
                            plus, o->name, equal, o->help);
        else
                strbuf_addf(b, "'--%s%s[%s]", o->name, equal, o->help);
        if (o->argument) {
                strbuf_addf(b, ":%s:", o->argument);
                zsh_action(b, &o->offer);
        }
        strbuf_addc(b, '\'');
}

/* Fills names, and returns which files there are besides. */
static OfferedFiles zsh_offers(StrBuf *b, const Command *c) {
        OfferedFiles files = FILES_NONE;
        WordOffer offers[2];
        size_t n = completion_offers(c, offers);

        for (size_t i = 0; i < n; i++) {
                const WordOffer *o = &offers[i];

                strbuf_add(b, "        ");
                if (o->from > name_words(c))
                        strbuf_addf(b, "(( $#given < %u )) || ", o->from);
                if (o->end != MANY_WORDS)
                        strbuf_addf(b, "(( $#given >= %u )) || ", o->end);
                if (o->offer.list)
                        strbuf_addf(b, "names=(" ZSH_LIST ")", o->offer.list);
                strbuf_add(b, o->offer.list && o->offer.files != FILES_NONE ? " files=yes"
                              : o->offer.files != FILES_NONE                ? "files=yes"
                                                                            : "");
                strbuf_addc(b, '\n');
                files = MAX(files, o->offer.files);
        }
        if (c->verbs)
                strbuf_addf(b, "        (( $#given != %u )) || names=(%s)\n", name_words(c) + 1,
                            c->verbs);
        return files;
}

static void zsh_command(StrBuf *b, const Command *c) {
        OfferedFiles files;

        strbuf_addf(b, "'%s '*)\n", c->name);
        files = zsh_offers(b, c);
        strbuf_add(b, "        _arguments '(- *)'{-h,--help}'[show a help]'");
        for (size_t i = 0; i < _OPTION_MAX; i++)
                if (takes(c, i))
                        zsh_option(b, &option_rows[i]);
        if (c->words != WORDS_NONE && c->words != WORDS_NEW) {
                strbuf_add(b, " \\\n                '*:word:{compadd -a names");
                if (files != FILES_NONE)
                        strbuf_addf(b, "; [[ -z $files ]] || %s", files_actions[files]);
                strbuf_add(b, "}'");
        }
        strbuf_add(b, "\n        ;;\n");
}

/* What the words before the cursor are, without options and what belongs to them. */
static void zsh_words(StrBuf *b) {
        strbuf_add(b, "local -a names given\n"
                      "local files= user= i\n"
                      "for (( i = 2; i < CURRENT; i++ )); do\n"
                      "        case $words[i] in\n"
                      "        --user) user=--user ;;\n"
                      "        ");
        completion_add_taking(b, " | ");
        strbuf_add(b, ") (( i += 1 )) ;;\n"
                      "        -*) ;;\n"
                      "        *) given+=(\"$words[i]\") ;;\n"
                      "        esac\n"
                      "done\n"
                      "local command=\"${(j: :)given}\"\n");
}

static void zsh_globals(StrBuf *b) {
        strbuf_add(b, "        _arguments");
        for (size_t i = 0; i < n_global_options; i++) {
                const GlobalOption *o = &global_options[i];

                strbuf_addf(b, " \\\n                '--%s%s[", o->name, o->values ? "=" : "");
                completion_add_text(b, o->help);
                strbuf_addc(b, ']');
                if (o->values)
                        strbuf_addf(b, ":%s:(%s)", o->name, o->values);
                strbuf_addc(b, '\'');
        }
        strbuf_add(b, "\n        ;;\n");
}

void completion_print_zsh(StrBuf *b) {
        strbuf_add(b, "#compdef ftectl\n"
                      "# zsh completion for ftectl, printed by ftectl --completion=zsh\n");
        zsh_words(b);
        strbuf_add(b, "case \"$command \" in\n"
                      "' ')\n"
                      "        names=(\n");
        for (size_t i = 0; i < n_commands; i++)
                if (begins_family(i))
                        zsh_row(b, commands[i].name, first_word_len(&commands[i]),
                                is_family(&commands[i]) ? "see its own words"
                                                        : commands[i].summary);
        strbuf_add(b, "        )\n"
                      "        case $words[CURRENT-1] in\n"
                      "        ");
        completion_add_taking(b, " | ");
        strbuf_add(b, ") ;;\n"
                      "        *) _describe subcommand names ;;\n"
                      "        esac\n");
        zsh_globals(b);
        for (size_t i = 0; i < n_commands; i++)
                if (begins_family(i) && is_family(&commands[i]))
                        zsh_family(b, i);
        for (size_t i = 0; i < n_commands; i++)
                zsh_command(b, &commands[i]);
        strbuf_add(b, "esac\n");
}
