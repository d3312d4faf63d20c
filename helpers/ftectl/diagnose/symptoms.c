/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The table of symptoms.h, and how the thing that is meant is found in such a line. Lines are
 * others' words: nothing here believes them, the rules look for themselves.
 */

#include <stdio.h>
#include <strings.h>

#include "base/parse.h"

#include "symptoms.h"

typedef struct Row {
        const char *text; /* any letter case */
        SymptomKind kind;
        enum { NOTHING, PATH, WORD_AFTER, PORT } what;
} Row;

/* The first that fits a line is what it says. */
static const Row rows[] = {
        { "fte-env-precheck: ", SYMPTOM_ENV, NOTHING },
        { ": Failed at step ", SYMPTOM_STEP,
          NOTHING }, /* what follows is of systemd's own program */
        { "Start request repeated too quickly", SYMPTOM_START_LIMIT, NOTHING },
        { "killed by the OOM killer", SYMPTOM_OOM_KILL, NOTHING },
        { "result 'oom-kill'", SYMPTOM_OOM_KILL, NOTHING },
        { "status=31/SYS", SYMPTOM_SIGSYS, NOTHING },
        { "No usable sandbox!", SYMPTOM_BROWSER, NOTHING },
        { "Chromium sandboxing failed!", SYMPTOM_BROWSER, NOTHING }, /* Playwright */
        { "Watchdog timeout (limit ", SYMPTOM_WATCHDOG, NOTHING },
        { "Watchdog request (last status: ", SYMPTOM_WATCHDOG, NOTHING }, /* WATCHDOG=trigger */
        { "result 'watchdog'", SYMPTOM_WATCHDOG, NOTHING },
        { "Failed to set up mount namespacing: ", SYMPTOM_NAMESPACE, PATH },
        { "failed to map segment from shared object", SYMPTOM_NOT_MAPPED, PATH },
        { "Address already in use", SYMPTOM_PORT_TAKEN, PORT },
        { "EADDRINUSE", SYMPTOM_PORT_TAKEN, PORT },
        { "Read-only file system", SYMPTOM_READ_ONLY, PATH },
        { "EROFS", SYMPTOM_READ_ONLY, PATH },
        { "No space left on device", SYMPTOM_NO_SPACE, PATH },
        { "ENOSPC", SYMPTOM_NO_SPACE, PATH },
        { "database or disk is full", SYMPTOM_NO_SPACE, PATH },
        { "Disk quota exceeded", SYMPTOM_NO_SPACE, PATH },
        { "Permission denied", SYMPTOM_PERMISSION, PATH },
        { "EACCES", SYMPTOM_PERMISSION, PATH },
        { "attempt to write a readonly database", SYMPTOM_PERMISSION, PATH },
        { "unable to open database file", SYMPTOM_PERMISSION, PATH },
        { "Operation not permitted", SYMPTOM_FORBIDDEN, PATH },
        { "EPERM", SYMPTOM_FORBIDDEN, PATH },
        { "certificate is not yet valid", SYMPTOM_NOT_YET, NOTHING },
        { "CERT_NOT_YET_VALID", SYMPTOM_NOT_YET, NOTHING },
        { "certificate has expired or is not yet valid", SYMPTOM_NOT_YET,
          NOTHING }, /* Go says both */
        { "certificate has expired", SYMPTOM_EXPIRED, NOTHING },
        { "CERT_HAS_EXPIRED", SYMPTOM_EXPIRED, NOTHING },
        { "getaddrinfo ENOTFOUND ", SYMPTOM_NAME, WORD_AFTER },
        { "getaddrinfo EAI_AGAIN ", SYMPTOM_NAME, WORD_AFTER },
        { "Could not resolve host: ", SYMPTOM_NAME, WORD_AFTER },
        { "Failed to resolve '", SYMPTOM_NAME, WORD_AFTER },
        { "could not translate host name \"", SYMPTOM_NAME, WORD_AFTER },
        { "Temporary failure in name resolution", SYMPTOM_NAME, NOTHING },
        { "Name or service not known", SYMPTOM_NAME, NOTHING },
        { "No address associated with hostname", SYMPTOM_NAME, NOTHING },
        { "no such host", SYMPTOM_NAME, NOTHING },
        { "No module named '", SYMPTOM_MODULE, WORD_AFTER },
        { "No module named ", SYMPTOM_MODULE, WORD_AFTER },
        { "Cannot find module '", SYMPTOM_MODULE, WORD_AFTER },
        { "Cannot find package '", SYMPTOM_MODULE, WORD_AFTER },
        { "Too many open files", SYMPTOM_FILES, NOTHING },
        { "EMFILE", SYMPTOM_FILES, NOTHING },
        { "can't start new thread", SYMPTOM_TASKS, NOTHING },
        { "fork: retry: Resource temporarily unavailable", SYMPTOM_TASKS, NOTHING },
        { "Cannot fork", SYMPTOM_TASKS, NOTHING },
        { "BlockingIOError: [Errno 11] Resource temporarily unavailable", SYMPTOM_TASKS, NOTHING },
        { "pthread_create failed", SYMPTOM_TASKS, NOTHING },
        { "MemoryError", SYMPTOM_MEMORY, NOTHING },
        { "std::bad_alloc", SYMPTOM_MEMORY, NOTHING },
        { "Cannot allocate memory", SYMPTOM_MEMORY, NOTHING },
        { "JavaScript heap out of memory", SYMPTOM_MEMORY, NOTHING },
        { "No such file or directory", SYMPTOM_NO_DIRECTORY, PATH },
        { "ENOENT", SYMPTOM_NO_DIRECTORY, PATH },
        { "Uvicorn running on ", SYMPTOM_LISTENS, PORT },
        { "listening on ", SYMPTOM_LISTENS, PORT },
        { "Listening at: ", SYMPTOM_LISTENS, PORT },
        { "Running on http", SYMPTOM_LISTENS, PORT },
        { "Serving HTTP on ", SYMPTOM_LISTENS, PORT },
        { "serves port ", SYMPTOM_LISTENS, PORT },
};

