/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * draft.h. Defaults are read from the built-in agent by the parser that each row names, so a new
 * key or another default needs nothing here.
 */

#include <stdio.h>

#include "base/escape.h"
#include "base/format.h"
#include "base/parse.h"
#include "base/scope.h"
#include "config/ini-line.h"
#include "config/pass-through.h"
#include "config/user-keys.h"

#include "draft.h"

/* ---- defaults ---- */

static void add_words(const Directive *row, char *const *words, StrBuf *b) {
        for (size_t i = 0; words && words[i]; i++) {
                strbuf_add(b, i > 0 ? " " : "");
                if (row->parse == parse_exec || row->parse == parse_env_assignment)
                        escape_word(b, words[i], 0);
                else
                        strbuf_add(b, words[i]);
        }
}

static void add_flags(const Directive *row, unsigned flags, StrBuf *b) {
        bool any = false;

        for (size_t i = 0; row->names[i]; i++)
                if (flags & (1u << i)) {
                        strbuf_add(b, any ? " " : "");
                        strbuf_add(b, row->names[i]);
                        any = true;
                }
}

static size_t names_count(const Directive *row) {
        size_t n = 0;

        while (row->names[n])
                n++;
        return n;
}

/* Those that take a number, 0 of which is "not set" where 0 is out of the row's bounds. */
static void add_number(const Directive *row, const void *field, StrBuf *b) {
        uint64_t n = row->size_bytes == sizeof(unsigned) ? *(const unsigned *) field
                                                         : *(const uint64_t *) field;

        if ((n == 0 && row->min > 0) || (row->parse == parse_uid && n == UID_UNSET))
                return;
        if (row->parse == parse_time)
                format_usec(b, n);
        else if (row->parse == parse_size || row->parse == parse_size_or_infinity)
                format_bytes(b, n);
        else if (row->parse == parse_cpu)
                strbuf_addf(b, "%llu%%", (unsigned long long) n);
        else if (n == UINT64_MAX)
                strbuf_add(b, "infinity");
        else
                strbuf_add_uint(b, n);
}

/* Where nothing is set and the name, or what else is set, decides. */
static void add_computed(const Directive *row, const char *name, StrBuf *b) {
        char env_top[SCOPE_HOME_BYTES + 64];
        const struct {
                size_t offset;
                const char *before, *after;
        } rows[] = {
                { offsetof(Agent, description), "", "" },
                { offsetof(Agent, user), "", "" },
                { offsetof(Agent, working_directory), scope->state_dirs[0], "" },
                { offsetof(Agent, env_file), env_top, scope->env_suffix },
                { offsetof(Agent, log_file), scope->log_dirs[0], "/app.log" },
                { offsetof(Agent, backup_paths), "/var/lib/", "" },
        };

        snprintf(env_top, sizeof(env_top), "/%s/", scope->env_top);
        for (size_t i = 0; i < ARRAY_SIZE(rows) && row->section < SECTION_HOST; i++)
                if (rows[i].offset == row->offset)
                        strbuf_addf(b, "%s%s%s", rows[i].before, name, rows[i].after);
        if (row->offset == offsetof(Agent, restart_window_usec))
                format_usec(b, agent_window_min_usec(agent_built_in()));
}

void directive_value_text(const Directive *row, const Agent *a, StrBuf *b) {
        const char *field = (const char *) a + row->offset;

        if (row->parse == parse_bool)
                strbuf_add(b, *(const bool *) field ? "yes" : "no");
        else if (row->parse == parse_enum || row->parse == parse_profile) {
                if (*(const int *) field < (int) names_count(row)) /* else it depends on others */
                        strbuf_add(b, row->names[*(const int *) field]);
        } else if (row->parse == parse_flags_of)
                add_flags(row, *(const unsigned *) field, b);
        else if (row->parse == parse_number || row->parse == parse_number_or_infinity ||
                 row->parse == parse_uid || row->parse == parse_time || row->parse == parse_size ||
                 row->parse == parse_size_or_infinity || row->parse == parse_cpu)
                add_number(row, field, b);
        else if ((row->flags & DIRECTIVE_LIST) || row->parse == parse_exec)
                add_words(row, *(char *const *const *) field, b);
        else if (*(const char *const *) field)
                strbuf_add(b, *(const char *const *) field);
}

void directive_default_text(const Directive *row, const char *name, StrBuf *b) {
        size_t before = b->len;

        directive_value_text(row, agent_built_in(), b);
        if (b->len == before)
                add_computed(row, name, b);
}

/* ---- lines ---- */

void draft_add(Draft *d, const DraftLine *line) {
        DraftLine *l = arena_new(d->arena, DraftLine);

        if (!l)
                return; /* the arena remembers */
        *l = *line;
        l->next = NULL;
        if (!d->tail)
                d->tail = &d->first;
        *d->tail = l;
        d->tail = &l->next;
}

void draft_drop(Draft *d, SectionId section, const char *key) {
        DraftLine **p = &d->first;

        while (*p)
                if ((*p)->section == section && streq((*p)->key, key))
                        *p = (*p)->next;
                else
                        p = &(*p)->next;
        d->tail = p;
}

