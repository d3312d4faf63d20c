/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Shows findings as compilers do: file:line:column, the line, a caret, what to do. Reads the files
 * again to show their lines.
 */

#include <fcntl.h>

#include "base/fsat.h"
#include "base/scope.h"
#include "base/show.h"
#include "config/directive.h"
#include "config/ini-line.h"

#include "ftectl/shared/terminal.h"
#include "line.h"
#include "lint.h"

#define TEXT_BYTES (INI_FILE_BYTES_MAX + 2)

/* ---- the line ---- */

/* What follows "/etc/fte/NAME.conf" in shown, when that stands for the given file. */
static const char *given_rest(const char *shown, const char *given) {
        const char *slash = strrchr(given, '/'), *rest = startswith(shown, scope->config_dir);

        rest = rest ? startswith(rest, slash ? slash + 1 : given) : NULL;
        return rest && (!*rest || startswith(rest, ".d/")) ? rest : NULL;
}

const char *report_path(Report *r, const char *shown) {
        const char *path = NULL;

        for (char *const *given = r->files; given && *given; given++) {
                const char *rest = given_rest(shown, *given);

                if (rest)
                        path = arena_printf(&r->arena, "%s%s", *given, rest);
        }
        if (!path && *r->root)
                path = arena_printf(&r->arena, "%s%s", r->root, shown);
        return path ? path : shown;
}

static const char *read_text(Report *r, const char *path) {
        if (!r->text)
                r->text = malloc(TEXT_BYTES);
        return r->text && fsat_read(AT_FDCWD, path, r->text, TEXT_BYTES) >= 0 ? r->text : NULL;
}

/*
 * A copy of the line in the arena, without its end and a byte order mark; NULL when there is none.
 */
static const char *read_line(Report *r, const char *path, unsigned number) {
        const char *line = number > 0 ? read_text(r, path) : NULL;
        size_t n;

        if (!line)
                return NULL;
        if (startswith(line, "\xEF\xBB\xBF"))
                line += 3;
        for (; number > 1; number--) {
                line = strchr(line, '\n');
                if (!line)
                        return NULL;
                line++;
        }
        n = strcspn(line, "\n");
        if (n > 0 && line[n - 1] == '\r')
                n--;
        return arena_strndup(&r->arena, line, n);
}

/* The key that a line sets, or is meant to; NULL when that cannot be told. */
static const Directive *line_directive(const Finding *f, const char *line) {
        SectionId section = f->section ? section_from_string(f->section) : _SECTION_INVALID;
        char key[INI_NAME_BYTES_MAX + 1];
        size_t n = line_key_length(line, strlen(line));
        const Directive *d;
        const char *guess;

        if (n == 0 || n >= sizeof(key) || section == _SECTION_INVALID)
                return NULL;
        memcpy(key, line, n);
        key[n] = 0;
        d = directive_find(section, key);
        guess = d ? NULL : directive_guess(section, key);
        return guess ? directive_find(section, guess) : d;
}

/*
 * Keys whose value is a secret, or by mistake may be. A line that is no assignment to a key that we
 * know may be anything: directive.c names only what looks like a key.
 */
static LineHide hides(const Finding *f, const char *line) {
        const Directive *d;

        if (*line == '[') /* a name that is near no section's */
                return startswith(f->message, "unknown section; fte.conf(5)") ? HIDE_VALUE
                                                                              : HIDE_WORDS;
        d = line_directive(f, line);
        if (!d)
                return f->key ? HIDE_VALUE : HIDE_ALL;
        return d->parse == parse_secret_path || d->parse == parse_env_assignment ? HIDE_VALUE
                                                                                 : HIDE_WORDS;
}

/* ---- text ---- */

static void add_caret(StrBuf *b, LineSpan s) {
        strbuf_addf(b, "      %s|%s ", style(STYLE_GREY), style(STYLE_PLAIN));
        for (unsigned i = 1; i < s.column; i++)
                strbuf_addc(b, ' ');
        strbuf_addf(b, "%s^", style(STYLE_GREEN));
        for (unsigned i = 1; i < s.length; i++)
                strbuf_addc(b, '~');
        strbuf_addf(b, "%s\n", style(STYLE_PLAIN));
}

static void add_hint(const Finding *f, const char *hint, StrBuf *b) {
        strbuf_addf(b, "      %s=%s hint: ", style(STYLE_GREY), style(STYLE_PLAIN));
        if (hint)
                show_string(b, hint);
        else if (f->key && f->section)
                strbuf_addf(b, "fte.conf(5) tells about %s= in [%s]", f->key, f->section);
        else
                strbuf_add(b, "fte.conf(5) tells what a file looks like");
        strbuf_addc(b, '\n');
}

