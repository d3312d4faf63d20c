/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Completion scripts made from the tables of command.h. The build prints each into the file that is
 * installed, so they cannot lag behind. None needs more than the shell itself; the names of agents
 * and alerts come from "ftectl --list=" at the time of the key press.
 */

#include "completion.h"
#include "globals.h"

const CompletionWords completion_words[] = {
        [WORDS_NONE] = { NULL, false },       [WORDS_NEW] = { NULL, false },
        [WORDS_AGENTS] = { "agents", false }, [WORDS_AGENTS_AND_FILES] = { "agents", true },
        [WORDS_ALERTS] = { "alerts", false },
};

static const char *const global_options[] = { "--help", "--version",
                                              "--completion=", "--list=", "--user" };

/* ---- bash ---- */

static void bash_first_words(StrBuf *b) {
        strbuf_add(b, "        ' ')\n                words='");
        for (size_t i = 0; i < n_commands; i++)
                if (begins_family(i)) {
                        strbuf_add(b, i > 0 ? " " : "");
                        add_first_word(b, &commands[i]);
                }
        strbuf_add(b, "' options='");
        for (size_t i = 0; i < ARRAY_SIZE(global_options); i++)
                strbuf_addf(b, "%s%s", i > 0 ? " " : "", global_options[i]);
        strbuf_add(b, "'\n                ;;\n");
}

static void bash_family(StrBuf *b, size_t i) {
        const char *lone = "";
        size_t n = first_word_len(&commands[i]);

        strbuf_add(b, "        ' ");
        add_first_word(b, &commands[i]);
        strbuf_add(b, " ')\n                words='");
        for (size_t k = i; k < n_commands && (k == i || !begins_family(k)); k++)
                if (is_family(&commands[k]))
                        strbuf_addf(b, "%s%s", k > i ? " " : "", commands[k].name + n + 1);
                else if (completion_words[commands[k].words].list) /* the first word alone, too */
                        lone = completion_words[commands[k].words].list;
        strbuf_addf(b, "' list=%s\n                ;;\n", lone);
}

static void bash_command(StrBuf *b, const Command *c) {
        strbuf_addf(b, "        ' %s '*)\n                options='--help", c->name);
        for (size_t i = 0; i < _OPTION_MAX; i++)
                if (takes(c, i))
                        strbuf_addf(b, " --%s%s", option_rows[i].name,
                                    option_rows[i].argument ? "=" : "");
        strbuf_add(b, "'\n");
        if (completion_words[c->words].list) {
                strbuf_add(b, "                ");
                if (list_end(c) != MANY_WORDS)
                        strbuf_addf(b, "((n >= %u)) || ", list_end(c));
                strbuf_addf(b, "list=%s\n", completion_words[c->words].list);
        }
        if (completion_words[c->words].files)
                strbuf_add(b, "                files=yes\n");
        if (c->verbs)
                strbuf_addf(b, "                ((n != %u)) || words='%s'\n", list_end(c),
                            c->verbs);
        strbuf_add(b, "                ;;\n");
}

/* Options whose argument is the next word, or stands behind a "=", which bash splits off. */
static void bash_arguments(StrBuf *b) {
        const char *between = "                ";

        for (size_t i = 0; i < _OPTION_MAX; i++) {
                if (!option_rows[i].argument)
                        continue;
                strbuf_addf(b, "%s--%s", between, option_rows[i].name);
                if (option_rows[i].letter)
                        strbuf_addf(b, " | -%c", option_rows[i].letter);
                between = " | ";
        }
        strbuf_add(b, ")\n"
                      "                        [[ ${COMP_WORDS[i + 1]} != = ]] || ((i += 1))\n"
                      "                        ((i += 1))\n"
                      "                        ;;\n");
}

