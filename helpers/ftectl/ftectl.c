/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl(1): the tool that a person has in hand to look after agents. This file starts the
 * subcommand that the words name; the table of all of them is commands.c, each one's work is in a
 * file of its name.
 */

#include <locale.h>
#include <stdio.h>

#include "base/log.h"
#include "base/scope.h"
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
        log_line(LOG_ERR, "%s: only root may do that; try: sudo ftectl %s%s%s", c->name, c->name,
                 c->not_for_user ? "" : ", or for your own agents: ftectl --user ",
                 c->not_for_user ? "" : c->name);
        return EXIT_CANNOT;
}

/* From here on all is about the agents of the person who runs this. */
static int enter_user(void) {
        int r;

        if (geteuid() == 0 && !getenv("FTE_ROOT")) {
                log_line(LOG_ERR, "root has no agents of its own, for none runs as root; without "
                                  "--user this is about those of the system");
                return EXIT_CANNOT;
        }
        r = scope_enter_user(NULL);
        if (r < 0)
                log_line(LOG_ERR, "$HOME %s",
                         r == -EINVAL ? "is not set, or no path that a unit could have"
                                      : strerror(-r));
        return r < 0 ? EXIT_CANNOT : EXIT_GOOD;
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
        if (GIVEN(&a, USER) && (r = enter_user()) != EXIT_GOOD)
                return r;
        if (a.command->needs_root && !GIVEN(&a, USER) && !*a.root && geteuid() != 0 &&
            !(a.command->dry_run_is_free && GIVEN(&a, DRY_RUN)))
                return refuse_user(a.command);
        r = a.command->run(&a);
        if (fflush(stdout) != 0 || ferror(stdout)) {
                log_line(LOG_ERR, "the output could not be written: %s", strerror(errno));
                return EXIT_CANNOT;
        }
        return r;
}
