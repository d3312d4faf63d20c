/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A hand-written unit becomes a draft of a configuration file: each setting is carried over into a
 * key of ours, passed through, covered by what every agent has, or listed with the reason why it is
 * not. What each key becomes is a row of import-table.c. Changes nothing on the disk; values that
 * may be secrets go to env_text alone.
 */

#include "config/validate.h"

#include "draft.h"
#include "unit-source.h"

typedef enum ImportFate {
        IMPORT_CARRIED,
        IMPORT_COVERED, /* every agent has it */
        IMPORT_REFUSED, /* not carried, or not as it was */
        _IMPORT_FATE_MAX,
} ImportFate;

typedef struct ImportNote {
        ImportFate fate;
        Place place;
        const char *section, *key; /* as the unit says them; key may be NULL */
        const char *to;            /* "[Restart] Delay"; NULL: nowhere */
        const char *text;          /* why, and what to do; NULL for what is simply carried */
        struct ImportNote *next;
} ImportNote;

typedef struct Import {
        Arena *arena;
        const char *root;
        int root_fd;
        const UnitSource *source;
        const Facts *facts;
        Draft *draft;
        UnitSpecifiers specifiers;
        UnitSettings profile;  /* of the sandbox that the agent gets */
        bool env_file_is_kept; /* the agent's own env file is there already, and is not touched */
        StrBuf env_text;       /* secrets, in the grammar of env files; the owner wipes it */
        StrBuf env_required;   /* their names, with blanks between them */
        ImportNote *first, **tail;
        size_t n[_IMPORT_FATE_MAX];
} Import;

/* All assignments of a key that count: what an empty one takes back is gone. */
typedef struct ImportGroup {
        const char *section, *key;
        const UnitSetting **items;
        size_t n;
        const UnitSetting *last; /* also when n is 0: the empty one */
} ImportGroup;

typedef struct ImportRow ImportRow;

struct ImportRow {
        const char *section, *key;
        void (*run)(Import *im, const ImportRow *row, const ImportGroup *g);
        SectionId to;
        const char *to_key;
        const char *text;
};

extern const ImportRow import_rows[];
extern const size_t n_import_rows;

/* Fills im->draft, im->env_text and the notes. The rest of *im is set by the caller. */
int import_unit(Import *im);
void import_done(Import *im);

/* ---- for the rows ---- */

/* Notes about a group's last line; to_key NULL: it went nowhere. */
void import_carried(Import *im, const ImportGroup *g, SectionId to, const char *to_key);
void import_covered(Import *im, const ImportGroup *g, const char *text);
void import_refused(Import *im, const ImportGroup *g, const char *text);
void import_note(Import *im, const ImportNote *note);

/* The last value, with its specifiers replaced; NULL after a note that says why not. */
const char *import_value(Import *im, const ImportGroup *g);
/* Sets a key of ours and notes what came of it. */
bool import_set(Import *im, const ImportGroup *g, SectionId to, const char *to_key,
                const char *value);
/* The last value of a key of the unit, as it stands there, or NULL. */
const char *import_find(const Import *im, const char *section, const char *key);

void import_to(Import *im, const ImportRow *row, const ImportGroup *g);      /* one value */
void import_to_list(Import *im, const ImportRow *row, const ImportGroup *g); /* words */
void import_cover(Import *im, const ImportRow *row, const ImportGroup *g);
void import_refuse(Import *im, const ImportRow *row, const ImportGroup *g);
void import_pass(Import *im, const ImportRow *row, const ImportGroup *g); /* without a row too */

void import_exec(Import *im, const ImportRow *row, const ImportGroup *g);
void import_stop_post(Import *im, const ImportRow *row, const ImportGroup *g);
void import_environment(Import *im, const ImportRow *row, const ImportGroup *g);
/* Notes what the command uses and nothing sets. */
void import_check_variables(Import *im);
void import_environment_file(Import *im, const ImportRow *row, const ImportGroup *g);
void import_type(Import *im, const ImportRow *row, const ImportGroup *g);
void import_watchdog(Import *im, const ImportRow *row, const ImportGroup *g);
void import_user(Import *im, const ImportRow *row, const ImportGroup *g);
void import_group(Import *im, const ImportRow *row, const ImportGroup *g);
void import_directory(Import *im, const ImportRow *row, const ImportGroup *g);
void import_own_directory(Import *im, const ImportRow *row, const ImportGroup *g);
void import_restart(Import *im, const ImportRow *row, const ImportGroup *g);
void import_window(Import *im, const ImportRow *row, const ImportGroup *g);
void import_timeout(Import *im, const ImportRow *row, const ImportGroup *g);
void import_open_files(Import *im, const ImportRow *row, const ImportGroup *g);
void import_output(Import *im, const ImportRow *row, const ImportGroup *g);
void import_error(Import *im, const ImportRow *row, const ImportGroup *g);
void import_kill_mode(Import *im, const ImportRow *row, const ImportGroup *g);
void import_wanted_by(Import *im, const ImportRow *row, const ImportGroup *g);
void import_dependency(Import *im, const ImportRow *row, const ImportGroup *g);
void import_protect_system(Import *im, const ImportRow *row, const ImportGroup *g);
void import_system_calls(Import *im, const ImportRow *row, const ImportGroup *g);
void import_devices(Import *im, const ImportRow *row, const ImportGroup *g);
