/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SR-005 of ftectl validate: the ruleset that the kernel has, where fte.conf says which ports are
 * to be open. Changes nothing.
 */

#include <stdio.h>
#include <sys/stat.h>

#include "base/distribution.h"
#include "base/run.h"

#include "ftectl/host/host.h"
#include "nft.h"
#include "validate.h"

#define RULESET_BYTES ((size_t) 8 * 1024 * 1024)

static const char *join_words(Subject *s, char *const *words) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        for (; words && *words; words++)
                strbuf_addf(&b, "%s%s", b.len > 0 ? " " : "", *words);
        return arena_strdup(&s->arena, strbuf_text(&b));
}

void finding_fix_firewall(Subject *s, Finding *f) {
        struct stat st;

        /* What was written and loaded, and is no longer there, "ftectl host" takes for done. */
        finding_fix(s, f,
                    subject_stat(s, HOST_RULES, &st) == 0 ? "systemctl restart fte-firewall.service"
                                                          : "ftectl host try",
                    NULL);
}

static void judge(Subject *s, Finding *f, json_t *json, char *const *allowed) {
        NftVerdict v = { 0 };
        struct stat st;
        bool has_v6 = subject_stat(s, "/proc/net/if_inet6", &st) == 0;

        if (nft_judge(json, allowed, &v) < 0)
                finding_bad(s, f, "a ruleset", "nft prints what is none");
        else if (v.closed_v4 && (v.closed_v6 || !has_v6))
                finding_good(s, f, "open at most: %s", join_words(s, allowed));
        else if (v.opaque)
                finding_skip(s, f,
                             "the ruleset has rules that nft cannot tell in JSON (ufw, iptables); "
                             "look yourself: nft list ruleset");
        else {
                finding_bad(s, f,
                            arena_printf(&s->arena, "open at most: %s", join_words(s, allowed)),
                            "%s", strbuf_text(&v.why));
                finding_fix_firewall(s, f);
        }
        strbuf_done(&v.why);
}

void check_firewall(Subject *s, Finding *f) {
        char *const *allowed = s->run->generator.config.host.firewall_allow;
        const char *tool = subject_tool(s, "nft");
        const char *const argv[] = { tool, "-j", "list", "ruleset", NULL };
        _cleanup_strbuf_ StrBuf out = { 0 }, errors = { 0 };
        _cleanup_json_ json_t *json = NULL;
        int r;

        if (!allowed || !*allowed) {
                finding_skip(
                        s, f,
                        "/etc/fte/fte.conf has no [Firewall] Allow=; set it to what is to be open");
                return;
        }
        if (!tool) {
                finding_bad(s, f, "nftables", "there is no nft here");
                finding_fix(s, f,
                            distribution_install(s->run->args->root, INSTALL_NOW, "nftables",
                                                 &s->arena),
                            NULL);
                return;
        }
        r = run_program(&(RunOptions){ .argv = argv,
                                       .timeout_usec = 10 * USEC_PER_SEC,
                                       .output_max = RULESET_BYTES },
                        &out, &errors);
        json = r == 0 ? json_loadb(strbuf_text(&out), out.len, 0, NULL) : NULL;
        if (json)
                judge(s, f, json, allowed);
        else {
                finding_bad(s, f, "the ruleset", "nft -j list ruleset fails: %.*s",
                            (int) strcspn(strbuf_text(&errors), "\n"), strbuf_text(&errors));
                finding_fix(s, f, "nft list ruleset", NULL);
        }
}
