/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl releases: what is there to run, and what came of it.
 */

#include <stdio.h>

#include "base/show.h"
#include "ftectl/shared/terminal.h"

#include "deploy.h"

static void add_release(const Release *r, StrBuf *b) {
        static const Style styles[] = { STYLE_YELLOW, STYLE_GREEN, STYLE_RED };

        strbuf_addf(b, "%s %s  ", r->is_current ? "*" : r->is_previous ? "-" : " ", r->id);
        show_time(b, r->time_usec);
        strbuf_addf(b, "  %s%-6s%s  ", style(styles[r->state]), release_state_to_string(r->state),
                    style(STYLE_PLAIN));
        show_size(b, r->bytes);
        strbuf_add(b, "  ");
        show_text(b, r->source, 60);
        if (*r->cause) {
                strbuf_add(b, "\n    ");
                show_text(b, r->cause, 200);
        }
        strbuf_addc(b, '\n');
}

static void add_current_note(const Deploy *d, const Release *list, int n, StrBuf *b) {
        for (int i = 0; i < n; i++)
                if (list[i].is_current && list[i].state == RELEASE_BUILT)
                        strbuf_addf(b,
                                    "The current release was never seen healthy: its deployment "
                                    "was interrupted.\nTo go back: ftectl rollback %s\n",
                                    d->name);
}

static int show(Deploy *d, const Release *list, int n) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        for (int i = 0; i < n; i++)
                add_release(&list[i], &b);
        if (n == 0)
                strbuf_addf(&b, "%s has no releases; to make one: ftectl deploy %s SOURCE\n",
                            d->name, d->name);
        add_current_note(d, list, n, &b);
        fputs(strbuf_text(&b), stdout);
        return EXIT_GOOD;
}

static int show_json(const Deploy *d, const Release *list, int n) {
        json_t *releases = json_array();

        for (int i = 0; i < n; i++)
                json_array_append_new(releases, release_to_json(&list[i]));
        return json_print(json_pack("{s:s, s:o}", "agent", d->name, "releases", releases)) < 0
                       ? EXIT_CANNOT
                       : EXIT_GOOD;
}

int command_releases(const Arguments *args) {
        _cleanup_(deploy_close) Deploy d;
        int r = deploy_open(&d, args, false), n;
        Release *list;

        if (r != 0)
                return r == EXIT_BAD ? EXIT_BAD : EXIT_CANNOT;
        n = store_list(&d.store, &list);
        if (n < 0)
                return EXIT_CANNOT;
        return GIVEN(args, JSON) ? show_json(&d, list, n) : show(&d, list, n);
}
