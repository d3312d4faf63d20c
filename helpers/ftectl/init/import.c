/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The walk over a unit's settings, and the rows that need no more than a table (import.h).
 */

#include <stdio.h>

#include "base/parse.h"
#include "config/pass-through.h"
#include "config/unit-keys.h"

#include "import.h"

/* ---- notes ---- */

void import_note(Import *im, const ImportNote *note) {
        ImportNote *n = arena_new(im->arena, ImportNote);

        if (!n)
                return; /* the arena remembers */
        *n = *note;
        n->next = NULL;
        if (!im->tail)
                im->tail = &im->first;
        *im->tail = n;
        im->tail = &n->next;
        im->n[n->fate]++;
}

static void note_group(Import *im, const ImportGroup *g, ImportFate fate, const char *to,
                       const char *text) {
        import_note(im, &(ImportNote){ fate, g->last->place, g->section, g->key, to, text, NULL });
}

void import_carried(Import *im, const ImportGroup *g, SectionId to, const char *to_key) {
        note_group(im, g, IMPORT_CARRIED,
                   arena_printf(im->arena, "[%s] %s", section_to_string(to), to_key), NULL);
}

void import_covered(Import *im, const ImportGroup *g, const char *text) {
        note_group(im, g, IMPORT_COVERED, NULL, text);
}

void import_refused(Import *im, const ImportGroup *g, const char *text) {
        note_group(im, g, IMPORT_REFUSED, NULL, text);
}

/* ---- values ---- */

const char *import_find(const Import *im, const char *section, const char *key) {
        const char *value = NULL;

        for (const UnitSetting *s = im->source->settings.first; s; s = s->next)
                if (s->key && streq(s->section, section) && streq(s->key, key))
                        value = s->value;
        return value;
}

static const char *expand(Import *im, const ImportGroup *g, const char *text) {
        char letter = 0, *value = NULL;
        int r = unit_specifiers_expand(text, &im->specifiers, im->arena, &value, &letter);

        if (r == -ENOKEY && ascii_isalnum(letter))
                import_refused(
                        im, g,
                        arena_printf(im->arena,
                                     "its %%%c depends on the machine; write the value itself",
                                     letter));
        else if (r < 0)
                import_refused(
                        im, g,
                        "it has a \"%\" that means nothing; write \"%\" alone for a literal one");
        return r < 0 ? NULL : value;
}

const char *import_value(Import *im, const ImportGroup *g) {
        return expand(im, g, g->last->value);
}

bool import_set(Import *im, const ImportGroup *g, SectionId to, const char *to_key,
                const char *value) {
        const char *problem;

        if (draft_get(im->draft, to, to_key)) {
                import_refused(im, g,
                               arena_printf(im->arena, "%s= in [%s] has a value already", to_key,
                                            section_to_string(to)));
                return false;
        }
        problem = draft_set(im->draft, to, to_key, value);
        if (problem) {
                import_refused(im, g,
                               arena_printf(im->arena, "%s= in [%s]: %s", to_key,
                                            section_to_string(to), problem));
                return false;
        }
        import_carried(im, g, to, to_key);
        return true;
}

/* ---- plain rows ---- */

/* systemd replaces specifiers in text and paths; "%" of CPUQuota= is a percent sign. */
static bool has_specifiers(const ImportRow *row) {
        DirectiveParser parse = directive_find(row->to, row->to_key)->parse;

        return parse == parse_string || parse == parse_path;
}

void import_to(Import *im, const ImportRow *row, const ImportGroup *g) {
        const char *value = g->n == 0             ? NULL
                            : has_specifiers(row) ? import_value(im, g)
                                                  : g->last->value;

        if (value)
                import_set(im, g, row->to, row->to_key, value);
}

/* Words of all lines together; "-" and "+" before a path are systemd's, and ours has neither. */
void import_to_list(Import *im, const ImportRow *row, const ImportGroup *g) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        const char *old = draft_get(im->draft, row->to, row->to_key);

        if (old) {
                import_refused(im, g, "add it by hand: two keys of the unit mean the same");
                return;
        }
        for (size_t i = 0; i < g->n; i++) {
                const char *value = expand(im, g, g->items[i]->value);
                char **words;

                if (!value || parse_words(im->arena, value, PARSE_WORDS_PLAIN, &words) < 0)
                        return;
                for (; *words; words++)
                        strbuf_addf(&b, "%s%s", b.len > 0 ? " " : "",
                                    *words + (**words == '-' || **words == '+'));
        }
        if (b.len > 0)
                import_set(im, g, row->to, row->to_key, arena_strdup(im->arena, strbuf_text(&b)));
}

void import_cover(Import *im, const ImportRow *row, const ImportGroup *g) {
        import_covered(im, g, row->text);
}

void import_refuse(Import *im, const ImportRow *row, const ImportGroup *g) {
        import_refused(im, g, row->text);
}

/* ---- what has no row ---- */

static bool is_same(const char *a, const char *b) {
        bool x, y;

        return streq(a, b) || (parse_boolean(a, &x) == 0 && parse_boolean(b, &y) == 0 && x == y);
}

/* Whether every line of the group is what the sandbox profile says anyway. */
static bool is_in_profile(const Import *im, const ImportGroup *g) {
        for (size_t i = 0; i < g->n; i++) {
                const UnitSetting *s = im->profile.first;

                while (s && !(s->key && streq(s->section, g->section) && streq(s->key, g->key) &&
                              is_same(s->value, g->items[i]->value)))
                        s = s->next;
                if (!s)
                        return false;
        }
        return g->n > 0;
}

