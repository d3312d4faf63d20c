/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Markdown about one agent, made from its own configuration: what ftectl spec, runbook,
 * architecture, troubleshooting and handoff share. The same configuration gives the same bytes;
 * what systemd says at the moment stands in parts of their own and is asked for by doc_add_state()
 * alone.
 *
 * Every command stands in a "sh" block, a line each, or in a column that is called "Check". A
 * comment
 * "# exit status 3: why" behind it names what it may end with instead of 0, "# ends at Ctrl-C" says
 * that it goes on. tests/vm runs all of them.
 */

#include "config/validate.h"

#include "ftectl/arguments.h"

typedef struct Document {
        const Arguments *args;
        Arena arena;
        Config config;
        Facts facts;
        Agent agent;
        StrBuf out;
} Document;

/* Reads the agent that is named. Says what is wrong; -ENOENT, -EBADMSG: its configuration has
 * errors. */
int document_open(Document *d, const Arguments *args, const char *name);
void document_done(Document *d);

/*
 * Appends text in which {name}, {user}, {group}, {conf}, {env}, {log}, {log-dir}, {data}, {url},
 * {port}, {contact} … are replaced, ready for a shell (document/fill.c has them all).
 */
void doc_add(Document *d, const char *template);
/* The same, returned. Arena. */
const char *doc_fill(Document *d, const char *template);

/* A word for a shell: quoted when it must be. Arena. */
const char *doc_shell(Document *d, const char *word);

/* A block of commands, a template of a line each. */
void doc_commands(Document *d, const char *lines);

/* The text as one of the arena's; frees the buffer. */
const char *doc_take(Document *d, StrBuf *b);

/* A text of others' as Markdown shows it literally; as code. Arena. */
const char *doc_literal(Document *d, const char *text);
const char *doc_code(Document *d, const char *text);
/* "a, b" of words as code; instead when there are none. */
const char *doc_words(Document *d, char *const *words, const char *instead);
const char *doc_usec(Document *d, uint64_t usec);
const char *doc_bytes(Document *d, uint64_t bytes);
#define doc_printf(d, ...) arena_printf(&(d)->arena, __VA_ARGS__)

/* A row of a table; its cells end with NULL and are Markdown. */
void doc_row(Document *d, ...) __attribute__((sentinel));
/* The head of one, of titles. */
void doc_table(Document *d, ...) __attribute__((sentinel));

/* The channels of alerts, with the paths of their secrets and never these. */
const char *doc_channels(Document *d);
/* The program and its arguments, without what may be a secret. */
const char *doc_command(Document *d);
/* The value of a key, as code, without what may be a secret. */
const char *doc_value(Document *d, const char *key, const char *value);
/* What [Firewall] leaves open. */
const char *doc_open_ports(Document *d);
/* Where backups go; the address of a repository may hold a password. */
const char *doc_backup_target(Document *d);
bool doc_has_channel(const Document *d);
bool doc_has_env(const Document *d);
bool doc_has_log(const Document *d);
bool doc_is_probed(const Document *d);
bool doc_is_probed_at_port(const Document *d);
bool doc_is_probed_at_socket(const Document *d);
bool doc_has_domain(const Document *d);

/* What systemd says now; "not running" and why when nobody can tell. */
void doc_add_state(Document *d);

/* The documents. */
void document_spec(Document *d);
void document_runbook(Document *d);
void document_architecture(Document *d);
void document_troubleshooting(Document *d);
