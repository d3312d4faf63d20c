/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The list of problem.h. Order is the order of discovery: files as they are read, lines upward,
 * then what is wrong between keys. Must not print: main() decides where messages go.
 */

#include <stdarg.h>
#include <stdio.h>

#include "config/problem.h"

void problems_add(Problems *p, Place place, const char *section, const char *key,
                  const char *format, ...) {
        Problem *problem = arena_new(p->arena, Problem);
        char text[512];
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        if (problem)
                *problem = (Problem){ place, section, key, arena_strdup(p->arena, text), NULL };
        if (!problem || !problem->message) {
                p->lost = true;
                return;
        }
        if (!p->tail)
                p->tail = &p->first;
        *p->tail = problem;
        p->tail = &problem->next;
        p->n++;
}

void problem_format(const Problem *p, StrBuf *b) {
        /* A file may be named anything; a message is one line. */
        for (const char *c = p->place.file; *c; c++)
                strbuf_addc(b, (unsigned char) *c < ' ' || *c == 0x7f ? '?' : *c);
        if (p->place.line > 0)
                strbuf_addf(b, ":%u", p->place.line);
        strbuf_add(b, ": ");
        if (p->section)
                strbuf_addf(b, "[%s] ", p->section);
        if (p->key)
                strbuf_addf(b, "%s: ", p->key);
        strbuf_add(b, p->message);
}
