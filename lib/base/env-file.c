/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What env-file.h promises beside the grammar (env-grammar.c): the checks of bytes that need no
 * grammar, the table of names, duplicates, and how a problem is worded. Owns the memory of an
 * EnvFile. Must not read files and must not judge values: that is the caller's policy.
 */

#include "base/env-file.h"
#include "base/env-grammar.h"
#include "base/utf8.h"

/* Makes room for one more behind n items; a power of two of them is always allocated. */
static int items_grow(void **items, size_t n, size_t item_bytes) {
        void *p;

        if (n & (n - 1) || n == 1)
                return 0;
        p = reallocarray(*items, n ? 2 * n : 2, item_bytes);
        if (!p)
                return -ENOMEM;
        *items = p;
        return 0;
}

int env_file_add_problem(EnvFile *f, const EnvProblem *p) {
        int r = items_grow((void **) &f->problems, f->n_problems, sizeof(EnvProblem));

        if (r == 0)
                f->problems[f->n_problems++] = *p;
        return r;
}

int env_file_add_entry(EnvFile *f, const EnvEntry *e) {
        int r = items_grow((void **) &f->entries, f->n_entries, sizeof(EnvEntry));

        if (r == 0)
                f->entries[f->n_entries++] = *e;
        return r;
}

size_t env_name_span(const char *s, size_t len) {
        size_t n = 0;

        while (n < len && (s[n] == '_' || (s[n] >= 'a' && s[n] <= 'z') ||
                           (s[n] >= 'A' && s[n] <= 'Z') || (n > 0 && s[n] >= '0' && s[n] <= '9')))
                n++;
        return n;
}

bool env_name_is_valid(const char *name) {
        size_t len = strlen(name);

        return len > 0 && env_name_span(name, len) == len;
}

/* The order of by_name: by name, then by line. */
static int entry_compare(const void *a, const void *b) {
        const EnvEntry *x = *(EnvEntry *const *) a, *y = *(EnvEntry *const *) b;
        int r = memcmp(x->assignment, y->assignment, MIN(x->name_len, y->name_len));

        if (r != 0)
                return r;
        if (x->name_len != y->name_len)
                return x->name_len < y->name_len ? -1 : 1;
        return x->line < y->line ? -1 : x->line > y->line;
}

static bool entry_has_name(const EnvEntry *e, const char *name, size_t len) {
        return e->name_len == len && memcmp(e->assignment, name, len) == 0;
}

