/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Walks the directive table for each assignment of a file: finds the row, refuses what is unknown,
 * doubled or misplaced, calls the row's parser and remembers where the key was set. Knows no
 * single key; those are rows in directives.c.
 */

#include <ctype.h>

#include "base/edit-distance.h"
#include "base/scope.h"
#include "config/directive.h"
#include "config/instance.h"
#include "config/pass-through.h"
#include "config/user-keys.h"

static const char *const section_names[_SECTION_MAX] = {
        [SECTION_AGENT] = "Agent",
        [SECTION_ENVIRONMENT] = "Environment",
        [SECTION_HEALTH] = "Health",
        [SECTION_RESTART] = "Restart",
        [SECTION_LIMITS] = "Limits",
        [SECTION_SANDBOX] = "Sandbox",
        [SECTION_LOGGING] = "Logging",
        [SECTION_ALERT] = "Alert",
        [SECTION_BACKUP] = "Backup",
        [SECTION_PROXY] = "Proxy",
        [SECTION_DEPLOY] = "Deploy",
        [SECTION_UNIT] = "Unit",
        [SECTION_SERVICE] = "Service",
        [SECTION_HOST] = "Host",
        [SECTION_SSH] = "SSH",
        [SECTION_FIREWALL] = "Firewall",
};

const char *section_to_string(SectionId id) {
        return section_names[id];
}

SectionId section_from_string(const char *name) {
        for (SectionId i = 0; i < _SECTION_MAX; i++)
                if (streq(section_names[i], name))
                        return i;
        return _SECTION_INVALID;
}

/* Rows of a section stand together (directives.c), so one pass finds where each begins. */
size_t directive_range(SectionId section, size_t *ret_first) {
        static uint8_t first[_SECTION_MAX], end[_SECTION_MAX];
        static bool known;

        for (size_t i = 0; i < n_directives && !known; i++) {
                SectionId s = directives[i].section;

                if (end[s] == 0)
                        first[s] = (uint8_t) i;
                end[s] = (uint8_t) (i + 1);
        }
        known = true;
        *ret_first = first[section];
        return end[section];
}

/* ---- did you mean ---- */

const char *directive_guess(SectionId section, const char *key) {
        EditGuess g = edit_guess(key);
        size_t i, end;

        for (end = directive_range(section, &i); i < end; i++)
                edit_guess_try(&g, directives[i].key);
        return g.best;
}

static const char *section_guess(const char *name) {
        for (SectionId i = 0; i < _SECTION_MAX; i++)
                if (edit_distance(name, section_names[i]) <= 2)
                        return section_names[i];
        return NULL;
}

const Directive *directive_find(SectionId section, const char *key) {
        size_t i, end;

        for (end = directive_range(section, &i); i < end; i++)
                if (streq(directives[i].key, key))
                        return &directives[i];
        return NULL;
}

static const Directive *find_elsewhere(const char *key) {
        for (size_t i = 0; i < n_directives; i++)
                if (streq(directives[i].key, key))
                        return &directives[i];
        return NULL;
}

/* ---- one file ---- */

typedef struct Reading {
        Agent *agent;
        Host *host; /* NULL for an agent's file */
        SectionId section;
        Arena *arena;
        Problems *problems;
} Reading;

/* People know these from hand-written units. */
static const char *section_hint(const char *name) {
        if (streq(name, "Install"))
                return "unknown section; Enabled= in [Agent] decides about the start at boot";
        if (streq(name, "Timer") || streq(name, "Socket") || streq(name, "Path"))
                return "unknown section; write such a unit by hand in /etc/systemd/system";
        return NULL;
}

static bool on_section(void *userdata, const char *name, Place place) {
        Reading *r = userdata;
        const char *hint = section_hint(name), *guess;

        r->section = section_from_string(name);
        if (r->section >= SECTION_HOST && !r->host) {
                problems_add(r->problems, place, section_names[r->section], NULL,
                             "concerns the whole host; it belongs in fte.conf");
                r->section = _SECTION_INVALID;
        } else if (r->section != _SECTION_INVALID)
                r->agent->section_places[r->section] = place;
        else if (hint)
                problems_add(r->problems, place, NULL, NULL, "%s", hint);
        else if ((guess = section_guess(name)))
                problems_add(r->problems, place, NULL, NULL,
                             "unknown section; did you mean [%s]?", guess);
        else
                problems_add(r->problems, place, NULL, NULL,
                             "unknown section; fte.conf(5) lists the sections");
        return r->section != _SECTION_INVALID;
}

#define NAMED_KEY_BYTES 24

/*
 * A line that is no directive may be a secret that was pasted by accident, and base64 ends in "=".
 * So an unknown key is named only when it looks like one and has a value.
 */
