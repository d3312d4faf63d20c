/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The strict reader in front of inih (ini.h). As distributed, inih cuts lines at 199 bytes and
 * parses the rest as a new line, cuts values at " ;" and names at 49 bytes, and reports none of
 * it. So each line is checked here first, and inih gets it with NAME and VALUE in their places: it
 * tells sections, assignments, continuation lines and the end, and what it hands back is put
 * together with what stayed here. No value ever passes through inih's buffer, and none is cut.
 */

#include <ini.h>

#include "config/ini-line.h"
#include "config/ini.h"

/* Stands for a section's name or a key: inih looks at each of its bytes several times. */
#define NAME "n"
/* Stands for a value. Not a blank, so that inih takes an indented line of it for a continuation. */
#define VALUE "\x01"

typedef struct Parser {
        const char *next, *end; /* the text not yet read */
        const char *file;
        unsigned line;
        unsigned class;        /* of that line, LINE_* */
        unsigned section_line; /* 0 before the first header */
        const IniSink *sink;
        Problems *problems;

        const char *name; /* the key on that line … */
        size_t name_len;
        const char *piece; /* … and the value */
        size_t piece_len;
        bool section_known;
        bool open; /* an indented line would continue a value … */
        bool skip; /* … of an assignment that was refused */

        char section[INI_NAME_BYTES_MAX + 1];
        char key[INI_NAME_BYTES_MAX + 1]; /* empty: no assignment is being collected */
        char *value;                      /* INI_VALUE_BYTES_MAX and a NUL */
        size_t value_len;
        bool value_overlong;
        unsigned key_line;
} Parser;

static void complain(const Parser *p, const char *message) {
        const char *section = p->section_line > 0 && p->section_known ? p->section : NULL;

        problems_add(p->problems, (Place){ p->file, p->line },
                     section ? arena_strdup(p->problems->arena, section) : NULL, NULL, "%s",
                     message);
}

/* Hands the collected assignment to the sink. */
static void flush(Parser *p) {
        if (!*p->key)
                return;
        p->value[p->value_len] = 0;
        if (p->value_overlong)
                problems_add(p->problems, (Place){ p->file, p->key_line },
                             p->section_known ? arena_strdup(p->problems->arena, p->section) : NULL,
                             p->section_known ? arena_strdup(p->problems->arena, p->key) : NULL,
                             "longer than %zu bytes; move it into a script or a file of its own",
                             INI_VALUE_BYTES_MAX);
        else
                p->sink->assign(p->sink->userdata, &(IniAssignment){
                                                           .section = p->section,
                                                           .key = p->key,
                                                           .value = p->value,
                                                           .file = p->file,
                                                           .section_line = p->section_line,
                                                           .line = p->key_line,
                                                   });
        *p->key = 0;
}

/* ---- handing lines to inih ---- */

static char *emit_blank(char *buf) {
        return strcpy(buf, "\n");
}

static char *read_section(Parser *p, const char *s, size_t len, char *buf) {
        size_t n = len - 1;

        flush(p);
        p->open = false;
        p->skip = true; /* until a good header: keys below a bad one belong nowhere */
        while (n > 0 && line_is_blank(s[n]))
                n--;
        if (s[n] != ']' || n < 2) {
                complain(p, "a section header is [Name] and nothing else on the line");
                p->section_line = 0;
                return emit_blank(buf);
        }
        if (n - 1 > INI_NAME_BYTES_MAX || memchr(s + 1, ']', n - 1) || memchr(s + 1, ';', n - 1)) {
                complain(p, "no section has such a name");
                p->section_line = 0;
                return emit_blank(buf);
        }
        p->skip = false;
        p->section_line = p->line;
        memcpy(p->section, s + 1, n - 1);
        p->section[n - 1] = 0;
        p->section_known = !p->sink->section || p->sink->section(p->sink->userdata, p->section,
                                                                 (Place){ p->file, p->line });
        return strcpy(buf, "[" NAME "]\n");
}

static char *refuse(Parser *p, char *buf, const char *message) {
        if (message)
                complain(p, message);
        p->open = true;
        p->skip = true;
        return emit_blank(buf);
}

static char *read_continuation(Parser *p, const char *s, size_t len, char *buf) {
        const char *problem = line_value_problem(s, len, p->class);

        if (!p->open) {
                complain(p, "an indented line continues a value, and there is none above it");
                return emit_blank(buf);
        }
        if (p->skip)
                return emit_blank(buf);
        if (line_looks_like_directive(s, len))
                problem = "an indented line continues the value above; begin a key or section in "
                          "the first column";
        if (problem) {
                *p->key = 0;
                return refuse(p, buf, problem);
        }
        p->piece = s;
        p->piece_len = len;
        return strcpy(buf, " " VALUE "\n");
}

