/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * [Environment]: the env file reaches fte-env-precheck as a credential, so that the precheck runs
 * as the agent's user and secrets never stand in the unit. Settings that are not secret do.
 */

#include "config.h"
#include "plugins/plugin.h"

/*
 * What the dynamic linker obeys. In the unit it would reach the alert hook too, which runs as root,
 * with a library from where the agent may write. The precheck sets it for the agent alone.
 */
static bool is_for_linker(const char *assignment) {
        return startswith(assignment, "LD_") || startswith(assignment, "GLIBC_TUNABLES=");
}

static void environment_render(const Render *r) {
        const Agent *a = r->agent;
        StrBuf *b = &r->unit->service;

        unit_comment(b, a, SECTION_ENVIRONMENT);
        for (char **set = a->env_set; set && *set; set++) {
                if (is_for_linker(*set))
                        continue;
                strbuf_add(b, "Environment=");
                escape_word(b, *set, ESCAPE_PERCENT);
                strbuf_addc(b, '\n');
        }
        if (!agent_has_env_file(a))
                return;
        unit_add_value(b, a->env_encrypted ? "LoadCredentialEncrypted=env:" : "LoadCredential=env:",
                       a->env_file);
        /*
         * When the file is missing, the precheck is to say so and not systemd with its 243. An
         * empty value is refused by systemd up to 257 at least, a line end is not.
         */
        strbuf_add(b, "SetCredential=env:\\n\n");
}

static void environment_chain(const Render *r) {
        const Agent *a = r->agent;

        unit_chain_program(r->unit, FTE_LIBEXECDIR "/fte-env-precheck");
        if (agent_has_env_file(a)) {
                unit_chain_option(r->unit, "--file=", a->env_file);
                for (char **name = a->env_required; name && *name; name++)
                        unit_chain_name(r->unit, "--require=", *name);
        }
        for (char **set = a->env_set; set && *set; set++)
                if (is_for_linker(*set))
                        unit_chain_option(r->unit, "--set=", *set);
        if (!scope->is_user)
                unit_chain_name(r->unit, "--user=", agent_user(a));
        unit_chain_next(r->unit);
}

const Plugin plugin_environment = {
        .name = "environment",
        .render = environment_render,
        .chain = environment_chain,
};
