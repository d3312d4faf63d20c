/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What ftectl validate found, for people: by layer, a line a check, under a bad one what was wanted
 * and what to type, and all of that once more at the end. And where the report is kept.
 */

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/show.h"

#include "ftectl/shared/json.h"
#include "ftectl/shared/terminal.h"
#include "validate.h"

/* The order in which they ran. */
static const Layer order[] = { LAYER_EXISTENCE, LAYER_PERMISSIONS, LAYER_FUNCTIONAL, LAYER_SECURITY,
                               LAYER_RESILIENCE };

Tally subject_tally(const Subject *s) {
        Tally t = { 0 };

        for (size_t i = 0; s->findings && i < n_checks; i++) {
                t.good += s->findings[i].verdict == VERDICT_GOOD;
                t.bad += s->findings[i].verdict == VERDICT_BAD;
                t.skipped += s->findings[i].verdict == VERDICT_SKIPPED;
        }
        return t;
}

/* ---- text ---- */

static const struct {
        const char *word;
        Style style;
} marks[] = {
        [VERDICT_NOT_RUN] = { "-", STYLE_GREY },
        [VERDICT_GOOD] = { "ok", STYLE_GREEN },
        [VERDICT_BAD] = { "FAILED", STYLE_RED },
        [VERDICT_SKIPPED] = { "skipped", STYLE_GREY },
};

static void add_more(StrBuf *b, const char *title, const char *text) {
        if (!text)
                return;
        strbuf_addf(b, "              %s%-7s%s ", style(STYLE_GREY), title, style(STYLE_PLAIN));
        show_string(b, text);
        strbuf_addc(b, '\n');
}

static void add_check(const Check *c, const Finding *f, StrBuf *b) {
        char id[32];

        snprintf(id, sizeof(id), "%s%s%s", c->id, c->also ? " " : "", c->also ? c->also : "");
        strbuf_addf(b, "  %s%-7s%s %-8s  %s", style(marks[f->verdict].style),
                    marks[f->verdict].word, style(STYLE_PLAIN), id, c->title);
        if (f->verdict == VERDICT_BAD) {
                strbuf_addc(b, '\n');
                add_more(b, "seen", f->seen);
                add_more(b, "wanted", f->wanted);
                add_more(b, "fix", f->fix);
                return;
        }
        strbuf_addf(b, "%s: ", style(STYLE_GREY));
        show_string(b, f->seen ? f->seen : "");
        strbuf_addf(b, "%s\n", style(STYLE_PLAIN));
}

static bool has_run(const Subject *s, Layer layer) {
        for (size_t i = 0; i < n_checks; i++)
                if (checks[i].layer == layer && s->findings[i].verdict != VERDICT_NOT_RUN)
                        return true;
        return false;
}

static void add_summary(const Subject *s, StrBuf *b) {
        Tally t = subject_tally(s);
        bool disruptive = GIVEN(s->run->args, DISRUPTIVE), stopped;

        strbuf_addf(b, "%s%s%s: %zu good, ", style(STYLE_BOLD), s->name, style(STYLE_PLAIN),
                    t.good);
        strbuf_addf(b, "%s%zu failed%s, %zu skipped", t.bad > 0 ? style(STYLE_RED) : "", t.bad,
                    t.bad > 0 ? style(STYLE_PLAIN) : "", t.skipped);
        stopped = s->stopped_at && s->stopped_at != LAYER_RESILIENCE &&
                  !GIVEN(s->run->args, KEEP_GOING) &&
                  (s->stopped_at != LAYER_SECURITY || disruptive);
        if (stopped)
                strbuf_addf(b, "; stopped after layer %d (%s), --keep-going runs the rest",
                            s->stopped_at, layer_to_string(s->stopped_at));
        else if (!disruptive && t.bad == 0)
                strbuf_add(b, "; not tried: layer 4 (--disruptive)");
        strbuf_addc(b, '\n');
}

static void add_fixes(const Subject *s, StrBuf *b) {
        bool any = false;

        for (size_t i = 0; i < n_checks; i++) {
                if (s->findings[i].verdict != VERDICT_BAD || !s->findings[i].fix)
                        continue;
                strbuf_add(b, any ? "" : "To fix it, as root:\n");
                any = true;
                strbuf_add(b, "    ");
                show_string(b, s->findings[i].fix);
                strbuf_addc(b, '\n');
        }
        if (any)
                strbuf_addf(b, "then again: ftectl validate %s\n", s->name);
}

