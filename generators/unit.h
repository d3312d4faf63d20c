/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One agent's unit while it is rendered: the lines of [Unit] and [Service], the command chain, and
 * the lines that must come after the sandbox profile (90-agent.conf). Knows unit-file syntax and
 * nothing about what the lines mean.
 */

#include "base/escape.h"
#include "base/scope.h"
#include "config/model.h"

typedef struct Unit {
        StrBuf unit, service;           /* of NAME.service */
        StrBuf late_unit, late_service; /* of NAME.service.d/90-agent.conf */
        StrBuf chain;                   /* ExecStart=, without the key */
        bool chain_expands; /* behind the precheck, which expands $ once more */
        StrBuf option, text; /* scratch */
} Unit;

void unit_reset(Unit *u);
void unit_done(Unit *u);

/* What stands for the "%" of a template's %i and %I becomes one. Only for the unit of a template.
 */
void unit_release_specifiers(StrBuf *b);

/*
 * "# [Section] file:line Key, …": where the lines below come from. Says "defaults" when the
 * section sets nothing.
 */
void unit_comment(StrBuf *b, const Agent *a, SectionId section);

static inline void unit_add_text(StrBuf *b, const ScopeText *t) {
        strbuf_add_bytes(b, t->text, t->len);
}

/* "Key=value", the value as it is. key includes the "=". */
static inline void unit_add(StrBuf *b, const char *key, const char *value) {
        strbuf_add(b, key);
        strbuf_add(b, value);
        strbuf_addc(b, '\n');
}
/* The same of a line that begins as the scope has it. */
static inline void unit_add_scoped(StrBuf *b, const ScopeText *t, const char *name) {
        unit_add_text(b, t);
        strbuf_add(b, name);
        strbuf_addc(b, '\n');
}
/* The same with % doubled. */
void unit_add_value(StrBuf *b, const char *key, const char *value);
void unit_add_usec(StrBuf *b, const char *key, uint64_t usec);
void unit_add_uint(StrBuf *b, const char *key, uint64_t n);
/* In the largest unit that is exact: 512M. UINT64_MAX is "infinity". */
void unit_add_bytes(StrBuf *b, const char *key, uint64_t bytes);
/*
 * "Key=a b c"; nothing when the list is empty. The words were checked to need no quoting: systemd
 * takes a backslash in a unit's name for itself and in a path for an escape.
 */
void unit_add_list(StrBuf *b, const char *key, char *const *words);

/* A program of the chain, by its full path, which needs no quoting; its options follow. */
void unit_chain_program(Unit *u, const char *path);
/* "--option=name", where the name was checked to be of letters, digits, - and _. */
static inline void unit_chain_name(Unit *u, const char *option, const char *name) {
        strbuf_addc(&u->chain, ' ');
        strbuf_add(&u->chain, option);
        strbuf_add(&u->chain, name);
}
/* "--option=value", both literal. */
void unit_chain_option(Unit *u, const char *option, const char *value);
void unit_chain_option_usec(Unit *u, const char *option, uint64_t usec);
void unit_chain_option_uint(Unit *u, const char *option, uint64_t n);
/* "--": what follows is the command that the program runs. */
void unit_chain_next(Unit *u);
/* The agent's own words, in which the precheck expands variables. */
void unit_chain_words(Unit *u, char *const *words);
