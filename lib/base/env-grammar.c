/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The grammar of env-file.h: one assignment, comment or blank line after the other. The values it
 * makes are those of systemd's own parser, oddities included (tests/unit/test-env-file.c has the
 * table, taken from a running systemd). Must not call anything that systemd would skip accepted.
 */

#include "base/env-grammar.h"

typedef struct Reader {
        const char *p, *end;
        unsigned line;
        char *out;          /* where the next byte of a value goes, in file->text */
        EnvFile *file;
        const char *fault;  /* what is wrong with the value being read, or NULL */
        unsigned fault_line;
} Reader;

static bool is_blank(char c) {
        return c == ' ' || c == '\t';
}

static void skip_blanks(Reader *r) {
        while (r->p < r->end && is_blank(*r->p))
                r->p++;
}

static bool at_line_end(const Reader *r) {
        return r->p == r->end || *r->p == '\n' ||
               (*r->p == '\r' && r->p + 1 < r->end && r->p[1] == '\n');
}

static void skip_line(Reader *r) {
        const char *eol = memchr(r->p, '\n', (size_t) (r->end - r->p));

        r->p = eol ? eol + 1 : r->end;
        r->line++;
}

static int fault(Reader *r, const char *text) {
        r->fault = text;
        r->fault_line = r->line;
        return -EBADMSG;
}

static void put(Reader *r, char c) {
        *r->out++ = c;
}

/* Back to where the quote was opened, so that the lines behind it are read for what they are. */
static int unterminated(Reader *r, const Reader *opened) {
        r->p = opened->p;
        r->line = opened->line;
        return fault(r, "the quote opened here is never closed");
}

static int read_single_quoted(Reader *r) {
        Reader opened = *r;

        while (r->p < r->end) {
                char c = *r->p++;

                if (c == '\'')
                        return 0;
                r->line += c == '\n';
                put(r, c);
        }
        return unterminated(r, &opened);
}

static const char crlf_text[] = "a backslash before CR LF does not continue the line for systemd; "
                                "end lines with LF";

static int read_double_quoted(Reader *r) {
        Reader opened = *r;

        while (r->p < r->end) {
                char c = *r->p++;

                if (c == '"')
                        return 0;
                if (c == '\\' && r->p < r->end) {
                        if (at_line_end(r) && *r->p == '\r')
                                return fault(r, crlf_text);
                        c = *r->p++;
                        if (c == '\n') { /* the line goes on */
                                r->line++;
                                continue;
                        }
                        if (!strchr("\"\\`$", c))
                                put(r, '\\');
                }
                r->line += c == '\n';
                put(r, c);
        }
        return unterminated(r, &opened);
}

/* r->p is behind a backslash outside quotes. */
static int read_bare_escape(Reader *r) {
        if (r->p == r->end || (*r->p == '\n' && r->p + 1 == r->end))
                return fault(r, "a backslash continues the line, but the file ends here");
        if (at_line_end(r) && *r->p == '\r')
                return fault(r, crlf_text);
        if (*r->p == '\n')
                r->line++;
        else
                put(r, *r->p);
        r->p++;
        return 0;
}

/* To the end of the line; white space there is dropped unless a backslash stands before it. */
static int read_bare(Reader *r, bool after_quote) {
        char *keep = r->out;
        int q;

        while (!at_line_end(r)) {
                char c = *r->p++;

                if (c == '\\') {
                        q = read_bare_escape(r);
                        if (q < 0)
                                return q;
                        keep = r->out;
                        continue;
                }
                if (c == '#' && is_blank(r->p[-2]))
                        return fault(r, "a comment must stand on its own line; "
                                        "if # belongs to the value, put the value in quotes");
                if (after_quote && (c == '"' || c == '\''))
                        return fault(r, "a quote in the middle of a word; "
                                        "is a quote above not closed?");
                put(r, c);
                if (!is_blank(c))
                        keep = r->out;
        }
        r->out = keep;
        return 0;
}

/* Quoted parts, joined, then maybe a bare one, which goes up to the end of the line. */
static int read_value(Reader *r) {
        bool after_quote = false;

        for (;;) {
                int q;

                skip_blanks(r);
                if (at_line_end(r))
                        return 0;
                if (*r->p != '"' && *r->p != '\'')
                        return read_bare(r, after_quote);
                q = *r->p++ == '"' ? read_double_quoted(r) : read_single_quoted(r);
                if (q < 0)
                        return q;
                after_quote = true;
        }
}

/* `export NAME=`; but `export=` sets a variable of that name. */
static void skip_export(Reader *r) {
        static const char word[] = "export";
        size_t n = sizeof(word) - 1;
        Reader probe = *r;

        if ((size_t) (r->end - r->p) <= n || memcmp(r->p, word, n) != 0 || !is_blank(r->p[n]))
                return;
        probe.p += n;
        skip_blanks(&probe);
        if (env_name_span(probe.p, (size_t) (probe.end - probe.p)) > 0)
                r->p = probe.p;
}

static int add_problem(Reader *r, const EnvEntry *e, unsigned line, const char *text) {
        EnvProblem p = { .line = line, .text = text };

        if (e) {
                p.name = e->assignment;
                p.name_len = e->name_len;
        }
        return env_file_add_problem(r->file, &p);
}

/* Copies NAME= to e; false when there is none. */
static bool read_name(Reader *r, EnvEntry *e) {
        const char *name;

        skip_export(r);
        name = r->p;
        e->name_len = env_name_span(name, (size_t) (r->end - name));
        r->p += e->name_len;
        skip_blanks(r);
        if (e->name_len == 0 || r->p == r->end || *r->p != '=')
                return false;
        r->p++;
        e->assignment = r->out;
        e->line = r->line;
        memcpy(r->out, name, e->name_len);
        r->out += e->name_len;
        put(r, '=');
        return true;
}

static int read_assignment(Reader *r) {
        EnvEntry e = { 0 };
        int q;

        if (!read_name(r, &e)) {
                q = add_problem(r, NULL, r->line,
                                "neither NAME=VALUE, nor a comment (#), nor blank; "
                                "a name is letters, digits and _");
                skip_line(r);
                return q;
        }
        if (read_value(r) < 0) {
                e.bad = true;
                r->out = e.assignment + e.name_len + 1;
                q = add_problem(r, &e, r->fault_line, r->fault);
                if (q < 0)
                        return q;
        }
        put(r, 0);
        skip_line(r);
        return env_file_add_entry(r->file, &e);
}

static int read_comment(Reader *r) {
        const char *begin = r->p;
        unsigned line = r->line;
        const char *eol;

        skip_line(r);
        eol = r->p[-1] == '\n' ? r->p - 1 : r->p;
        if (r->p[-1] != '\n' || eol == begin || eol[-1] != '\\')
                return 0;
        return add_problem(r, NULL, line,
                           "a comment that ends in a backslash; systemd before 254 takes the next "
                           "line for a part of it");
}

int env_grammar_parse(const char *text, size_t len, EnvFile *f) {
        Reader r = { .p = text, .end = text + len, .line = 1, .out = f->text, .file = f };
        int q = 0;

        while (q == 0 && r.p < r.end) {
                skip_blanks(&r);
                if (at_line_end(&r))
                        skip_line(&r);
                else if (*r.p == '#' || *r.p == ';')
                        q = read_comment(&r);
                else
                        q = read_assignment(&r);
        }
        return q;
}
