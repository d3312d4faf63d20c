/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The completion for bash (completion.h): one function, in which a case for each subcommand says
 * what there is, and the end offers it.
 */

#include "completion.h"

static const struct {
        const char *name, *command;
} files_rows[_FILES_MAX] = {
        [FILES_CONF] = { "conf", "compgen -f -X '!*.conf' -- \"$cur\"; compgen -d -- \"$cur\"" },
        [FILES_ALL] = { "all", "compgen -f -- \"$cur\"" },
        [FILES_DIRECTORIES] = { "directories", "compgen -d -- \"$cur\"" },
};

static void bash_first_words(StrBuf *b) {
        strbuf_add(b, "        ' ')\n                words='");
        for (size_t i = 0; i < n_commands; i++)
                if (begins_family(i)) {
                        strbuf_add(b, i > 0 ? " " : "");
                        add_first_word(b, &commands[i]);
                }
        strbuf_add(b, "' options='");
        for (size_t i = 0; i < n_global_options; i++)
                strbuf_addf(b, "%s--%s%s", i > 0 ? " " : "", global_options[i].name,
                            global_options[i].values ? "=" : "");
        strbuf_add(b, "'\n                ;;\n");
}

static void bash_family(StrBuf *b, size_t i) {
        const char *lone = "";
        WordOffer offers[2];
        size_t n = first_word_len(&commands[i]);

        strbuf_add(b, "        ' ");
        add_first_word(b, &commands[i]);
        strbuf_add(b, " ')\n                words='");
        for (size_t k = i; k < n_commands && (k == i || !begins_family(k)); k++)
                if (is_family(&commands[k]))
                        strbuf_addf(b, "%s%s", k > i ? " " : "", commands[k].name + n + 1);
                else if (completion_offers(&commands[k], offers) > 0 && offers[0].offer.list)
                        lone = offers[0].offer.list; /* the first word alone, too */
        strbuf_addf(b, "' list=%s\n                ;;\n", lone);
}

static void bash_offer(StrBuf *b, const Command *c, const WordOffer *o) {
        _cleanup_strbuf_ StrBuf unless = { 0 };

        if (o->from > name_words(c))
                strbuf_addf(&unless, "((n < %u)) || ", o->from);
        if (o->end != MANY_WORDS)
                strbuf_addf(&unless, "((n >= %u)) || ", o->end);
        if (o->offer.list)
                strbuf_addf(b, "                %slist=%s\n", strbuf_text(&unless), o->offer.list);
        if (o->offer.files != FILES_NONE)
                strbuf_addf(b, "                %sfiles=%s\n", strbuf_text(&unless),
                            files_rows[o->offer.files].name);
}

static void bash_command(StrBuf *b, const Command *c) {
        WordOffer offers[2];
        size_t n;

        strbuf_addf(b, "        ' %s '*)\n                options='--help", c->name);
        for (size_t i = 0; i < _OPTION_MAX; i++)
                if (takes(c, i))
                        strbuf_addf(b, " --%s%s", option_rows[i].name,
                                    option_rows[i].argument ? "=" : "");
        strbuf_add(b, "'\n");
        n = completion_offers(c, offers);
        for (size_t i = 0; i < n; i++)
                bash_offer(b, c, &offers[i]);
        if (c->verbs)
                strbuf_addf(b, "                ((n != %u)) || words='%s'\n", name_words(c) + 1,
                            c->verbs);
        strbuf_add(b, "                ;;\n");
}

