/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SR-001 of ftectl validate: what the account could become, and how tight the sandbox of the loaded
 * unit is, as systemd-analyze(1) judges it.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/parse.h"
#include "base/run.h"
#include "config/validate.h"

#include "validate.h"

#define FILE_BYTES (256 * 1024)

/* ---- groups ---- */

static bool word_is_in(const char *list, size_t len, const char *word) {
        size_t n = strlen(word);

        for (const char *p = list; p < list + len; p++) {
                size_t k = 0;

                while (p + k < list + len && p[k] != ',')
                        k++;
                if (k == n && memcmp(p, word, n) == 0)
                        return true;
                p += k;
        }
        return false;
}

/* "NAME:x:GID:member,member" */
static void judge_group(Subject *s, Finding *f, const char *line, size_t len) {
        const char *user = agent_user(&s->agent), *colon = memchr(line, ':', len);
        const char *members = memrchr(line, ':', len), *group;
        uint64_t gid =
                colon ? strtoull(strchr(colon + 1, ':') ? strchr(colon + 1, ':') + 1 : "", NULL, 10)
                      : UINT64_MAX;

        if (!colon || !members)
                return;
        if (gid != s->account->gid &&
            !word_is_in(members + 1, (size_t) (line + len - members - 1), user))
                return;
        group = arena_strndup(&s->arena, line, (size_t) (colon - line));
        if (!group || !group_list_problem(group))
                return;
        finding_bad(s, f, "no group that is as good as root", "%s is in the group %s", user, group);
        finding_fix(s, f,
                    gid == s->account->gid ? "usermod -g nogroup {user}" : "gpasswd -d {user} {1}",
                    group);
}

static void judge_lines(Subject *s, Finding *f, const char *path,
                        void (*judge)(Subject *s, Finding *f, const char *line, size_t len)) {
        _cleanup_free_ char *text = malloc(FILE_BYTES);

        if (!text || fsat_read(s->run->root_fd, path, text, FILE_BYTES) < 0)
                return;
        for (const char *line = text; *line;) {
                size_t len = strcspn(line, "\n");

                judge(s, f, line, len);
                line += len + (line[len] == '\n');
        }
}

/* ---- sudo ---- */

static bool is_named(const Subject *s, const char *words, size_t len) {
        const char *user = agent_user(&s->agent);
        const char *group = arena_printf((Arena *) &s->arena, "%%%s", agent_group(&s->agent));
        const char *uid =
                arena_printf((Arena *) &s->arena, "#%llu", (unsigned long long) s->account->uid);

        return word_is_in(words, len, user) || word_is_in(words, len, "ALL") ||
               (group && word_is_in(words, len, group)) || (uid && word_is_in(words, len, uid));
}

/* The users at the beginning of a rule, or in an alias: who may become somebody else. */
static void judge_rule(Subject *s, Finding *f, const char *line, size_t len) {
        const char *rest;
        size_t n;

        while (len > 0 && (*line == ' ' || *line == '\t')) {
                line++;
                len--;
        }
        if (len == 0 || (*line == '#' && !(len > 1 && ascii_isdigit(line[1]))) || *line == '@' ||
            startswith(line, "Defaults"))
                return;
        rest = startswith(line, "User_Alias");
        if (rest) {
                rest = memchr(rest, '=', len);
                rest = rest ? rest + 1 + strspn(rest + 1, " \t") : line + len;
                n = rest < line + len ? strcspn(rest, "\n ") : 0;
        } else {
                rest = line;
                n = strcspn(rest, " \t\n");
        }
        if (!is_named(s, rest, MIN(n, len)))
                return;
        finding_bad(s, f, "no rule of sudo for it", "a rule in sudoers is for %s",
                    agent_user(&s->agent));
        finding_fix(s, f, "sudo -l -U {user}", NULL);
}

