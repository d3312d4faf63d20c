/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl apply asks before it stops an agent whose file is gone, and before it restarts agents that
 * run and were not named. Starting what does not run needs no question, nor what was named.
 */

#include <stdio.h>

#include "base/log.h"
#include "base/show.h"

#include "apply.h"

static bool wants_question(const Apply *a, const Target *t, Action action) {
        if (t->todo != action)
                return false;
        if (action == ACTION_STOP)
                return apply_is_running(t);
        return action == ACTION_RESTART && a->args->n_words == 0 && t->now.why != WHY_RETRYING;
}

static size_t add_names(const Apply *a, Action action, const char *before, StrBuf *b) {
        size_t n = 0;

        for (size_t i = 0; i < a->n; i++) {
                if (!wants_question(a, &a->targets[i], action))
                        continue;
                strbuf_add(b, n++ == 0 ? before : ", ");
                if (n > 20) {
                        strbuf_add(b, "…");
                        break;
                }
                show_string(b, a->targets[i].name);
        }
        return n;
}

static bool ask_person(const StrBuf *what) {
        char answer[16] = "";

        fprintf(stderr, "This will %s. Go on? [y/N] ", strbuf_text(what));
        fflush(stderr);
        return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

int apply_ask(const Apply *a) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        size_t n = add_names(a, ACTION_RESTART, "restart ", &b);

        n += add_names(a, ACTION_STOP,
                       n > 0 ? "; and stop, because the file is gone, "
                             : "stop, because the file is gone, ",
                       &b);
        if (n == 0 || GIVEN(a->args, YES))
                return 0;
        if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
                log_line(
                        LOG_ERR,
                        "this would %s, and there is no terminal to ask at: say --yes, or name the "
                        "agents; nothing was touched",
                        strbuf_text(&b));
                return -ECANCELED;
        }
        if (ask_person(&b))
                return 0;
        log_line(LOG_NOTICE, "nothing was touched");
        return -ECANCELED;
}
