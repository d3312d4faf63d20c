/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A directive is a row: section, key, parser, where the value goes, and its bounds. The rows are in
 * directives.c, the parsers in directive-parse.c; directive.c walks them for each assignment.
 */

#include "config/ini.h"
#include "config/model.h"

typedef struct Directive Directive;

typedef struct DirectiveValue {
        Arena *arena;
        const Directive *row;
        const char *text;
        void *field; /* in Agent or Host */
        const char *
                problem; /* out: a sentence (static or in the arena) that repeats nothing of text */
} DirectiveValue;

/* 0; -EINVAL with v->problem set; -ENOMEM. The field is untouched on failure. */
typedef int (*DirectiveParser)(DirectiveValue *v);

typedef enum DirectiveFlags {
        DIRECTIVE_LIST = 1 << 0,       /* later files append; an empty assignment clears */
        DIRECTIVE_REPEATABLE = 1 << 1, /* may stand more than once in one file */
        DIRECTIVE_AGENT_ONLY = 1 << 2, /* senseless as a default for every agent */
        DIRECTIVE_HOST_ONLY = 1 << 3,  /* in fte.conf only */
        DIRECTIVE_INSTANCE = 1 << 4,   /* text, in which %i and %I of templates are expanded */
} DirectiveFlags;

struct Directive {
        SectionId section;
        const char *key;
        DirectiveParser parse;
        size_t offset, size_bytes; /* of the field */
        unsigned flags;
        uint64_t min, max;        /* of numbers, times, sizes; max 0: unbounded */
        const char *const *names; /* of enumerations, in the order of their values */
};

extern const Directive directives[];
extern const size_t n_directives;

const char *section_to_string(SectionId id);
SectionId section_from_string(const char *name);

/* The rows of a section are directives[*ret_first] up to the returned index, exclusive. */
size_t directive_range(SectionId section, size_t *ret_first);

/* The row of a key, or NULL. */
const Directive *directive_find(SectionId section, const char *key);

/* Whether systemd takes it as OnCalendar= (systemd.time(7), "Calendar Events"). */
bool calendar_is_valid(const char *expression);

/* Whether a word of a command, or the value of an option of it, seems to be a secret itself. */
bool command_has_secret(char *const *words);

/* The next-best key for a misspelt one, or NULL: at most two edits away. */
const char *directive_guess(SectionId section, const char *key);

typedef struct DirectiveTarget {
        Agent *agent;     /* to fill, or */
        Host *host;       /* the host and its defaults */
        const char *file; /* for messages and places; must live as long as the agent */
} DirectiveTarget;

/*
 * Fills the target from the text of one file. Strings go to the arena of the problems. Problems are
 * added, none is fatal. Call it for the files of an agent in their order: scalars replace what was
 * there, lists grow. Returns 0 or -ENOMEM.
 */
int directive_read(const DirectiveTarget *target, const char *text, size_t len, Problems *problems);

/* For parsers: refuse with a sentence, store a string or a list (lists append). */
int directive_refuse(DirectiveValue *v, const char *problem);
int directive_store_string(DirectiveValue *v, const char *s);
int directive_store_list(DirectiveValue *v, char **words);
int directive_store_words(DirectiveValue *v, bool (*is_valid)(const char *), const char *problem);

/* The parsers, for the rows. */
int parse_string(DirectiveValue *v);
int parse_name(DirectiveValue *v); /* a user or group name */
int parse_path(DirectiveValue *v); /* absolute, normal, no white space */
int parse_path_or_none(DirectiveValue *v);
int parse_paths(DirectiveValue *v);
int parse_secret_path(DirectiveValue *v); /* a path where people might put the secret itself */
int parse_exec(DirectiveValue *v);
int parse_units(DirectiveValue *v);
int parse_plugins(DirectiveValue *v);
int parse_instances(DirectiveValue *v);
int parse_env_names(DirectiveValue *v);
int parse_env_assignment(DirectiveValue *v);
int parse_bool(DirectiveValue *v);
int parse_number(DirectiveValue *v);
int parse_number_or_infinity(DirectiveValue *v);
int parse_uid(DirectiveValue *v);
int parse_time(DirectiveValue *v);
int parse_size(DirectiveValue *v);
int parse_size_or_infinity(DirectiveValue *v);
int parse_cpu(DirectiveValue *v);
int parse_enum(DirectiveValue *v);
int parse_profile(DirectiveValue *v);
int parse_flags_of(DirectiveValue *v); /* several of names, as bits */
int parse_health_url(DirectiveValue *v);
int parse_addresses(DirectiveValue *v);
int parse_devices(DirectiveValue *v);
int parse_emails(DirectiveValue *v);
int parse_smtp(DirectiveValue *v);
int parse_calendar(DirectiveValue *v); /* as OnCalendar=, or "none" */
int parse_schedule(DirectiveValue *v); /* as OnCalendar=, or a time between runs */
int parse_listen(DirectiveValue *v);   /* 127.0.0.1:8000, [::1]:8000 or /run/NAME/x.sock */
int parse_backup_paths(DirectiveValue *v);
int parse_backup_target(DirectiveValue *v);
int parse_upstream(DirectiveValue *v);
int parse_domain(DirectiveValue *v);
int parse_rate(DirectiveValue *v);
int parse_ports(DirectiveValue *v);