const EnvEntry *env_file_find(const EnvFile *f, const char *name, size_t name_len) {
        EnvEntry key = { .assignment = (char *) name, .name_len = name_len }, *key_ptr = &key;
        size_t low = 0, high = f->n_entries;

        while (low < high) { /* the first entry that is not before (name, line 0) */
                size_t middle = low + (high - low) / 2;

                if (entry_compare(&f->by_name[middle], &key_ptr) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == f->n_entries || !entry_has_name(f->by_name[low], name, name_len))
                return NULL;
        return f->by_name[low];
}

/* systemd lets the last one win in silence; whoever edits the first then wonders. */
static int check_duplicates(EnvFile *f) {
        const EnvEntry *first = NULL;

        f->by_name = malloc(sizeof(EnvEntry *) * (f->n_entries + 1));
        if (!f->by_name)
                return -ENOMEM;
        for (size_t i = 0; i < f->n_entries; i++)
                f->by_name[i] = &f->entries[i];
        qsort(f->by_name, f->n_entries, sizeof(EnvEntry *), entry_compare);
        for (size_t i = 0; i < f->n_entries; i++) {
                EnvEntry *e = f->by_name[i];
                EnvProblem p = { .line = e->line, .name = e->assignment, .name_len = e->name_len };
                int r;

                if (!first || !entry_has_name(e, first->assignment, first->name_len)) {
                        first = e;
                        continue;
                }
                p.text = "is set a second time, first on line";
                p.other_line = first->line;
                r = env_file_add_problem(f, &p);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What is wrong with the bytes of one line; tells nothing of what they say. */
static const char *line_problem(const char *line, size_t len) {
        for (size_t i = 0; i < len; i++) {
                unsigned char c = (unsigned char) line[i];

                if (c == '\r')
                        return "a carriage return inside the line; end lines with LF or CR LF";
                if ((c < ' ' && c != '\t') || c == 0x7f)
                        return "a control character; retype the line";
        }
        if (!utf8_is_valid(line, len))
                return "not valid UTF-8; save the file as UTF-8";
        return NULL;
}

static int check_bytes(EnvFile *f, const char *text, size_t len) {
        const char *end = text + len;
        unsigned line = 1;

        for (const char *p = text; p < end; line++) {
                const char *eol = memchr(p, '\n', (size_t) (end - p));
                const char *next = eol ? eol + 1 : end;
                size_t n = (size_t) ((eol ? eol : end) - p);
                EnvProblem problem = { .line = line };

                if (eol && n > 0 && p[n - 1] == '\r')
                        n--;
                problem.text = line_problem(p, n);
                if (problem.text) {
                        int r = env_file_add_problem(f, &problem);

                        if (r < 0)
                                return r;
                }
                p = next;
        }
        return 0;
}

/* A NUL means that this is no text at all, and one message says so. */
static int check_nul(EnvFile *f, const char *text, size_t len) {
        const char *nul = memchr(text, 0, len);
        EnvProblem p = { .line = 1 };

        if (!nul)
                return 0;
        for (const char *c = text; c < nul; c++)
                p.line += *c == '\n';
        p.text = len >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)
                         ? "this is UTF-16; save the file as UTF-8"
                         : "a NUL byte: this is no text file";
        return env_file_add_problem(f, &p) < 0 ? -ENOMEM : 1;
}

static int problem_compare(const void *a, const void *b) {
        const EnvProblem *x = a, *y = b;

        if (x->line != y->line)
                return x->line < y->line ? -1 : 1;
        return strcmp(x->text, y->text);
}

static int parse_into(EnvFile *f, const char *text, size_t len) {
        int r;

        /* No assignment is longer than its source; a last line without LF needs one byte more. */
        f->text_bytes = len + 1;
        f->text = malloc(f->text_bytes);
        if (!f->text)
                return -ENOMEM;
        r = len > 0 ? check_nul(f, text, len) : 0;
        if (r == 0) {
                size_t bom_bytes = len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

                text += bom_bytes;
                len -= bom_bytes;
                r = check_bytes(f, text, len);
                if (r == 0)
                        r = env_grammar_parse(text, len, f);
        }
        if (r >= 0)
                r = check_duplicates(f);
        if (r == 0 && f->n_problems > 0)
                qsort(f->problems, f->n_problems, sizeof(EnvProblem), problem_compare);
        return r;
}

int env_file_parse(const char *text, size_t len, EnvFile *ret) {
        EnvFile f = { 0 };
        int r;

        if (len > ENV_FILE_MAX_BYTES)
                return -EFBIG;
        r = parse_into(&f, text, len);
        if (r < 0)
                env_file_done(&f);
        else
                *ret = f;
        return r;
}

void env_problem_describe(const EnvProblem *p, const char *path, StrBuf *b) {
        strbuf_addf(b, "%s:%u: ", path, p->line);
        if (p->name)
                strbuf_addf(b, "%.*s: ", (int) p->name_len, p->name);
        strbuf_add(b, p->text);
        if (p->other_line > 0)
                strbuf_addf(b, " %u", p->other_line);
        strbuf_addc(b, '\n');
}

void env_file_done(EnvFile *f) {
        if (f->text)
                explicit_bzero(f->text, f->text_bytes);
        free(f->text);
        free(f->entries);
        free(f->problems);
        free(f->by_name);
        *f = (EnvFile){ 0 };
}

static const char *const reserved[] = {
        "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
        "LISTEN_FDS", "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDNAMES",
        "SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS",
        "CREDENTIALS_DIRECTORY", "ENCRYPTED_CREDENTIALS_DIRECTORY",
        "INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "MAINPID", "MANAGERPID",
};

bool env_name_is_reserved(const char *name, size_t name_len) {
        for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
                if (strlen(reserved[i]) == name_len && memcmp(name, reserved[i], name_len) == 0)
                        return true;
        return false;
}
