/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl(1): the tool that a person has in hand to look after agents. This file starts the
 * subcommand that the words name; the table of all of them is commands.c, each one's work is in a
 * file of its name.
 */

#include <locale.h>
#include <stdio.h>

#include "base/log.h"
#include "base/show.h"

#include "arguments.h"

static int print(const StrBuf *text, FILE *f) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        show_lines(&b, strbuf_text(text), text->len,
                   '?'); /* a word of the command line may be in it */
        fputs(strbuf_text(&b), f);
        return fflush(f) == 0 && strbuf_check(text) == 0 ? 0 : -EIO;
}

static int refuse_user(const Command *c) {
        log_line(LOG_ERR, "%s: only root may do that; try: sudo ftectl %s", c->name, c->name);
        return EXIT_CANNOT;
}

int main(int argc, char *argv[]) {
        _cleanup_strbuf_ StrBuf text = { 0 };
        Arguments a;
        int r;

        setlocale(LC_ALL, "");
        log_open("ftectl", false);
        r = arguments_parse(argc, argv, &a, &text);
        if (r >= 0)
                return print(&text, r == EXIT_GOOD ? stdout : stderr) < 0 ? EXIT_CANNOT : r;
        if (a.command->needs_root && !*a.root && geteuid() != 0 &&
            !(a.command->dry_run_is_free && GIVEN(&a, DRY_RUN)))
                return refuse_user(a.command);
        r = a.command->run(&a);
        if (fflush(stdout) != 0 || ferror(stdout)) {
                log_line(LOG_ERR, "the output could not be written: %s", strerror(errno));
                return EXIT_CANNOT;
        }
        return r;
}