static char *read_assignment(Parser *p, const char *s, size_t len, char *buf) {
        size_t n = line_key_length(s, len);
        const char *value = s + n, *problem;

        flush(p);
        p->open = true;
        if (n == 0)
                return refuse(p, buf, "not a section, an assignment (Key=value) or a comment");
        if (p->section_line == 0) /* a bad header has been complained of already */
                return refuse(p, buf, p->skip ? NULL : "an assignment before the first [Section]");
        if (n > INI_NAME_BYTES_MAX)
                return refuse(p, buf, "no key has such a long name");
        while (line_is_blank(*value))
                value++;
        value++; /* the "=" */
        while (value < s + len && line_is_blank(*value))
                value++;
        p->piece = value;
        p->piece_len = (size_t) (s + len - value);
        problem = line_value_problem(p->piece, p->piece_len, p->class);
        if (problem)
                return refuse(p, buf, problem);
        p->skip = false;
        p->key_line = p->line;
        p->name = s;
        p->name_len = n;
        return strcpy(buf, NAME "=" VALUE "\n");
}

/* Takes the next line of the text, without its end. */
static size_t next_line(Parser *p, const char **ret) {
        const char *s = p->next, *eol = memchr(s, '\n', (size_t) (p->end - s));
        size_t len = (size_t) ((eol ? eol : p->end) - s);

        p->next = eol ? eol + 1 : p->end;
        p->line++;
        if (len > 0 && s[len - 1] == '\r')
                len--;
        *ret = s;
        return len;
}

/*
 * inih's reader: as fgets(), one line a call. What we put into buf has a few bytes; it holds 200.
 */
static char *read_line(char *buf, int size _unused_, void *stream) {
        Parser *p = stream;
        const char *s, *problem;
        bool indented;
        size_t len;

        if (p->next >= p->end)
                return NULL;
        len = next_line(p, &s);
        indented = len > 0 && line_is_blank(*s);
        while (len > 0 && line_is_blank(s[len - 1]))
                len--;
        while (len > 0 && line_is_blank(*s))
                s++, len--;
        if (len == 0) {
                p->open = false;
                return emit_blank(buf);
        }
        p->class = line_class(s, len);
        problem = line_problem(s, len, p->class);
        if ((*s == '#' || *s == ';') && !(p->class & LINE_NUL))
                return emit_blank(buf); /* whatever a comment says is fine */
        if (!problem && len > INI_VALUE_BYTES_MAX + INI_NAME_BYTES_MAX)
                problem = "the line is too long; a value has at most 4095 bytes";
        if (problem) {
                if (!indented)
                        flush(p);
                *p->key = 0;
                return refuse(p, buf, problem);
        }
        if (indented)
                return read_continuation(p, s, len, buf);
        if (*s == '[')
                return read_section(p, s, len, buf);
        return read_assignment(p, s, len, buf);
}

/* ---- what inih hands back ---- */

static void append(Parser *p, const char *s, size_t len) {
        if (p->value_len + len > INI_VALUE_BYTES_MAX) {
                p->value_overlong = true;
                return;
        }
        memcpy(p->value + p->value_len, s, len);
        p->value_len += len;
}

/* inih's handler: called for each line, with the same name again for a continuation. */
static int take_piece(void *userdata, const char *section _unused_, const char *name _unused_,
                      const char *value _unused_) {
        Parser *p = userdata;

        if (!*p->key) {
                memcpy(p->key, p->name, p->name_len);
                p->key[p->name_len] = 0;
                p->value_len = 0;
                p->value_overlong = false;
        } else if (p->value_len > 0)
                append(p, " ", 1);
        append(p, p->piece, p->piece_len);
        return 1;
}

int ini_read(const char *text, size_t len, const char *file, const IniSink *sink,
             Problems *problems) {
        char value[INI_VALUE_BYTES_MAX + 1];
        Parser p = {
                .next = text,
                .end = text + len,
                .file = file,
                .sink = sink,
                .problems = problems,
                .value = value,
        };

        if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
                p.next += 3;
        if (ini_parse_stream(read_line, &p, take_piece, &p) < 0)
                return -ENOMEM;
        flush(&p);
        return problems->lost ? -ENOMEM : 0;
}