static const char *nameable_key(Arena *arena, const IniAssignment *a) {
        if (!isupper((unsigned char) a->key[0]) || strspn(a->value, "=") == strlen(a->value))
                return NULL;
        for (const char *p = a->key; *p; p++)
                if (!isalpha((unsigned char) *p))
                        return NULL;
        return strlen(a->key) <= NAMED_KEY_BYTES ? arena_strdup(arena, a->key) : NULL;
}

static void refuse_unknown(Reading *r, const IniAssignment *a) {
        const char *section = section_names[r->section], *key = nameable_key(r->arena, a);
        const char *guess = directive_guess(r->section, a->key);
        const char *hint = pass_through_hint(a->key);
        const Directive *other = find_elsewhere(a->key);
        Place place = { a->file, a->line };

        if (guess)
                problems_add(r->problems, place, section, key, "unknown key; did you mean %s=?",
                             guess);
        else if (other)
                problems_add(r->problems, place, section, other->key,
                             "unknown key here; it belongs in [%s]",
                             section_names[other->section]);
        else if (hint)
                problems_add(r->problems, place, section, key, "unknown key; %s", hint);
        else
                problems_add(r->problems, place, section, key,
                             "unknown key; fte.conf(5) lists the keys of this section");
}

/* True when the row may be set in this file; complains otherwise. */
static bool check_scope(const Reading *r, const Directive *d, Place place) {
        const char *message = NULL;

        if (scope->is_user && (message = user_key_problem(d->section, d->key)))
                ;
        else if ((d->flags & DIRECTIVE_AGENT_ONLY) && r->host)
                message = "cannot be a default for every agent; set it in the agent's own file";
        else if ((d->flags & DIRECTIVE_HOST_ONLY) && !r->host)
                message = "concerns the whole host; it belongs in fte.conf";
        else if (r->agent->places[d - directives].file == place.file &&
                 !(d->flags & DIRECTIVE_REPEATABLE))
                message = d->flags & DIRECTIVE_LIST
                                  ? "set twice in this file; put all values on one line"
                                  : "set twice in this file";
        if (message)
                problems_add(r->problems, place, section_names[d->section], d->key, "%s", message);
        return !message;
}

/* An empty assignment takes back what an earlier file or fte.conf set. */
static void reset(const Directive *d, void *field) {
        Host pristine;
        const char *base;

        host_init(&pristine);
        base = d->section >= SECTION_HOST ? (const char *) &pristine
                                          : (const char *) &pristine.defaults;
        memcpy(field, base + d->offset, d->size_bytes);
}

static void set_place(Agent *a, const Directive *d, Place place) {
        Place *p = &a->places[d - directives];

        a->n_set[d->section] += (unsigned) !!place.file - (unsigned) !!p->file;
        *p = place;
}

static void on_directive(Reading *r, const Directive *d, const IniAssignment *a) {
        Place place = { a->file, a->line };
        char *base = d->section >= SECTION_HOST ? (char *) r->host : (char *) r->agent;
        DirectiveValue v = {
                .arena = r->arena,
                .row = d,
                .text = a->value,
                .field = base + d->offset,
        };
        int k;

        if (!check_scope(r, d, place))
                return;
        if (!*a->value) {
                reset(d, v.field);
                set_place(r->agent, d, (Place){ 0 });
                return;
        }
        set_place(r->agent, d, place);
        k = directive_parse_instance(&v, r->agent);
        if (k == -ENOMEM)
                r->problems->lost = true;
        else if (k < 0 && v.text != a->value) /* it was expanded */
                problems_add(r->problems, place, section_names[d->section], d->key,
                             "for the instance \"%s\": %s", r->agent->instance, v.problem);
        else if (k < 0)
                problems_add(r->problems, place, section_names[d->section], d->key, "%s",
                             v.problem);
}

static void on_assign(void *userdata, const IniAssignment *a) {
        Reading *r = userdata;
        const Directive *d;

        if (r->section == _SECTION_INVALID)
                return; /* its header was refused */
        if (r->section == SECTION_UNIT || r->section == SECTION_SERVICE) {
                pass_through_add(r->agent, r->section, a, r->arena, r->problems);
                return;
        }
        d = directive_find(r->section, a->key);
        if (d)
                on_directive(r, d, a);
        else
                refuse_unknown(r, a);
}

int directive_read(const DirectiveTarget *target, const char *text, size_t len,
                   Problems *problems) {
        Reading r = {
                .agent = target->host ? &target->host->defaults : target->agent,
                .host = target->host,
                .section = _SECTION_INVALID,
                .arena = problems->arena,
                .problems = problems,
        };
        IniSink sink = { .section = on_section, .assign = on_assign, .userdata = &r };

        return ini_read(text, len, target->file, &sink, problems);
}
