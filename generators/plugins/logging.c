/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * [Logging]: the log file beside the journal. fte-log-tee writes it, and root gives the operators'
 * group read access to the log directory: inside the sandbox (PrivateUsers=) the service's user
 * cannot name that group. File=none costs nothing at run time.
 */

#include "config.h"
#include "plugins/plugin.h"
#include "plugins/users.h"

static bool has_log_file(const Agent *a) {
        return !a->log_file || !streq(a->log_file, "none");
}

/* What LogsDirectory= and StateDirectory= make writable. */
static bool is_in_own_directory(const Agent *a, const char *path) {
        const char *const tops[] = { scope->logs_top, scope->state_top };

        for (size_t i = 0; i < ARRAY_SIZE(tops); i++) {
                const char *rest = startswith(path, tops[i]);

                rest = rest ? startswith(rest, a->directory) : NULL;
                if (rest && *rest == '/')
                        return true;
        }
        return false;
}

/*
 * With "-": when the directory is missing, the log tee says so and the agent runs, where systemd
 * would fail the start with 226.
 */
static void add_directory(const Agent *a, Unit *u) {
        StrBuf *late = &u->late_service;

        unit_comment(late, a, SECTION_LOGGING);
        strbuf_reset(&u->text);
        strbuf_add_bytes(&u->text, a->log_file, (size_t) (strrchr(a->log_file, '/') - a->log_file));
        late->failed = late->failed || u->text.failed;
        unit_add_value(late, "ReadWritePaths=-", strbuf_text(&u->text));
}

/*
 * Lines of tmpfiles.d(5). The directory is the same that LogsDirectory= would make later, which
 * leaves an ACL alone. The default ACL is what new files get.
 */
static void add_access(const Agent *a, const Facts *facts, StrBuf *b) {
        const Account *account = a->user && !a->group ? facts_account(facts, a->user) : NULL;

        strbuf_add(b, "StandardInputText=d /var/log/");
        strbuf_add(b, a->directory);
        strbuf_add(b, " 0750 ");
        strbuf_add(b, agent_user(a));
        strbuf_addc(b, ' ');
        if (account) /* the group of an account that is there may have another name */
                strbuf_add_uint(b, account->gid);
        else
                strbuf_add(b, agent_group(a));
        strbuf_add(b, " -\nStandardInputText=a+ /var/log/");
        strbuf_add(b, a->directory);
        strbuf_add(b, " - - - - g:");
        strbuf_add(b, a->operators_group);
        strbuf_add(b, ":r-x,d:g:");
        strbuf_add(b, a->operators_group);
        strbuf_add(b, ":r-x\n");
}

static void logging_render(const Render *r) {
        const Agent *a = r->agent;

        if (!a->is_template && !scope->is_user)
                add_access(a, r->facts, &r->users->log_access);
        if (a->log_file && has_log_file(a) && !is_in_own_directory(a, a->log_file))
                add_directory(a, r->unit);
}

/* Options that say what the log tee does anyway are left out: the defaults are the same there. */
static void logging_chain(const Render *r) {
        const Agent *a = r->agent, *built_in = agent_built_in();
        Unit *u = r->unit;

        if (!has_log_file(a))
                return;
        unit_chain_program(u, FTE_LIBEXECDIR "/fte-log-tee");
        if (a->log_file)
                unit_chain_option(u, "--file=", a->log_file);
        else {
                unit_add_text(&u->chain, &scope->log_file);
                strbuf_add(&u->chain, a->directory);
                strbuf_add(&u->chain, "/app.log");
        }
        if (a->log_max_bytes != built_in->log_max_bytes)
                unit_chain_option_uint(u, "--max-size=", a->log_max_bytes);
        if (a->log_keep != built_in->log_keep)
                unit_chain_option_uint(u, "--keep=", a->log_keep);
        if (a->log_compress != built_in->log_compress)
                unit_chain_name(u, "--compress=", a->log_compress ? "yes" : "no");
        unit_chain_next(u);
}

const Plugin plugin_logging = {
        .name = "logging",
        .render = logging_render,
        .chain = logging_chain,
};
