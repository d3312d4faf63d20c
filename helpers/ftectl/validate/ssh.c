/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SR-004 of ftectl validate: what sshd itself says it would do, after all includes (sshd -T), never
 * what some file says.
 */

#include <stdio.h>

#include "base/run.h"
#include "host/sshd-text.h"

#include "ssh.h"
#include "validate.h"

void ssh_parse(const char *text, SshSettings *ret) {
        const struct {
                const char *key;
                char *value;
        } rows[] = {
                { "passwordauthentication", ret->password },
                { "kbdinteractiveauthentication", ret->keyboard },
                { "challengeresponseauthentication", ret->keyboard }, /* before OpenSSH 8.7 */
                { "pubkeyauthentication", ret->pubkey },
                { "permitrootlogin", ret->root },
                { "permitemptypasswords", ret->empty },
        };

        memset(ret, 0, sizeof(*ret));
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                size_t n;
                const char *value = sshd_value(text, rows[i].key, NULL, &n);

                if (value && !*rows[i].value)
                        snprintf(rows[i].value, SSH_VALUE_BYTES, "%.*s", (int) n, value);
        }
}

/*
 * Where our file is there already, another one is read before it: shows which. Without [SSH] there
 * is nothing that "ftectl host" would do.
 */
static void propose(Subject *s, Finding *f, const char *key) {
        bool root = s->run->generator.config.host.ssh_permit_root_login != 0;
        struct stat st;

        if (subject_stat(s, SSHD_FILE, &st) == 0)
                finding_fix(s, f, "grep -rin {1} /etc/ssh/sshd_config.d /etc/ssh/sshd_config", key);
        else if (s->run->generator.config.host.defaults.section_places[SECTION_SSH].file)
                finding_fix(s, f, "ftectl host try", NULL);
        else
                finding_fix(s, f,
                            root ? "printf '%s\\n' 'PasswordAuthentication no' "
                                   "'KbdInteractiveAuthentication no' "
                                   "'PubkeyAuthentication yes' 'PermitEmptyPasswords no' "
                                   "'PermitRootLogin prohibit-password' >" SSHD_FILE
                                 : "printf '%s\\n' 'PasswordAuthentication no' "
                                   "'KbdInteractiveAuthentication no' "
                                   "'PubkeyAuthentication yes' 'PermitEmptyPasswords no' "
                                   "'PermitRootLogin no' "
                                   ">" SSHD_FILE,
                            NULL);
}

static void refuse(Subject *s, Finding *f, const char *key, const char *value, const char *wanted) {
        bool first = f->verdict != VERDICT_BAD;

        finding_bad(s, f, arena_printf(&s->arena, "%s %s", key, wanted), "sshd -T says %s %s", key,
                    *value ? value : "nothing");
        if (first)
                propose(s, f, key);
}

/* sshd of a session that is open goes on as it was; the reload is for those to come. */
static void add_reload(Subject *s, Finding *f) {
        if (f->verdict == VERDICT_BAD && f->fix && strstr(f->fix, ">" SSHD_FILE))
                finding_fix(s, f,
                            "sshd -t && { systemctl try-reload-or-restart ssh || "
                            "systemctl try-reload-or-restart sshd; }",
                            NULL);
}

static void judge(Subject *s, Finding *f, const SshSettings *t) {
        const Host *host = &s->run->generator.config.host;
        bool keys_only_root = host->ssh_permit_root_login != 0;

        if (!host->ssh_password_authentication && !streq(t->password, "no"))
                refuse(s, f, "passwordauthentication", t->password, "no");
        if (!host->ssh_password_authentication && !streq(t->keyboard, "no"))
                refuse(s, f, "kbdinteractiveauthentication", t->keyboard, "no");
        if (!streq(t->pubkey, "yes"))
                refuse(s, f, "pubkeyauthentication", t->pubkey, "yes");
        if (streq(t->empty, "yes"))
                refuse(s, f, "permitemptypasswords", t->empty, "no");
        if (!streq(t->root, "no") && !(keys_only_root && (streq(t->root, "prohibit-password") ||
                                                          streq(t->root, "without-password") ||
                                                          streq(t->root, "forced-commands-only"))))
                refuse(s, f, "permitrootlogin", t->root,
                       keys_only_root ? "prohibit-password" : "no");
}

void check_ssh(Subject *s, Finding *f) {
        const char *tool = subject_tool(s, "sshd");
        const char *const argv[] = { tool, "-T", NULL };
        _cleanup_strbuf_ StrBuf out = { 0 }, errors = { 0 };
        SshSettings t;
        int r;

        if (!tool) {
                finding_skip(s, f, "there is no sshd here");
                return;
        }
        r = run_program(&(RunOptions){ .argv = argv, .timeout_usec = 10 * USEC_PER_SEC }, &out,
                        &errors);
        if (r != 0 && strstr(strbuf_text(&errors), "rivilege separation directory")) {
                finding_skip(s, f, "sshd has never run since the boot: /run/sshd is missing");
                return;
        }
        if (r != 0) {
                finding_bad(s, f, "settings that sshd accepts", "sshd -T fails: %.*s",
                            (int) strcspn(strbuf_text(&errors), "\n"), strbuf_text(&errors));
                finding_fix(s, f, "sshd -t", NULL);
                return;
        }
        ssh_parse(strbuf_text(&out), &t);
        judge(s, f, &t);
        add_reload(s, f);
        if (f->verdict == VERDICT_NOT_RUN)
                finding_good(s, f, "passwords %s, root %s", t.password, t.root);
}
