/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whether anybody could still log in once passwords are refused (host.h): an account with a login
 * shell, which sshd lets in with a key alone, and a key that it would take, by the rules of its
 * StrictModes. Each account's own rules are sshd's to tell ("sshd -T -C user=…"), Match blocks and
 * all; who may come at all it does not tell, so AllowUsers and the like are judged here.
 */

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "host/sshd-text.h"

#include "host.h"

#define GROUPS_MAX 64
#define USERS_MAX  200 /* whom sshd is asked about: 20 ms each */

static bool is_login(const struct passwd *pw) {
        const char *slash = strrchr(pw->pw_shell, '/'), *shell = slash ? slash + 1 : pw->pw_shell;

        return *shell && !streq(shell, "nologin") && !streq(shell, "false") &&
               !streq(shell, "sync") && !streq(shell, "halt") && !streq(shell, "shutdown");
}

/* A line of authorized_keys(5) has a key type in it; options may stand before it. One with a
 * command is for that command, as the "Please login as …" of cloud images is, and not for a person.
 */
static bool has_key(const char *text) {
        static const char *const types[] = { "ssh-ed25519 AAAA", "ssh-rsa AAAA", "ecdsa-sha2-",
                                             "sk-ssh-ed25519@openssh.com AAAA", "sk-ecdsa-sha2-" };

        for (const char *line = text; line && *line; line = strchr(line, '\n')) {
                size_t n;

                line += strspn(line, "\n \t");
                n = strcspn(line, "\n");
                if (*line == '#')
                        continue;
                for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
                        const char *found = strstr(line, types[i]);

                        const char *command = strstr(line, "command=");

                        if (found && found < line + n && !(command && command < found))
                                return true;
                }
        }
        return false;
}

/* StrictModes: the file and the directories above it are the user's or root's, and nobody else may
 * write. */
static bool is_strict(const char *root, const char *path, const struct passwd *pw) {
        char full[4096];
        size_t keep = strlen(root);
        struct stat st;

        if (host_full_path(full, sizeof(full), root, path) < 0)
                return false;
        for (char *slash = full + strlen(full); slash && slash > full + keep;) {
                *slash = 0;
                if (stat(full, &st) < 0 || (st.st_uid != 0 && st.st_uid != pw->pw_uid) ||
                    (st.st_mode & 022))
                        return false;
                if (strlen(full) == keep + strlen(pw->pw_dir) && streq(full + keep, pw->pw_dir))
                        break; /* sshd does not look further than the home */
                slash = strrchr(full, '/');
        }
        return true;
}

/* "%h/.ssh/authorized_keys", ".ssh/keys", "/etc/ssh/keys/%u": sshd_config(5). */
static const char *expand(HostPlan *p, const char *word, size_t n, const struct passwd *pw) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (*word != '/' && !(n > 1 && word[0] == '%' && word[1] == 'h'))
                strbuf_addf(&b, "%s/", pw->pw_dir);
        for (size_t i = 0; i < n; i++) {
                char next = i + 1 < n ? word[i + 1] : 0;

                if (word[i] != '%' || !strchr("hu%U", next) || !next) {
                        strbuf_addc(&b, word[i]);
                        continue;
                }
                i++;
                if (next == 'h' || next == 'u')
                        strbuf_add(&b, next == 'h' ? pw->pw_dir : pw->pw_name);
                else if (next == '%')
                        strbuf_addc(&b, '%');
                else
                        strbuf_add_uint(&b, pw->pw_uid);
        }
        return arena_strndup(&p->arena, strbuf_text(&b), b.len);
}

/* ---- who may come at all ---- */

/* sshd's own patterns: "*" and "?", and nothing else. */
static bool matches(const char *pattern, size_t n, const char *name) {
        if (n == 0)
                return !*name;
        if (*pattern == '*')
                return matches(pattern + 1, n - 1, name) ||
                       (*name && matches(pattern, n, name + 1));
        return *name && (*pattern == '?' || *pattern == *name) &&
               matches(pattern + 1, n - 1, name + 1);
}

/* A pattern a line in what sshd -T prints. One with a host behind "@" is taken for its user. */
static bool list_names(const char *effective, const char *key, const char *name, bool *ret_exists) {
        const char *value = NULL;
        size_t n;

        *ret_exists = false;
        while ((value = sshd_value(effective, key, value, &n))) {
                size_t m = 0;

                while (m < n && value[m] != '@')
                        m++;
                *ret_exists = true;
                if (matches(value, m, name))
                        return true;
        }
        return false;
}

typedef struct Groups {
        const char *names[GROUPS_MAX];
        size_t n;
} Groups;

static void find_groups(HostPlan *p, const struct passwd *pw, Groups *ret) {
        char path[4096];
        struct group *g;
        FILE *f;

        snprintf(path, sizeof(path), "%s/etc/group", p->root);
        f = fopen(path, "re");
        while (f && ret->n < GROUPS_MAX && (g = fgetgrent(f))) {
                bool in = g->gr_gid == pw->pw_gid;

                for (char **m = g->gr_mem; m && *m && !in; m++)
                        in = streq(*m, pw->pw_name);
                if (in)
                        ret->names[ret->n++] = arena_strdup(&p->arena, g->gr_name);
        }
        if (f)
                fclose(f);
}

static bool list_names_group(const char *effective, const char *key, const Groups *groups,
                             bool *ret_exists) {
        bool unused;

        (void) list_names(effective, key, "", ret_exists);
        for (size_t i = 0; i < groups->n; i++)
                if (groups->names[i] && list_names(effective, key, groups->names[i], &unused))
                        return true;
        return false;
}