/* "use Memory= in [Limits]"; or where the key is unknown, what systemd makes of it. */
static const char *refusal(Import *im, SectionId section, const ImportGroup *g) {
        SectionId other = section == SECTION_UNIT ? SECTION_SERVICE : SECTION_UNIT;

        if (pass_through_hint(g->key))
                return pass_through_hint(g->key);
        if (unit_key_since(section, g->key) > 0)
                return NULL;
        return unit_key_since(other, g->key) > 0
                       ? arena_printf(im->arena, "systemd ignores it in [%s]; it belongs in [%s]",
                                      g->section, section_to_string(other))
                       : "systemd has no such key and ignores it";
}

void import_pass(Import *im, const ImportRow *row _unused_, const ImportGroup *g) {
        SectionId section = section_from_string(g->section);
        const char *problem = refusal(im, section, g);

        if (is_in_profile(im, g)) {
                import_covered(im, g, "the sandbox profile has it");
                return;
        }
        for (size_t i = 0; i < g->n && !problem; i++)
                problem = draft_pass(im->draft, section, g->key, g->items[i]->value);
        if (g->n == 0 && !problem)
                problem = draft_pass(im->draft, section, g->key, "");
        if (problem)
                import_refused(im, g, problem);
        else
                import_carried(im, g, section, g->key);
}

/* ---- the walk ---- */

static const ImportRow *find_row(const ImportGroup *g) {
        static const ImportRow pass = { .run = import_pass };

        for (size_t i = 0; i < n_import_rows; i++)
                if (streq(import_rows[i].section, g->section) && streq(import_rows[i].key, g->key))
                        return &import_rows[i];
        return streq(g->section, "Unit") || streq(g->section, "Service") ? &pass : NULL;
}

static bool is_of(const UnitSetting *s, const ImportGroup *g) {
        return s->key && streq(s->section, g->section) && streq(s->key, g->key);
}

/* From the key's first line on: every later one, less what empty ones take back. */
static bool collect(Import *im, const UnitSetting *first, ImportGroup *g) {
        g->section = first->section;
        g->key = first->key;
        g->items = arena_new_n(im->arena, const UnitSetting *, im->source->settings.n + 1);
        for (const UnitSetting *s = first; s && g->items; s = s->next) {
                if (!is_of(s, g))
                        continue;
                g->last = s;
                if (*s->value)
                        g->items[g->n++] = s;
                else
                        g->n = 0;
        }
        return g->items != NULL;
}

static bool is_first(const Import *im, const UnitSetting *s) {
        for (const UnitSetting *p = im->source->settings.first; p != s; p = p->next)
                if (p->key && streq(p->section, s->section) && streq(p->key, s->key))
                        return false;
        return true;
}

static void import_setting(Import *im, const UnitSetting *s) {
        ImportGroup g = { 0 };
        const ImportRow *row;

        if (startswith(s->section, "X-"))
                return; /* systemd.unit(5): for applications */
        if (!s->key) {
                import_note(im, &(ImportNote){ IMPORT_REFUSED, s->place, s->section, NULL, NULL,
                                               "the line is no assignment, and systemd ignores it",
                                               NULL });
                return;
        }
        if (!is_first(im, s) || !collect(im, s, &g))
                return;
        row = find_row(&g);
        if (row)
                row->run(im, row, &g);
        else
                import_refused(im, &g, "systemd ignores this section in a service");
}

static void note_unit(Import *im, const char *key, const char *text) {
        import_note(im, &(ImportNote){ IMPORT_REFUSED,
                                       { im->source->file, 0 },
                                       "Service",
                                       key,
                                       NULL,
                                       text,
                                       NULL });
}

/* What follows from what the unit does not say. */
static void finish(Import *im) {
        const char *restart = import_find(im, "Service", "Restart");

        if (im->source->is_installed && !startswith(im->source->file, "/etc/"))
                import_note(
                        im,
                        &(ImportNote){
                                IMPORT_REFUSED,
                                { im->source->file, 0 },
                                "",
                                NULL,
                                NULL,
                                "the unit is not the administrator's but a package's: what the "
                                "package "
                                "changes in it later does not reach the agent, and what the system "
                                "itself needs, such as ssh, should stay as it is",
                                NULL });
        if (!import_find(im, "Service", "User") && !import_find(im, "Service", "DynamicUser"))
                note_unit(im, "User",
                          arena_printf(im->arena,
                                       "not set, so it ran as root; agents never do: it gets the "
                                       "account %s, "
                                       "which must be able to read what it needs",
                                       im->draft->name));
        if (!restart)
                note_unit(im, "Restart",
                          "not set, so a crash was final; with When=on-failure in [Restart], "
                          "the default, it no longer is");
        import_check_variables(im);
        if (im->env_required.len > 0)
                (void) draft_set(im->draft, SECTION_ENVIRONMENT, "Required",
                                 arena_strdup(im->arena, strbuf_text(&im->env_required)));
}

/* Environment= first: what its secrets need decides what becomes of EnvironmentFile=. */
int import_unit(Import *im) {
        for (int rest = 0; rest < 2; rest++)
                for (const UnitSetting *s = im->source->settings.first; s; s = s->next)
                        if (rest != (s->key && streq(s->key, "Environment")))
                                import_setting(im, s);
        finish(im);
        if (arena_failed(im->arena) || strbuf_check(&im->env_text) < 0 ||
            strbuf_check(&im->env_required) < 0)
                return -ENOMEM;
        return 0;
}

void import_done(Import *im) {
        if (im->env_text.text)
                explicit_bzero(im->env_text.text, im->env_text.size_bytes);
        strbuf_done(&im->env_text);
        strbuf_done(&im->env_required);
}