/* ---- what is meant ---- */

/* The end of the path that begins at s: at the quote it stands in, else where a sentence goes on.
 */
static size_t path_length(const char *s, char before) {
        size_t n;

        if (before == '\'' || before == '"' || before == '`') {
                const char quote[] = { before, 0 };

                return strcspn(s, quote);
        }
        n = strcspn(s, " \t'\"`,;)]}>");
        while (n > 1 && (s[n - 1] == ':' || s[n - 1] == '.'))
                n--;
        return n;
}

/* The next absolute path at or behind s, in line; NULL when there is none. */
static const char *next_path(const char *line, const char *s, size_t *ret_len) {
        for (; *s; s++) {
                char before = s > line ? s[-1] : ' ';

                if (*s != '/' || !strchr(" \t'\"`(=:[<", before) || s[1] == '/')
                        continue;
                *ret_len = path_length(s, before);
                if (*ret_len > 1)
                        return s;
        }
        return NULL;
}

/* "Permission denied: '/x'" names it behind the words, "open /x: permission denied" before them. */
static const char *find_path(Arena *arena, const char *line, const char *words) {
        const char *found = NULL, *p;
        size_t len = 0, n;

        p = next_path(line, words, &n);
        if (p)
                return arena_strndup(arena, p, n);
        for (p = next_path(line, line, &n); p && p < words; p = next_path(line, p + n, &n)) {
                found = p;
                len = n;
        }
        return found ? arena_strndup(arena, found, len) : "";
}

static const char *word_after(Arena *arena, const char *s) {
        size_t n = strcspn(s, " \t'\",;:()");

        return arena_strndup(arena, s, MIN(n, (size_t) 255));
}

/* The number behind the last ":" or "port" that could be a port; also "('127.0.0.1', 8000)". */
static uint64_t find_port(const char *line) {
        uint64_t found = 0;

        for (const char *p = line; *p; p++) {
                size_t n = strspn(p, "0123456789");
                char digits[8];
                uint64_t port;
                bool good;

                if (n == 0)
                        continue;
                good = p > line && n >= 2 && n <= 5 &&
                       (p[-1] == ':' || (p[-1] == ' ' && p > line + 1 && p[-2] == ',') ||
                        (p >= line + 5 && strncasecmp(p - 5, "port ", 5) == 0)) &&
                       p[n] != '.' && (p[n] != ':' || p[n + 1] == ' ');
                memcpy(digits, p, MIN(n, sizeof(digits) - 1));
                digits[MIN(n, sizeof(digits) - 1)] = 0;
                if (good && parse_uint(digits, 65535, &port) == 0)
                        found = port;
                p += n - 1;
        }
        return found;
}

/* Hosts are named in many ways; a word with a dot that is made of what host names are made of. */
static const char *find_host(Arena *arena, const char *line) {
        const char *p = strstr(line, "host='"), *lookup = strstr(line, "lookup ");

        if (p)
                return word_after(arena, p + strlen("host='"));
        return lookup ? word_after(arena, lookup + strlen("lookup ")) : "";
}

/* ---- lines ---- */

static bool fill(Symptom *s, const Row *row, const char *words, Arena *arena) {
        s->path = s->name = "";
        s->port = 0;
        s->kind = row->kind;
        if (row->what == PATH)
                s->path = find_path(arena, s->line, words);
        else if (row->what == PORT)
                s->port = find_port(s->line);
        else if (row->what == WORD_AFTER)
                s->name = word_after(arena, words + strlen(row->text));
        if (row->kind == SYMPTOM_NAME && row->what == NOTHING)
                s->name = find_host(arena, s->line);
        if (row->kind == SYMPTOM_LISTENS && s->port == 0)
                return false;
        return s->path && s->name;
}

/* systemd's "Stopping NAME.service - Description..."; agents may use the word, too. */
static bool is_stopping(const char *line) {
        return startswith(line, "Stopping ") && endswith(line, "...");
}

static bool find_in_line(Symptom *s, Arena *arena) {
        if (is_stopping(s->line)) {
                s->kind = SYMPTOM_STOPPING;
                s->path = s->name = "";
                s->port = 0;
                return true;
        }
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const char *words = strcasestr(s->line, rows[i].text);

                if (words && fill(s, &rows[i], words, arena))
                        return true;
        }
        return false;
}

int symptoms_find(char *const *lines, Arena *arena, Symptoms *ret) {
        size_t n = strv_length(lines);
        Symptoms s = { .items = arena_new_n(arena, Symptom, n + 1) };

        if (!s.items)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                s.items[s.n] = (Symptom){ .line = lines[i], .index = i };
                s.n += find_in_line(&s.items[s.n], arena);
        }
        if (arena_failed(arena))
                return -ENOMEM;
        *ret = s;
        return 0;
}

const Symptom *symptoms_last(const Symptoms *s, SymptomKind kind) {
        for (size_t i = s->n; i-- > 0;)
                if (s->items[i].kind == kind)
                        return &s->items[i];
        return NULL;
}
