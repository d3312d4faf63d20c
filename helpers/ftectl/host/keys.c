/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whether anybody could still log in once passwords are refused (host.h): an account with a login
 * shell and a key that sshd would take, by the rules of its StrictModes.
 */

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "host/sshd-text.h"

#include "host.h"

#define FILE_BYTES_MAX ((size_t) 1 << 20)

static bool is_login(const struct passwd *pw) {
        const char *slash = strrchr(pw->pw_shell, '/'), *shell = slash ? slash + 1 : pw->pw_shell;

        return *shell && !streq(shell, "nologin") && !streq(shell, "false") &&
               !streq(shell, "sync") && !streq(shell, "halt") && !streq(shell, "shutdown");
}

/* A line of authorized_keys(5) has a key type in it; options may stand before it. */
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

                        if (found && found < line + n)
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

/*
 * AllowUsers and DenyUsers of sshd_config(5), a pattern a line in what sshd -T prints. A pattern
 * with a wildcard may mean anybody; one with a host behind "@" is taken for its user.
 */
static bool list_names(const char *effective, const char *key, const char *user, bool *ret_exists) {
        const char *value = NULL;
        size_t n;

        *ret_exists = false;
        while ((value = sshd_value(effective, key, value, &n))) {
                size_t m = 0;

                while (m < n && value[m] != '@')
                        m++;
                *ret_exists = true;
                if (memchr(value, '*', m) || memchr(value, '?', m) ||
                    (strlen(user) == m && memcmp(value, user, m) == 0))
                        return true;
        }
        return false;
}

static bool is_admitted(const char *effective, const char *user) {
        bool exists, named = list_names(effective, "allowusers", user, &exists);

        if (exists && !named)
                return false;
        return !list_names(effective, "denyusers", user, &exists);
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

static bool anybody_has_key(HostPlan *p, const char *effective, const char *files, size_t len) {
        char path[4096];
        struct passwd *pw;
        bool found = false;
        FILE *f;

        snprintf(path, sizeof(path), "%s/etc/passwd", p->root);
        f = fopen(path, "re");
        while (f && !found && (pw = fgetpwent(f)))
                found = is_login(pw) &&
                        (pw->pw_uid != 0 || p->config.host.ssh_permit_root_login == 1) &&
                        is_admitted(effective, pw->pw_name) && user_has_key(p, files, len, pw);
        if (f)
                fclose(f);
        return found;
}

void host_check_keys(HostPlan *p) {
        static const char usual[] = ".ssh/authorized_keys";
        _cleanup_strbuf_ StrBuf effective = { 0 };
        const char *files = usual;
        size_t n = strlen(usual);

        if (!p->has_ssh || p->config.host.ssh_password_authentication)
                return;
        if (p->sshd && host_sshd_effective(p, NULL, &effective) == 0) {
                const char *value =
                        sshd_value(strbuf_text(&effective), "authorizedkeysfile", NULL, &n);

                files = value ? value : usual;
                n = value ? n : strlen(usual);
        }
        if (anybody_has_key(p, strbuf_text(&effective), files, n))
                return;
        host_refuse(
                p,
                arena_printf(
                        &p->arena,
                        "%s: [SSH]: nobody could log in any more: no user with a login shell%s "
                        "has an authorized key that sshd takes; put one into "
                        "~/.ssh/authorized_keys (only its owner may write it, and the "
                        "directories above it), and log in with it once",
                        p->ssh_place,
                        p->config.host.ssh_permit_root_login == 1 ? "" : " but root, who may not"));
}
