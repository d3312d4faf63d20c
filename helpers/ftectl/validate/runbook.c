/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * OR-004 of ftectl validate: the runbook is made, as ftectl runbook makes it, and the program of
 * every command in it must exist on this host. Runs none of them: many change something.
 */

#include "ftectl/document/document.h"
#include "validate.h"

/* What a shell knows by itself. */
static bool is_shell_word(const char *word) {
        static const char *const words[] = { "cd",   "export", "for",   "do",   "done",
                                             "if",   "then",   "fi",    "else", "while",
                                             "test", "echo",   "umask", "exit", "set" };

        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (streq(words[i], word))
                        return true;
        return false;
}

static void judge_line(Subject *s, Finding *f, const char *line, size_t len) {
        char word[128];
        size_t n;

        while (len > 0 && (*line == ' ' || *line == '$')) {
                line++;
                len--;
        }
        if (len > 5 && strncmp(line, "sudo ", 5) == 0) {
                line += 5;
                len -= 5;
        }
        n = MIN(strcspn(line, " \t\n;|&"), len);
        if (n == 0 || *line == '#' || n >= sizeof(word) || memchr(line, '=', n))
                return;
        memcpy(word, line, n);
        word[n] = 0;
        if (*word == '/' ? faccessat(s->run->root_fd, word + 1, X_OK, 0) == 0
                         : is_shell_word(word) || subject_tool(s, word))
                return;
        finding_bad(s, f, "commands that exist", "the runbook says \"%s\", which is not installed",
                    word);
}

/* Lines of fenced blocks; only the first line of a command that is continued. */
static size_t judge_text(Subject *s, Finding *f, const char *text) {
        bool inside = false, continued = false;
        size_t n = 0;

        for (const char *line = text; *line;) {
                size_t len = strcspn(line, "\n");

                if (startswith(line, "```")) {
                        inside = !inside &&
                                 (startswith(line, "```sh") || startswith(line, "```bash") ||
                                  startswith(line, "```console"));
                        continued = false;
                } else if (inside && len > 0) {
                        if (!continued) {
                                judge_line(s, f, line, len);
                                n++;
                        }
                        continued = line[len - 1] == '\\';
                }
                line += len + (line[len] == '\n');
        }
        return n;
}

void check_runbook(Subject *s, Finding *f) {
        _cleanup_(document_done) Document d = { .config = { .root_fd = -EBADF } };
        size_t n;
        int r;

        if (s->n_problems > 0) {
                finding_skip(s, f, "the configuration has errors, and a runbook is made from it");
                return;
        }
        r = document_open(&d, s->run->args, s->name);
        if (r >= 0) {
                document_runbook(&d);
                r = strbuf_check(&d.out);
        }
        if (r < 0 || !strstr(strbuf_text(&d.out), s->name)) {
                finding_bad(s, f, "a runbook about it", "ftectl runbook %s: %s", s->name,
                            r < 0 ? strerror(-r) : "it does not name the agent");
                return;
        }
        n = judge_text(s, f, strbuf_text(&d.out));
        if (n == 0)
                finding_bad(s, f, "commands in it", "it has none");
        if (f->verdict == VERDICT_NOT_RUN)
                finding_good(s, f, "%zu lines of commands", n);
}
