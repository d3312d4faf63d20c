/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A subcommand of ftectl is a row: its words, what it takes, what it does. The help, the parser,
 * the completion of three shells and the dispatch are all made from the rows in commands.c, so a
 * new subcommand is a file with a function and a row.
 */

#include "base/macro.h"

/* What every subcommand exits with. */
#define EXIT_GOOD   0
#define EXIT_BAD    1 /* it ran, and what it looked at or tried is not good */
#define EXIT_CANNOT 2 /* it could not run: wrong usage, no permission, nothing of that name */

typedef enum OptionId {
        OPTION_ALL,
        OPTION_DESCRIPTION,
        OPTION_DIFF,
        OPTION_DISRUPTIVE,
        OPTION_DRY_RUN,
        OPTION_ENVIRONMENT,
        OPTION_EXEC,
        OPTION_FORMAT,
        OPTION_FROM,
        OPTION_JSON,
        OPTION_KEEP_GOING,
        OPTION_NO_ROLLBACK,
        OPTION_PATH,
        OPTION_PORT,
        OPTION_ROOT,
        OPTION_TIMEOUT,
        OPTION_TO,
        OPTION_USER,
        OPTION_WATCH,
        OPTION_YES,
        _OPTION_MAX,
} OptionId;

/* What the completion of a shell offers for a word. */
typedef enum OfferedFiles {
        FILES_NONE,
        FILES_CONF, /* and directories */
        FILES_ALL,
        FILES_DIRECTORIES,
        _FILES_MAX,
} OfferedFiles;

typedef struct Offer {
        const char *list; /* of --list=, or NULL */
        OfferedFiles files;
} Offer;

#define TAKES(OPTION) (UINT32_C(1) << OPTION_##OPTION)

/* One meaning in every subcommand that takes it. */
typedef struct OptionRow {
        const char *name;
        char letter;          /* 0: none */
        const char *argument; /* NULL: it takes none */
        const char *help;
        Offer offer; /* for its argument */
} OptionRow;

extern const OptionRow option_rows[_OPTION_MAX];

/* What the words behind a subcommand are, for the completion. */
typedef enum WordKind {
        WORDS_NONE,
        WORDS_NEW,   /* what nobody can list */
        WORDS_AGENT, /* and then what nobody can list */
        WORDS_AGENTS,
        WORDS_AGENTS_AND_FILES,
        WORDS_AGENT_AND_SOURCE,
        WORDS_AGENT_AND_DIRECTORY,
        WORDS_ENVIRONMENT_AND_AGENTS,
        WORDS_ALERTS,
} WordKind;

typedef struct Arguments Arguments;

typedef struct Command {
        const char *name; /* one word or two: "alert list" */
        const char *summary;
        const char *words_usage;        /* "[NAME]" */
        const char *detail;             /* paragraphs of the help, of at most 80 columns */
        int (*run)(const Arguments *a); /* returns the exit status; prints */
        WordKind words;
        const char *verbs; /* the second word is one of these */
        unsigned min_words, max_words;
        uint32_t options; /* TAKES() of each */
        bool needs_root;
        bool dry_run_is_free;     /* with --dry-run anybody may: it reads what all can read */
        const char *not_for_user; /* where it does not take --user: why */
} Command;

extern const Command commands[];
extern const size_t n_commands;

struct Arguments {
        const Command *command;
        const char *values[_OPTION_MAX]; /* NULL: not given; "" of one that takes no argument */
        char **words;                    /* NULL-terminated */
        size_t n_words;
        const char *root; /* --root= or $FTE_ROOT, else "" */
};

#define GIVEN(a, OPTION) ((a)->values[OPTION_##OPTION] != NULL)
#define VALUE(a, OPTION) ((a)->values[OPTION_##OPTION])

#define MANY_WORDS UINT32_MAX

int command_apply(const Arguments *a);
int command_deploy(const Arguments *a);
int command_releases(const Arguments *a);
int command_rollback(const Arguments *a);
int command_env(const Arguments *a);
int command_init(const Arguments *a);
int command_architecture(const Arguments *a);
int command_handoff(const Arguments *a);
int command_diff(const Arguments *a);
int command_diagnose(const Arguments *a);
int command_lint(const Arguments *a);
int command_runbook(const Arguments *a);
int command_spec(const Arguments *a);
int command_troubleshooting(const Arguments *a);
int command_status(const Arguments *a);
int command_validate(const Arguments *a);
int command_host_plan(const Arguments *a);
int command_host_try(const Arguments *a);
int command_host_confirm(const Arguments *a);
int command_host_revert(const Arguments *a);
int command_host_status(const Arguments *a);
int command_alert_list(const Arguments *a);
int command_alert_test(const Arguments *a);
int command_alert_retry(const Arguments *a);
int command_alert_drop(const Arguments *a);
int command_backup(const Arguments *a);
int command_backup_list(const Arguments *a);
int command_backup_verify(const Arguments *a);
int command_restore(const Arguments *a);
