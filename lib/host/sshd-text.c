/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * sshd-text.h: a row for each key. Which ciphers are good is OpenSSH's own business, and it keeps
 * its defaults up to date.
 */

#include <strings.h>

#include "host/sshd-text.h"

typedef struct Row {
        const char *key, *value; /* value NULL: of_host */
        const char *(*of_host)(const Host *h);
        const char *also; /* another word by which sshd -T says the same */
} Row;

static const char *password(const Host *h) {
        return h->ssh_password_authentication ? "yes" : "no";
}

/* Through it PAM asks for passwords too. What the host says otherwise stays, when they are allowed.
 */
static const char *keyboard(const Host *h) {
        return h->ssh_password_authentication ? NULL : "no";
}

static const char *root_login(const Host *h) {
        return h->ssh_permit_root_login == 1 ? "prohibit-password" : "no";
}

static const Row rows[] = {
        { "PasswordAuthentication", NULL, password, NULL },
        { "KbdInteractiveAuthentication", NULL, keyboard, NULL },
        { "PermitRootLogin", NULL, root_login, "without-password" },
        { "PubkeyAuthentication", "yes", NULL, NULL },
        { "PermitEmptyPasswords", "no", NULL, NULL },
        { "HostbasedAuthentication", "no", NULL, NULL },
        { "X11Forwarding", "no", NULL, NULL },
        { "LoginGraceTime", "30", NULL, NULL },
};

static const char *value_of(const Row *row, const Host *h) {
        return row->of_host ? row->of_host(h) : row->value;
}

void sshd_render(const Host *h, const char *place, StrBuf *b) {
        strbuf_addf(b,
                    "# Written by \"ftectl host\" from [SSH] of %s. Do not edit.\n"
                    "# sshd keeps the first value that it reads of each key.\n",
                    place);
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (value_of(&rows[i], h))
                        strbuf_addf(b, "%s %s\n", rows[i].key, value_of(&rows[i], h));
}

const char *sshd_value(const char *effective, const char *key, const char *after, size_t *ret_len) {
        size_t n = strlen(key);
        const char *p = effective;

        if (after)
                p = after + strcspn(after, "\n");
        while (p && *p) {
                p += *p == '\n';
                if (strncasecmp(p, key, n) == 0 && p[n] == ' ') {
                        *ret_len = strcspn(p + n + 1, "\n");
                        return p + n + 1;
                }
                p = strchr(p, '\n');
        }
        return NULL;
}

bool sshd_differs(const Host *h, const char *effective, StrBuf *difference) {
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const char *want = value_of(&rows[i], h);
                size_t n = 0;
                const char *have = sshd_value(effective, rows[i].key, NULL, &n);
                bool same = !want || (have && strlen(want) == n && strncmp(have, want, n) == 0);

                if (!same && have && rows[i].also && streq(want, "prohibit-password"))
                        same = strlen(rows[i].also) == n && strncmp(have, rows[i].also, n) == 0;
                if (same)
                        continue;
                strbuf_addf(difference, "%s is %.*s and not %s", rows[i].key, have ? (int) n : 7,
                            have ? have : "unknown", want);
                return true;
        }
        return false;
}
