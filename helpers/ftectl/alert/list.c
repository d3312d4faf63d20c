/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl alert list: what the spool holds. Reads, and changes nothing.
 */

#include <stdio.h>

#include "base/log.h"
#include "base/scope.h"
#include "base/show.h"
#include "config.h"

#include "ftectl/shared/terminal.h"
#include "spool.h"

#define SENT_SHOWN 10

static const struct {
        SpoolBox box;
        const char *title, *hint;
} boxes[] = {
        { SPOOL_WAITING, "Waiting", "is tried again by itself" },
        { SPOOL_DEAD, "Dead letters",
          "correct the cause, then: ftectl alert retry ID; or: ftectl alert drop ID" },
        { SPOOL_SENT, "Sent", NULL },
};

static void show_alert(const StoredAlert *s) {
        _cleanup_strbuf_ StrBuf b = { 0 }, headline = { 0 };
        const Alert *a = &s->alert;

        strbuf_add(&b, "  ");
        show_time(&b, a->time_usec);
        strbuf_addf(&b, "  %s", style(STYLE_BOLD));
        alert_headline(a, &headline);
        show_string(&b, strbuf_text(&headline));
        strbuf_addf(&b, "%s  %s%.8s%s\n", style(STYLE_PLAIN), style(STYLE_GREY), a->id,
                    style(STYLE_PLAIN));
        if (s->box == SPOOL_WAITING && a->not_before_usec > now_usec()) {
                strbuf_add(&b, "    held back until ");
                show_time(&b, a->not_before_usec);
                strbuf_addc(&b, '\n');
        }
        for (size_t i = 0; i < a->n_targets; i++)
                alert_show_target(&a->targets[i], &b);
        if (a->n_targets == 0)
                strbuf_add(&b, "    no channel was configured\n");
        fputs(strbuf_text(&b), stdout);
}

/* The names to show: of what was sent only the last ones, unless all are wanted. */
static int list_names(Spool *s, SpoolBox box, bool all, Arena *arena, char ***ret, size_t *ret_n) {
        char **names;
        size_t n = 0;
        int r = spool_list(s, box, arena, &names);

        if (r < 0)
                return r;
        while (names[n])
                n++;
        *ret_n = n;
        *ret = box == SPOOL_SENT && !all && n > SENT_SHOWN ? names + n - SENT_SHOWN : names;
        return 0;
}

static void cannot_read(const char *name, int error) {
        log_line(LOG_WARNING, "%s: cannot be read: %s", name, strerror(-error));
}

/* Each box has an arena of its own, emptied after each alert: ten thousand may wait. */
static int show_box(Spool *s, size_t i, bool all, json_t *list) {
        _cleanup_arena_ Arena arena = { 0 }, of_alert = { 0 };
        char **names;
        size_t n;
        int r = list_names(s, boxes[i].box, all, &arena, &names, &n);

        if (r < 0)
                return r;
        if (!list && n > 0)
                printf("%s%s (%zu)%s%s%s\n", style(STYLE_BOLD), boxes[i].title, n,
                       style(STYLE_PLAIN), boxes[i].hint ? ": " : "",
                       boxes[i].hint ? boxes[i].hint : "");
        for (; *names; names++) {
                StoredAlert stored = { .box = boxes[i].box, .name = *names };

                arena_reset(&of_alert);
                r = spool_read(s, stored.box, *names, &of_alert, &stored.alert);
                if (r == -ENOENT) /* has moved meanwhile */
                        continue;
                if (r < 0)
                        cannot_read(*names, r);
                else if (list)
                        json_array_append_new(list, alert_to_json(&stored));
                else
                        show_alert(&stored);
        }
        return (int) MIN(n, (size_t) INT32_MAX);
}

static int show_nothing(bool json) {
        if (json)
                return json_print(json_pack("{s:[], s:[], s:[]}", "waiting", "dead", "sent"));
        puts(scope->is_user ? "No alert yet."
                            : "No alert yet. \"ftectl alert test NAME\" sends one.");
        return 0;
}

int command_alert_list(const Arguments *a) {
        _cleanup_(spool_close) Spool s = SPOOL_CLOSED;
        json_t *json = GIVEN(a, JSON) ? json_object() : NULL;
        int r, n = 0;

        r = alert_spool_enter(a->root, &s);
        if (r < 0) {
                json_decref(json);
                return r != -ENOENT || show_nothing(GIVEN(a, JSON)) < 0 ? EXIT_CANNOT : EXIT_GOOD;
        }
        for (size_t i = 0; i < ARRAY_SIZE(boxes) && r >= 0; i++) {
                json_t *list = json ? json_array() : NULL;

                r = show_box(&s, i, GIVEN(a, ALL), list);
                n += MAX(r, 0);
                if (json)
                        json_object_set_new(json, alert_box_to_string(boxes[i].box), list);
        }
        if (r < 0) {
                log_line(LOG_ERR, "the spool cannot be read: %s", strerror(-r));
                json_decref(json);
                return EXIT_CANNOT;
        }
        if (json)
                return json_print(json) < 0 ? EXIT_CANNOT : EXIT_GOOD;
        return n > 0 || show_nothing(false) == 0 ? EXIT_GOOD : EXIT_CANNOT;
}