static bool is_admitted(HostPlan *p, const char *effective, const struct passwd *pw) {
        Groups groups = { .n = 0 };
        bool exists;

        if (list_names(effective, "denyusers", pw->pw_name, &exists))
                return false;
        if (!list_names(effective, "allowusers", pw->pw_name, &exists) && exists)
                return false;
        find_groups(p, pw, &groups);
        if (list_names_group(effective, "denygroups", &groups, &exists))
                return false;
        return list_names_group(effective, "allowgroups", &groups, &exists) || !exists;
}

/* ---- what a key is good for ---- */

static bool has_value(const char *effective, const char *key, const char *word) {
        size_t n;
        const char *value = sshd_value(effective, key, NULL, &n);

        return value && n == strlen(word) && strncmp(value, word, n) == 0;
}

/* "any", or one of the lists asks for nothing but keys: all else is refused by [SSH]. */
static bool key_is_enough(const char *effective) {
        size_t n;
        const char *value = sshd_value(effective, "authenticationmethods", NULL, &n);
        const char *end = value ? value + n : NULL;

        if (!value)
                return true;
        while (value < end) {
                size_t m = strcspn(value, " \n");
                bool only = true;

                for (const char *w = value; w < value + m; w += strcspn(w, ", \n") + 1)
                        only = only && startswith(w, "publickey");
                if (only || (m == 3 && strncmp(value, "any", 3) == 0))
                        return true;
                value += m + 1;
        }
        return false;
}

static bool may_log_in(HostPlan *p, const char *effective, const struct passwd *pw) {
        if (pw->pw_uid == 0 && !has_value(effective, "permitrootlogin", "yes") &&
            !has_value(effective, "permitrootlogin", "prohibit-password") &&
            !has_value(effective, "permitrootlogin", "without-password"))
                return false;
        if (sshd_value(effective, "forcecommand", NULL, &(size_t){ 0 }) &&
            !has_value(effective, "forcecommand", "none"))
                return false;
        return !has_value(effective, "pubkeyauthentication", "no") && key_is_enough(effective) &&
               is_admitted(p, effective, pw);
}

static bool user_has_key(HostPlan *p, const char *files, size_t len, const struct passwd *pw) {
        for (size_t i = 0; i < len;) {
                size_t n = strcspn(files + i, " \n");
                const char *path, *text;

                n = n < len - i ? n : len - i;
                path = expand(p, files + i, n, pw);
                text = path ? host_read(p->root, path, &p->arena) : NULL;
                if (text && has_key(text) && is_strict(p->root, path, pw))
                        return true;
                i += n + 1;
        }
        return false;
}

/*
 * Where sshd cannot be asked at all, root's own rule is what fte.conf says. False: it has no answer
 * for this one alone, as when his methods cannot be satisfied.
 */
static bool read_rules(HostPlan *p, const struct passwd *pw, StrBuf *ret) {
        if (p->sshd && host_sshd_effective(p, pw->pw_name, ret) == 0)
                return true;
        strbuf_reset(ret);
        if (p->sshd && host_sshd_effective(p, NULL, ret) == 0)
                return false;
        strbuf_reset(ret);
        strbuf_addf(ret, "permitrootlogin %s\n",
                    p->config.host.ssh_permit_root_login == 1 ? "prohibit-password" : "no");
        return true;
}

static bool can_log_in(HostPlan *p, const struct passwd *pw) {
        static const char usual[] = ".ssh/authorized_keys .ssh/authorized_keys2";
        _cleanup_strbuf_ StrBuf effective = { 0 };
        const char *files;
        size_t n = strlen(usual);

        if (!read_rules(p, pw, &effective))
                return false;
        if (has_value(strbuf_text(&effective), "passwordauthentication", "yes"))
                host_warn(p, arena_printf(&p->arena,
                                          "%s: [SSH]: %s could still log in with a password: a "
                                          "Match block says so",
                                          p->ssh_place, pw->pw_name));
        files = sshd_value(strbuf_text(&effective), "authorizedkeysfile", NULL, &n);
        return may_log_in(p, strbuf_text(&effective), pw) &&
               user_has_key(p, files ? files : usual, n, pw);
}

static bool anybody_can_log_in(HostPlan *p) {
        char path[4096];
        struct passwd *pw;
        bool found = false;
        FILE *f;

        snprintf(path, sizeof(path), "%s/etc/passwd", p->root);
        f = fopen(path, "re");
        for (unsigned i = 0; f && i < USERS_MAX && (pw = fgetpwent(f));) {
                if (!is_login(pw))
                        continue;
                found = can_log_in(p, pw) || found;
                i++;
        }
        if (f)
                fclose(f);
        return found;
}

void host_check_keys(HostPlan *p) {
        if (!p->has_ssh || p->config.host.ssh_password_authentication || anybody_can_log_in(p))
                return;
        host_refuse(
                p,
                arena_printf(
                        &p->arena,
                        "%s: [SSH]: nobody could log in any more: no user with a login shell%s "
                        "whom sshd would let in has an authorized key that it takes; put one into "
                        "~/.ssh/authorized_keys (only its owner may write it, and the "
                        "directories above it), and log in with it once; \"sshd -T -C user=NAME\" "
                        "shows what holds for a user",
                        p->ssh_place,
                        p->config.host.ssh_permit_root_login == 1 ? "" : " but root, who may not"));
}