static void add_subject(const Subject *s, StrBuf *b) {
        strbuf_addf(b, "%s%s%s\n", style(STYLE_BOLD), s->name, style(STYLE_PLAIN));
        for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
                if (!has_run(s, order[k]))
                        continue;
                strbuf_addf(b, " %d %s\n", order[k], layer_to_string(order[k]));
                for (size_t i = 0; i < n_checks; i++)
                        if (checks[i].layer == order[k] &&
                            s->findings[i].verdict != VERDICT_NOT_RUN)
                                add_check(&checks[i], &s->findings[i], b);
        }
        add_summary(s, b);
        add_fixes(s, b);
}

int report_text(const Validation *v) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        for (size_t i = 0; i < v->n; i++) {
                strbuf_add(&b, i > 0 ? "\n" : "");
                add_subject(&v->subjects[i], &b);
        }
        if (strbuf_check(&b) < 0)
                return -ENOMEM;
        fputs(strbuf_text(&b), stdout);
        return 0;
}

/* ---- JSON ---- */

static json_t *check_to_json(const Check *c, const Finding *f) {
        json_t *json = json_pack("{s:s, s:i, s:s, s:s, s:s}", "id", c->id, "layer", (int) c->layer,
                                 "layer_name", layer_to_string(c->layer), "title", c->title,
                                 "result", verdict_to_string(f->verdict));

        json_object_set_new(json, "also", c->also ? json_string(c->also) : json_null());
        json_object_set_new(json, "seen", json_text_or_null(f->seen));
        json_object_set_new(json, "wanted", json_text_or_null(f->wanted));
        json_object_set_new(json, "fix", json_text_or_null(f->fix));
        json_object_set_new(json, "disruptive", json_boolean(c->disruptive));
        json_object_set_new(json, "seconds", json_seconds(f->usec));
        return json;
}

static json_t *subject_to_json(const Subject *s) {
        json_t *list = json_array(), *json;
        Tally t = subject_tally(s);

        for (size_t i = 0; i < n_checks; i++)
                if (s->findings[i].verdict != VERDICT_NOT_RUN)
                        json_array_append_new(list, check_to_json(&checks[i], &s->findings[i]));
        json = json_pack("{s:o, s:o, s:b, s:b, s:i, s:i, s:i}", "agent", json_text(s->name), "time",
                         json_time(now_usec()), "passed", t.bad == 0, "disruptive",
                         GIVEN(s->run->args, DISRUPTIVE), "good", (int) t.good, "failed",
                         (int) t.bad, "skipped", (int) t.skipped);
        json_object_set_new(json, "failed_layer",
                            s->stopped_at ? json_integer(s->stopped_at) : json_null());
        json_object_set_new(json, "checks", list);
        return json;
}

int report_json(const Validation *v) {
        json_t *list = json_array();

        for (size_t i = 0; i < v->n; i++)
                json_array_append_new(list, subject_to_json(&v->subjects[i]));
        return json_print(json_pack("{s:o}", "agents", list));
}

/* ---- kept ---- */

/* Directories are root's; operators may look at the reports. */
static int open_reports(const Subject *s, gid_t gid) {
        static const char *const parts[] = { "var", "lib", "fte", "reports" };
        int fd = fcntl(s->run->root_fd, F_DUPFD_CLOEXEC, 3);

        for (size_t i = 0; i < ARRAY_SIZE(parts) && fd >= 0; i++) {
                int next;

                if (mkdirat(fd, parts[i], i + 1 == ARRAY_SIZE(parts) ? 0750 : 0755) == 0 &&
                    i + 1 == ARRAY_SIZE(parts))
                        (void) !fchownat(fd, parts[i], 0, gid, AT_SYMLINK_NOFOLLOW);
                next = openat(fd, parts[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                close(fd);
                fd = next;
        }
        return fd < 0 ? -errno : fd;
}

int report_save(const Subject *s) {
        const Group *group = facts_group(&s->run->generator.facts, s->agent.operators_group);
        gid_t gid = group ? (gid_t) group->gid : 0;
        const char *name = arena_printf((Arena *) &s->arena, "%s.json", s->name);
        _cleanup_close_ int dir_fd = open_reports(s, gid);
        _cleanup_json_ json_t *json = subject_to_json(s);
        _cleanup_free_ char *text = NULL;
        char temporary[64];
        int r;

        if (dir_fd < 0)
                return dir_fd;
        text = json ? json_dumps(json, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9))
                    : NULL;
        if (!text || !name)
                return -ENOMEM;
        snprintf(temporary, sizeof(temporary), ".%s.new", s->name);
        r = fsat_create(
                dir_fd, temporary,
                &(FsatContent){ .data = text, .len = strlen(text), .mode = 0640, .sync = false });
        if (r < 0)
                return r;
        if (fchownat(dir_fd, temporary, 0, gid, AT_SYMLINK_NOFOLLOW) < 0 ||
            renameat(dir_fd, temporary, dir_fd, name) < 0) {
                r = -errno;
                unlinkat(dir_fd, temporary, 0);
                return r;
        }
        return 0;
}