/* The argument of an option is the next word, or stands behind a "=", which bash splits off. */
static void bash_words(StrBuf *b) {
        strbuf_add(b, "        for ((i = 1; i < COMP_CWORD; i++)); do\n"
                      "                case ${COMP_WORDS[i]} in\n"
                      "                --user) user=--user ;;\n"
                      "                ");
        completion_add_taking(b, " | ");
        strbuf_add(b, ")\n"
                      "                        option=${COMP_WORDS[i]}\n"
                      "                        [[ ${COMP_WORDS[i + 1]} != = ]] || ((i += 1))\n"
                      "                        ((i += 1))\n"
                      "                        ((i >= COMP_CWORD)) || option=\n"
                      "                        ;;\n"
                      "                -* | =) ;;\n"
                      "                *)\n"
                      "                        command+=\" ${COMP_WORDS[i]}\"\n"
                      "                        ((n += 1))\n"
                      "                        ;;\n"
                      "                esac\n"
                      "        done\n");
}

/* The cursor is in the argument of an option. */
static void bash_arguments(StrBuf *b) {
        strbuf_add(b, "        [[ -z $option ]] || words= options= list= files=\n"
                      "        [[ -z $option || $cur != = ]] || cur=\n"
                      "        case $option in\n");
        for (size_t i = 0; i < _OPTION_MAX; i++) {
                const Offer *offer = &option_rows[i].offer;

                if (!offer->list && offer->files == FILES_NONE)
                        continue;
                strbuf_add(b, "        ");
                completion_add_option(b, &option_rows[i], " | ");
                strbuf_addf(b, ") %s=%s ;;\n", offer->list ? "list" : "files",
                            offer->list ? offer->list : files_rows[offer->files].name);
        }
        for (size_t i = 0; i < n_global_options; i++)
                if (global_options[i].values)
                        strbuf_addf(b, "        --%s) words='%s' ;;\n", global_options[i].name,
                                    global_options[i].values);
        strbuf_add(b, "        esac\n");
}

static void bash_offers(StrBuf *b) {
        strbuf_add(b, "        COMPREPLY=()\n"
                      "        case $cur in\n"
                      "        -*)\n"
                      "                COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                      "                [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace "
                      "2>/dev/null\n"
                      "                ;;\n"
                      "        *)\n"
                      "                # compgen -W would run what a name holds, and $(...) split "
                      "it.\n"
                      "                [[ -z $list ]] ||\n"
                      "                        words+=\" $(ftectl $user --list=\"$list\" "
                      "2>/dev/null)\"\n"
                      "                while IFS= read -r word; do\n"
                      "                        [[ -z $word || $word != \"$cur\"* ]] || "
                      "COMPREPLY+=(\"$word\")\n"
                      "                done <<<\"${words// /$'\\n'}\"\n"
                      "                [[ -n $files ]] || return 0\n"
                      "                compopt -o filenames 2>/dev/null\n"
                      "                case $files in\n");
        for (size_t i = FILES_NONE + 1; i < _FILES_MAX; i++)
                strbuf_addf(b, "                %s) files=$(%s) ;;\n", files_rows[i].name,
                            files_rows[i].command);
        strbuf_add(b, "                esac\n"
                      "                while IFS= read -r word; do\n"
                      "                        [[ -z $word ]] || COMPREPLY+=(\"$word\")\n"
                      "                done <<<\"$files\"\n"
                      "                ;;\n"
                      "        esac\n");
}

void completion_print_bash(StrBuf *b) {
        strbuf_add(b, "# bash completion for ftectl, printed by ftectl --completion=bash\n"
                      "_ftectl() {\n"
                      "        local cur=${COMP_WORDS[COMP_CWORD]} command= words= options= list= "
                      "files= n=0 i word\n"
                      "        local option= user=\n");
        bash_words(b);
        strbuf_add(b, "        case \"$command \" in\n");
        bash_first_words(b);
        for (size_t i = 0; i < n_commands; i++)
                if (begins_family(i) && is_family(&commands[i]))
                        bash_family(b, i);
        for (size_t i = 0; i < n_commands; i++)
                bash_command(b, &commands[i]);
        strbuf_add(b, "        esac\n");
        bash_arguments(b);
        bash_offers(b);
        strbuf_add(b, "}\n"
                      "complete -F _ftectl ftectl\n");
}