static void show(Report *r, const Finding *f, const char *path, const char *line) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        LineSpan s = line ? line_span(line, f->key, f->message) : (LineSpan){ 0 };
        const char *hint;
        size_t n = message_split(f->message, &hint);

        strbuf_add(&b, style(STYLE_BOLD));
        show_string(&b, path);
        if (line)
                strbuf_addf(&b, ":%u:%u", f->place.line, s.column);
        strbuf_addf(&b, ":%s %s%s:%s ", style(STYLE_PLAIN),
                    style(f->is_error ? STYLE_RED : STYLE_YELLOW),
                    f->is_error ? "error" : "warning", style(STYLE_PLAIN));
        if (f->section)
                strbuf_addf(&b, "[%s] ", f->section);
        if (f->key) {
                show_string(&b, f->key);
                strbuf_add(&b, ": ");
        }
        show_bytes(&b, f->message, n, '?'); /* what a link or an agent's file says may be in it */
        if (f->id)
                strbuf_addf(&b, " %s[%s]%s", style(STYLE_GREY), f->id, style(STYLE_PLAIN));
        strbuf_addc(&b, '\n');
        if (line) {
                strbuf_addf(&b, "%5u %s|%s ", f->place.line, style(STYLE_GREY), style(STYLE_PLAIN));
                line_show(line, hides(f, line), &b);
                strbuf_addc(&b, '\n');
                add_caret(&b, s);
        }
        add_hint(f, hint, &b);
        fputs(strbuf_text(&b), r->out);
}

/* ---- JSON ---- */

static void collect(Report *r, const Finding *f, const char *path, const char *line) {
        LineSpan s = line ? line_span(line, f->key, f->message) : (LineSpan){ 0 };
        const char *hint;
        size_t n = message_split(f->message, &hint);

        json_array_append_new(
                r->findings,
                json_pack("{s:o, s:o, s:o, s:s, s:s?, s:s?, s:o, s:o, s:o}", "file",
                          json_text(path), "line",
                          f->place.line > 0 ? json_integer(f->place.line) : json_null(), "column",
                          line ? json_integer(s.column) : json_null(), "severity",
                          f->is_error ? "error" : "warning", "id", f->id, "section", f->section,
                          "key", json_text_or_null(f->key), "message", json_text_n(f->message, n),
                          "hint", json_text_or_null(hint)));
}

/* The mistakes of a template are those of each instance, and are told once. */
static bool was_told(Report *r, const Finding *f) {
        const char *name = strrchr(f->place.file, '@'), *text;

        if (!r->once && !(name && startswith(name, "@.conf")))
                return false;
        text = arena_printf(&r->arena, "%s:%u:%s:%s\n", f->place.file, f->place.line,
                            f->key ? f->key : "", f->message);
        if (text && strstr(strbuf_text(&r->told), text))
                return true;
        strbuf_add(&r->told, text ? text : "");
        return false;
}

void report_add(Report *r, const Finding *f) {
        const char *path, *line;

        if (was_told(r, f)) {
                arena_reset(&r->arena);
                return;
        }
        if (f->is_error)
                r->n_errors++;
        else
                r->n_warnings++;
        path = report_path(r, f->place.file);
        line = read_line(r, path, f->place.line);
        if (r->findings)
                collect(r, f, path, line);
        else
                show(r, f, path, line);
        arena_reset(&r->arena);
}

void report_add_problems(Report *r, const Problems *problems) {
        for (const Problem *p = problems->first; p; p = p->next)
                report_add(r, &(Finding){
                                      .is_error = true,
                                      .place = p->place,
                                      .section = p->section,
                                      .key = p->key,
                                      .message = p->message,
                              });
}

static void add_count(StrBuf *b, size_t n, const char *what) {
        strbuf_addf(b, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

void report_summary(const Report *r, size_t n_agents) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        add_count(&b, n_agents, "agent");
        strbuf_addf(&b, ": %s",
                    style(r->n_errors > 0     ? STYLE_RED
                          : r->n_warnings > 0 ? STYLE_YELLOW
                                              : STYLE_GREEN));
        if (r->n_errors == 0 && r->n_warnings == 0)
                strbuf_add(&b, "no error, no warning");
        else {
                add_count(&b, r->n_errors, "error");
                strbuf_add(&b, ", ");
                add_count(&b, r->n_warnings, "warning");
        }
        fprintf(r->out, "%s%s\n", strbuf_text(&b), style(STYLE_PLAIN));
}

void report_done(Report *r) {
        strbuf_done(&r->told);
        free(r->text);
        arena_done(&r->arena);
}