const char *draft_get(const Draft *d, SectionId section, const char *key) {
        const char *value = NULL;

        for (const DraftLine *l = d->first; l; l = l->next)
                if (l->section == section && streq(l->key, key))
                        value = l->value;
        return value;
}

/* What our reader would refuse in a line, whatever it means. */
static const char *text_problem(const char *value) {
        size_t len = strlen(value);
        unsigned class = line_class(value, len);
        const char *problem = line_problem(value, len, class);

        if (!problem)
                problem = line_value_problem(value, len, class);
        if (!problem && len > INI_VALUE_BYTES_MAX)
                problem = "the value is too long";
        return problem;
}

const char *draft_set(Draft *d, SectionId section, const char *key, const char *value) {
        const Directive *row = directive_find(section, key);
        DirectiveValue v = { .arena = d->arena, .row = row, .text = value };
        const char *problem = text_problem(value);
        Agent scratch = *agent_built_in();

        v.field = (char *) &scratch + row->offset;
        if (!problem && row->parse(&v) < 0)
                problem = v.problem ? v.problem : "memory is out";
        if (!problem)
                draft_add(d, &(DraftLine){ .section = section, .key = key, .value = value });
        return problem;
}

const char *draft_pass(Draft *d, SectionId section, const char *key, const char *value) {
        Problems problems = { .arena = d->arena };
        Agent scratch = { 0 };
        const char *problem = text_problem(value);

        if (problem)
                return problem;
        pass_through_add(&scratch, section,
                         &(IniAssignment){ .key = key, .value = value, .file = "", .line = 1 },
                         d->arena, &problems);
        if (problems_any(&problems))
                return problems.first ? problems.first->message : "memory is out";
        draft_add(d, &(DraftLine){ .section = section, .key = key, .value = value });
        return NULL;
}

/* ---- text ---- */

/* The lines of a key, or with NULL of the section, in the order in which they were set. */
static void add_lines(const Draft *d, SectionId section, const char *key, StrBuf *b) {
        for (const DraftLine *l = d->first; l; l = l->next) {
                if (l->section != section || (key && !streq(l->key, key)))
                        continue;
                if (l->comment)
                        strbuf_addf(b, "; %s\n", l->comment);
                strbuf_addf(b, "%s=%s\n", l->key, l->value);
        }
}

static void add_set(const Draft *d, SectionId section, StrBuf *b) {
        size_t first, end = directive_range(section, &first);

        for (size_t i = first; i < end; i++)
                add_lines(d, section, directives[i].key, b);
}

static bool is_for_agents(const Directive *row) {
        return !(row->flags & DIRECTIVE_HOST_ONLY) &&
               !(scope->is_user && user_key_problem(row->section, row->key));
}

static bool any_for_agents(SectionId section) {
        size_t first, end = directive_range(section, &first);

        for (size_t i = first; i < end; i++)
                if (is_for_agents(&directives[i]))
                        return true;
        return false;
}

/* Of templates, and of workers and jobs: init makes a service. */
static bool is_of_another_kind(SectionId section, const char *key) {
        static const char *const keys[] = { "Instances", "Schedule", "TimeLimit", "Overdue",
                                            "MaxAge" };

        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                if (section != SECTION_BACKUP && streq(key, keys[i]))
                        return true;
        return false;
}

/* Keys that are not set, behind those that are. */
static void add_defaults(const Draft *d, SectionId section, StrBuf *b) {
        size_t first, end = directive_range(section, &first);

        for (size_t i = first; i < end; i++) {
                const Directive *row = &directives[i];

                if (!is_for_agents(row) || draft_get(d, section, row->key) ||
                    is_of_another_kind(section, row->key))
                        continue;
                strbuf_addf(b, ";%s=", row->key);
                directive_default_text(row, d->name, b);
                strbuf_addc(b, '\n');
        }
}

static bool has_lines(const Draft *d, SectionId section) {
        for (const DraftLine *l = d->first; l; l = l->next)
                if (l->section == section)
                        return true;
        return false;
}

static void add_section(const Draft *d, SectionId section, StrBuf *b) {
        bool any = has_lines(d, section);

        if (!any && (section >= SECTION_UNIT || !any_for_agents(section)))
                return;
        /* A [Proxy] without its Domain= is an error, so the header waits too. */
        strbuf_addf(b, "\n%s[%s]\n", section == SECTION_PROXY && !any ? ";" : "",
                    section_to_string(section));
        if (section < SECTION_UNIT) {
                add_set(d, section, b);
                add_defaults(d, section, b);
        } else
                add_lines(d, section, NULL, b);
}

void draft_render(const Draft *d, StrBuf *b) {
        strbuf_addf(
                b,
                "; %s, made by \"ftectl%s init\". This file is the whole deployment: fte.conf(5) "
                "tells\n"
                "; about each key. A line that begins with \";\" sets nothing and shows the "
                "default.\n",
                d->name, SCOPE_SWITCH);
        if (d->origin)
                strbuf_addf(b, "; %s\n", d->origin);
        for (SectionId s = 0; s < SECTION_HOST; s++)
                add_section(d, s, b);
        b->failed = b->failed || arena_failed(d->arena);
}
