/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The help of arguments.h, made from the tables. Appends text, prints nothing.
 */

#include "arguments.h"
#include "globals.h"

#define OWN_PAGE "See ftectl(1), fte.conf(5).\n"

static void add_exit_status(StrBuf *b) {
        strbuf_add(b, "Exit status: 0 all is good, 1 something is not, 2 it could not be done: "
                      "wrong usage, no\n"
                      "permission, nothing of that name.\n");
}

/* "  --list=agents|alerts  names": what it takes with a bar between. */
static void add_global(StrBuf *b, const GlobalOption *o) {
        _cleanup_strbuf_ StrBuf name = { 0 };

        strbuf_addf(&name, "%s%s", o->name, o->values ? "=" : "");
        for (const char *p = o->values ? o->values : ""; *p; p++)
                strbuf_addc(&name, *p == ' ' ? '|' : *p);
        strbuf_addf(b, "  --%-31s  %s\n", strbuf_text(&name), o->help);
}

void help_all(StrBuf *b) {
        strbuf_add(b, "Usage: ftectl [--user] COMMAND [OPTION]... [WORD]...\n"
                      "Looks after agents that systemd-fte runs.\n"
                      "\n");
        for (size_t i = 0; i < n_commands; i++)
                strbuf_addf(b, "  %-15s  %s\n", commands[i].name, commands[i].summary);
        strbuf_addc(b, '\n');
        for (size_t i = 0; i < n_global_options; i++)
                add_global(b, &global_options[i]);
        strbuf_add(b, "\n"
                      "Colours are used on a terminal, unless NO_COLOR is set.\n");
        add_exit_status(b);
        strbuf_add(b, OWN_PAGE);
}

void help_command(const Command *c, StrBuf *b) {
        strbuf_addf(b, "Usage: ftectl %s%s%s%s\n", c->name, c->options ? " [OPTION]..." : "",
                    c->words_usage ? " " : "", c->words_usage ? c->words_usage : "");
        strbuf_addf(b, "Does: %s%s\n\n", c->summary, c->needs_root ? " (as root)" : "");
        if (c->detail)
                strbuf_addf(b, "%s\n\n", c->detail);
        for (size_t i = 0; i < _OPTION_MAX; i++) {
                const OptionRow *o = &option_rows[i];
                char name[32];
                size_t n = 0;

                if (!(c->options & UINT32_C(1) << i))
                        continue;
                for (const char *p = o->name; *p && n < 20; p++)
                        name[n++] = *p;
                if (o->argument)
                        name[n++] = '=';
                for (const char *p = o->argument ? o->argument : ""; *p && n < 31; p++)
                        name[n++] = *p;
                name[n] = 0;
                if (o->letter)
                        strbuf_addf(b, "  -%c, --%-16s %s\n", o->letter, name, o->help);
                else
                        strbuf_addf(b, "      --%-16s %s\n", name, o->help);
        }
        strbuf_add(b, "  -h, --help             show this text\n\n");
        add_exit_status(b);
        strbuf_add(b, OWN_PAGE);
}