static void judge_sudoers(Subject *s, Finding *f) {
        int fd = openat(s->run->root_fd, "etc/sudoers.d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        judge_lines(s, f, "etc/sudoers", judge_rule);
        while (dir && (entry = readdir(dir))) { /* sudo passes over names with a dot or "~" */
                const char *path = arena_printf(&s->arena, "etc/sudoers.d/%s", entry->d_name);

                if (path && !strchr(entry->d_name, '.') && !endswith(entry->d_name, "~"))
                        judge_lines(s, f, path, judge_rule);
        }
        if (dir)
                closedir(dir);
}

void check_rights(Subject *s, Finding *f) {
        const char *user = agent_user(&s->agent);

        if (!s->account) {
                finding_skip(s, f, "there is no account %s", user);
                return;
        }
        if (s->account->uid == 0) {
                finding_bad(s, f, "a UID that is not root's", "%s has UID 0", user);
                finding_fix(s, f, "ftectl lint {name}", NULL);
        }
        if (!endswith(s->account->shell, "/nologin") && !endswith(s->account->shell, "/false")) {
                finding_bad(s, f, "the shell nologin", "%s has the shell %s", user,
                            *s->account->shell ? s->account->shell : "/bin/sh (none is set)");
                finding_fix(s, f, "usermod -s /usr/sbin/nologin {user}", NULL);
        }
        judge_lines(s, f, "etc/group", judge_group);
        judge_sudoers(s, f);
        if (f->verdict == VERDICT_NOT_RUN)
                finding_good(s, f, "%s: no login, no group as good as root, no rule of sudo", user);
}

/* ---- the sandbox ---- */

/* What each profile promises, in tenths. */
static const unsigned promised[_PROFILE_MAX] = {
        [PROFILE_AI] = 14,
        [PROFILE_STRICT] = 12,
        [PROFILE_TRUSTED] = 60,
        [PROFILE_BROWSER] = 21,
};

/* What systemd-analyze adds for the /dev of the host, and for devices and groups that are let. */
#define DEVICES_TENTHS 2

static bool has_devices(const Agent *a) {
        return a->devices || strv_contains(a->plugins, "gpu");
}

/* Takes from "strict" what "ai" does not have either. */
static bool has_node(const Agent *a) {
        return strv_contains(a->plugins, "node");
}

static unsigned promise_tenths(const Agent *a) {
        int profile = a->profile == PROFILE_STRICT && has_node(a) ? PROFILE_AI : a->profile;

        return promised[profile] + (has_devices(a) ? DEVICES_TENTHS : 0);
}

/* "Profile=ai with node and devices" */
static const char *promise_name(Subject *s) {
        const Agent *a = &s->agent;

        return arena_printf(&s->arena, "Profile=%s%s%s%s", profile_to_string(a->profile),
                            has_node(a) ? " with node" : "",
                            has_node(a) && has_devices(a) ? " and"
                            : has_devices(a)              ? " with"
                                                          : "",
                            has_devices(a) ? " devices" : "");
}

/* "→ Overall exposure level for NAME.service: 1.3 OK"; tenths, or -EBADMSG. */
static int parse_score(const char *text) {
        const char *p = strstr(text, "Overall exposure level for ");

        p = p ? strstr(p, ": ") : NULL;
        if (!p || !ascii_isdigit(p[2]))
                return -EBADMSG;
        p += 2;
        if (ascii_isdigit(p[1]) && p[2] == '.' && ascii_isdigit(p[3]))
                return (p[0] - '0') * 100 + (p[1] - '0') * 10 + p[3] - '0';
        return p[1] == '.' && ascii_isdigit(p[2]) ? (p[0] - '0') * 10 + p[2] - '0' : -EBADMSG;
}

void check_exposure(Subject *s, Finding *f) {
        const char *unit = arena_printf(&s->arena, "%s.service", s->name);
        const char *tool = subject_tool(s, "systemd-analyze");
        const char *const argv[] = { tool, "security", "--no-pager", unit, NULL };
        unsigned most = promise_tenths(&s->agent);
        _cleanup_strbuf_ StrBuf out = { 0 };
        int r, score;

        if (!tool || !streq(s->unit.load, "loaded")) {
                finding_skip(s, f,
                             tool ? "the unit is not loaded" : "there is no systemd-analyze here");
                return;
        }
        r = run_program(&(RunOptions){ .argv = argv, .timeout_usec = 20 * USEC_PER_SEC }, &out,
                        NULL);
        score = parse_score(strbuf_text(&out));
        if (score < 0)
                finding_skip(s, f, "systemd-analyze security says nothing (status %d)", r);
        else if ((unsigned) score > most)
                finding_bad(s, f,
                            arena_printf(&s->arena, "at most %u.%u, as %s promises", most / 10,
                                         most % 10, promise_name(s)),
                            "exposure %d.%d", score / 10, score % 10);
        else
                finding_good(s, f, "exposure %d.%d, at most %u.%u with %s", score / 10, score % 10,
                             most / 10, most % 10, promise_name(s));
}