static void print_bash(StrBuf *b) {
        strbuf_add(b, "# bash completion for ftectl, printed by ftectl --completion=bash\n"
                      "_ftectl() {\n"
                      "        local cur=${COMP_WORDS[COMP_CWORD]} command= words= options= list= "
                      "files= n=0 i word\n"
                      "        for ((i = 1; i < COMP_CWORD; i++)); do\n"
                      "                case ${COMP_WORDS[i]} in\n");
        bash_arguments(b);
        strbuf_add(b, "                -* | =) ;;\n"
                      "                *)\n"
                      "                        command+=\" ${COMP_WORDS[i]}\"\n"
                      "                        ((n += 1))\n"
                      "                        ;;\n"
                      "                esac\n"
                      "        done\n"
                      "        case \"$command \" in\n");
        bash_first_words(b);
        for (size_t i = 0; i < n_commands; i++)
                if (begins_family(i) && is_family(&commands[i]))
                        bash_family(b, i);
        for (size_t i = 0; i < n_commands; i++)
                bash_command(b, &commands[i]);
        strbuf_add(
                b,
                "        esac\n"
                "        COMPREPLY=()\n"
                "        case $cur in\n"
                "        -*)\n"
                "                COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                "                [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null\n"
                "                ;;\n"
                "        *)\n"
                "                # compgen -W would run what a name holds, and $(...) split it.\n"
                "                [[ -z $list ]] || words+=\" $(ftectl --list=\"$list\" "
                "2>/dev/null)\"\n"
                "                while IFS= read -r word; do\n"
                "                        [[ -z $word || $word != \"$cur\"* ]] || "
                "COMPREPLY+=(\"$word\")\n"
                "                done <<<\"${words// /$'\\n'}\"\n"
                "                [[ -n $files ]] || return 0\n"
                "                compopt -o filenames 2>/dev/null\n"
                "                while IFS= read -r word; do\n"
                "                        [[ -z $word ]] || COMPREPLY+=(\"$word\")\n"
                "                done <<<\"$(compgen -f -X '!*.conf' -- \"$cur\"; compgen -d -- "
                "\"$cur\")\"\n"
                "                ;;\n"
                "        esac\n"
                "}\n"
                "complete -F _ftectl ftectl\n");
}

/* ---- zsh ---- */

/* A row of _describe: 'name:what it does'. */
static void zsh_row(StrBuf *b, const char *name, size_t len, const char *summary) {
        strbuf_add(b, "                '");
        strbuf_add_bytes(b, name, len);
        strbuf_addc(b, ':');
        for (; *summary; summary++)
                strbuf_addc(b, *summary == '\'' ? '`' : *summary);
        strbuf_add(b, "'\n");
}

static void zsh_family(StrBuf *b, size_t i) {
        size_t n = first_word_len(&commands[i]);

        strbuf_add(b, "'");
        add_first_word(b, &commands[i]);
        strbuf_add(b, " ')\n        names=(\n");
        for (size_t k = i; k < n_commands && (k == i || !begins_family(k)); k++)
                if (is_family(&commands[k]))
                        zsh_row(b, commands[k].name + n + 1, strlen(commands[k].name + n + 1),
                                commands[k].summary);
                else if (completion_words[commands[k].words].list) /* the first word alone, too */
                        strbuf_addf(b,
                                    "                ${(f)\"$(ftectl --list=%s 2>/dev/null)\"}\n",
                                    completion_words[commands[k].words].list);
        strbuf_add(b, "        )\n        _describe word names\n        ;;\n");
}

static void zsh_option(StrBuf *b, const OptionRow *o) {
        strbuf_add(b, " \\\n                ");
        if (o->letter && !o->argument)
                strbuf_addf(b, "'(-%c --%s)'{-%c,--%s}'[%s]'", o->letter, o->name, o->letter,
                            o->name, o->help);
        else
                strbuf_addf(b, "'--%s%s[%s]%s%s%s'", o->name, o->argument ? "=" : "", o->help,
                            o->argument ? ":" : "", o->argument ? o->argument : "",
                            !o->argument         ? ""
                            : o->takes_directory ? ":_files -/"
                                                 : ":");
}

static void zsh_command(StrBuf *b, const Command *c) {
        strbuf_addf(b, "'%s '*)\n", c->name);
        if (completion_words[c->words].list) {
                strbuf_add(b, "        ");
                if (list_end(c) != MANY_WORDS)
                        strbuf_addf(b, "(( $#given >= %u )) || ", list_end(c));
                strbuf_addf(b, "names=(${(f)\"$(ftectl --list=%s 2>/dev/null)\"})\n",
                            completion_words[c->words].list);
        }
        if (c->verbs)
                strbuf_addf(b, "        (( $#given != %u )) || names=(%s)\n", list_end(c),
                            c->verbs);
        strbuf_add(b, "        _arguments '(- *)'{-h,--help}'[show a help]'");
        for (size_t i = 0; i < _OPTION_MAX; i++)
                if (takes(c, i))
                        zsh_option(b, &option_rows[i]);
        if (completion_words[c->words].files)
                strbuf_add(b, " \\\n                '*:name or file:{compadd -a names; _files -g "
                              "\"*.conf\"}'");
        else if (completion_words[c->words].list)
                strbuf_add(b, " \\\n                '*:name:{compadd -a names}'");
        strbuf_add(b, "\n        ;;\n");
}

static void print_zsh(StrBuf *b) {
        strbuf_add(b, "#compdef ftectl\n"
                      "# zsh completion for ftectl, printed by ftectl --completion=zsh\n"
                      "local -a names given\n"
                      "given=(${(M)words[2,CURRENT-1]:#[^-]*})\n"
                      "local command=\"${(j: :)given}\"\n"
                      "case \"$command \" in\n"
                      "' ')\n"
                      "        names=(\n");
        for (size_t i = 0; i < n_commands; i++)
                if (begins_family(i))
                        zsh_row(b, commands[i].name, first_word_len(&commands[i]),
                                is_family(&commands[i]) ? "see its own words"
                                                        : commands[i].summary);
        strbuf_add(b, "        )\n"
                      "        _describe subcommand names\n"
                      "        _arguments '--help[show a help]' '--version[show the version]'\n"
                      "        ;;\n");
        for (size_t i = 0; i < n_commands; i++)
                if (begins_family(i) && is_family(&commands[i]))
                        zsh_family(b, i);
        for (size_t i = 0; i < n_commands; i++)
                zsh_command(b, &commands[i]);
        strbuf_add(b, "esac\n");
}

int completion_print(const char *shell, StrBuf *b) {
        static const struct {
                const char *name;
                void (*print)(StrBuf *b);
        } shells[] = { { "bash", print_bash },
                       { "zsh", print_zsh },
                       { "fish", completion_print_fish } };

        for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
                if (streq(shells[i].name, shell)) {
                        shells[i].print(b);
                        return 0;
                }
        return -EINVAL;
}
