/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl init: a new agent's configuration file and env file, from a few options or from a unit
 * that somebody wrote by hand. Asks nothing, replaces nothing, starts nothing.
 */

#include <fcntl.h>
#include <stdio.h>

#include "base/fsat.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/scope.h"
#include "config/instance.h"
#include "config/load.h"

#include "ftectl/lint/lint.h"
#include "init.h"

/* ---- whether it may be ---- */

/* The unit that is to be converted may have the agent's name: it goes first. */
static bool is_same_unit(const Init *in) {
        const char *rest = in->source.name ? startswith(in->source.name, in->name) : NULL;

        return rest && streq(rest, ".service") && in->source.is_installed;
}

static int check_name(Init *in) {
        const char *problem = NULL;

        if (agent_name_verdict(in->name, &in->facts, &problem) == NAME_GOOD)
                return 0;
        if (is_same_unit(in) && agent_name_is_good(in->name) &&
            startswith(in->source.file, "/etc/")) {
                in->unit_is_in_the_way = true;
                return 0;
        }
        if (is_same_unit(in))
                log_line(LOG_ERR,
                         "%s: the unit %s is not the administrator's (%s), and an agent may not "
                         "replace it; choose another name",
                         in->name, in->source.name, in->source.file);
        else /* there is no file yet */
                log_line(LOG_ERR, "%s: %.*s; choose another name", in->name,
                         (int) (strstr(problem, "; rename") ? strstr(problem, "; rename") - problem
                                                            : (ptrdiff_t) strlen(problem)),
                         problem);
        return -EINVAL;
}

/* The account that the agent would get must not be somebody else's. */
static int check_account(Init *in) {
        Problems problems = { .arena = &in->arena };
        const char *user = draft_get(&in->draft, SECTION_AGENT, "User");
        const char *group = draft_get(&in->draft, SECTION_AGENT, "Group");
        Agent a = *agent_built_in();

        if (agent_take_name(&a, in->name, &in->arena) < 0)
                return -ENOMEM;
        a.user = user;
        a.group = group;
        agent_validate_accounts(&a, &in->facts, &problems);
        for (const Problem *p = problems.first; p; p = p->next)
                log_line(LOG_ERR, "%s: [%s] %s: %s", in->name, p->section, p->key, p->message);
        return problems_any(&problems) ? -EINVAL : 0;
}

/* Any configuration directory that has the name already. */
static int check_free(Init *in) {
        int r = 0;
        Config c;

        if (config_open(&c, in->args->root, &in->arena) < 0) {
                config_close(&c);
                log_line(LOG_ERR, "%s: %s", *in->args->root ? in->args->root : "/",
                         strerror(errno));
                return -EIO;
        }
        for (size_t i = 0; i < c.n_entries && r == 0; i++)
                if (streq(c.entries[i].name, in->name)) {
                        log_line(LOG_ERR,
                                 "%s: there is a %s.conf already, and nothing is replaced; edit "
                                 "it, or "
                                 "move it away first",
                                 in->name, in->name);
                        r = -EEXIST;
                }
        config_close(&c);
        return r;
}

/* ---- what it will be ---- */

static int set_option(Init *in, SectionId section, const char *key, const char *value) {
        const char *problem;

        if (!value)
                return 0;
        problem = draft_set(&in->draft, section, key, value);
        if (problem)
                log_line(LOG_ERR, "[%s] %s: %s", section_to_string(section), key, problem);
        return problem ? -EINVAL : 0;
}

static int add_port(Init *in) {
        const char *text = VALUE(in->args, PORT);
        uint64_t port;

        if (!text)
                return 0;
        if (parse_uint(text, 65535, &port) < 0 || port == 0) {
                log_line(LOG_ERR, "--port: a number from 1 to 65535");
                return -EINVAL;
        }
        return set_option(in, SECTION_HEALTH, "URL",
                          arena_printf(&in->arena, "http://127.0.0.1:%u/health", (unsigned) port));
}

static int from_options(Init *in) {
        int r = set_option(in, SECTION_AGENT, "Exec", VALUE(in->args, EXEC));

        if (r == 0)
                r = set_option(in, SECTION_AGENT, "Description", VALUE(in->args, DESCRIPTION));
        return r == 0 ? add_port(in) : r;
}

/* The settings of the profile that the agent gets by default. */
static int read_profile(Init *in) {
        static char text[64 * 1024];
        const char *path = in->facts.profile_paths[agent_built_in()->profile];
        ssize_t n = path ? fsat_read(in->root_fd, path + 1, text, sizeof(text)) : 0;

        return n <= 0 ? 0
                      : unit_file_parse(text, (size_t) n, path, &in->arena, &in->import.profile);
}

static int from_unit(Init *in) {
        const char *user = NULL;
        const Account *account;
        int r;

        in->import = (Import){
                .arena = &in->arena,
                .root = in->args->root,
                .root_fd = in->root_fd,
                .source = &in->source,
                .facts = &in->facts,
                .draft = &in->draft,
                .env_file_is_kept = in->env_file_is_kept,
        };
        user = import_find(&in->import, "Service", "User");
        account = user ? facts_account(&in->facts, user) : NULL;
        in->import.specifiers = (UnitSpecifiers){ in->source.name, user ? user : "root",
                                                  account ? account->home
                                                  : user  ? NULL
                                                          : "/root" };
        in->draft.origin = arena_printf(&in->arena, "From %s.", in->source.file);
        r = read_profile(in);
        if (r == 0)
                r = import_unit(&in->import);
        return r == 0 ? init_take_back(in) : r;
}

static void add_missing_exec(Init *in) {
        if (!draft_get(&in->draft, SECTION_AGENT, "Exec"))
                draft_add(&in->draft,
                          &(DraftLine){ SECTION_AGENT, "Exec", "",
                                        "Fill this in: the program, by its full path, and its "
                                        "arguments.",
                                        NULL });
}

/* ---- the env file ---- */

static bool wants_env_file(const Init *in) {
        const char *file = draft_get(&in->draft, SECTION_ENVIRONMENT, "File");

        return (!file || streq(file, in->env_file)) && !in->env_file_is_kept;
}

static void render_env(Init *in) {
        StrBuf *b = &in->env_text;

        strbuf_addf(b,
                    "# Secrets and settings of %s, NAME=value, one a line, quotes as in systemd's\n"
                    "# EnvironmentFile=. Only %s this file. Name the keys that must be "
                    "there by\n"
                    "# Required= in %s, and set them by: ftectl%s env %s set NAME\n",
                    in->name, scope->is_user ? "you read" : "root reads", in->file, SCOPE_SWITCH,
                    in->name);
        strbuf_add(b, strbuf_text(&in->import.env_text));
}

static int make_texts(Init *in) {
        in->file = arena_printf(&in->arena, "%s%s.conf", scope->config_dir, in->name);
        add_missing_exec(in);
        draft_render(&in->draft, &in->text);
        if (!in->file)
                return -ENOMEM;
        if (wants_env_file(in))
                render_env(in);
        else
                in->env_file = NULL;
        return strbuf_check(&in->text) < 0 || strbuf_check(&in->env_text) < 0 ? -ENOMEM : 0;
}

/* ---- the run ---- */

static int prepare(Init *in) {
        int r;

        in->root_fd = fsat_open_dir(AT_FDCWD, *in->args->root ? in->args->root : "/");
        if (in->root_fd < 0) {
                log_line(LOG_ERR, "%s: %s", in->args->root, strerror(-in->root_fd));
                return in->root_fd;
        }
        r = facts_load(&in->facts, in->root_fd, &in->arena);
        if (r == 0 && VALUE(in->args, FROM))
                r = unit_source_read(in->args->root, VALUE(in->args, FROM), &in->arena,
                                     &in->source);
        if (r == 0)
                r = check_name(in);
        if (r == 0)
                r = check_free(in);
        if (r < 0)
                return r;
        in->env_file =
                arena_printf(&in->arena, "/%s/%s%s", scope->env_top, in->name, scope->env_suffix);
        if (!in->env_file)
                return -ENOMEM;
        in->env_file_is_kept =
                faccessat(in->root_fd, in->env_file + 1, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        r = from_options(in);
        if (r == 0 && in->source.name)
                r = from_unit(in);
        return r == 0 && !scope->is_user ? check_account(in) : r;
}

static int tell(Init *in) {
        json_t *findings = GIVEN(in->args, JSON) ? json_array() : NULL;
        char *name = arena_strdup(&in->arena, in->name);

        if (!findings)
                init_show(in);
        /* With the old unit in its place lint could only say that it is. */
        if (!GIVEN(in->args, DRY_RUN) && !in->unit_is_in_the_way && name &&
            lint_named(in->args->root, name, findings, &in->n_errors) < 0) {
                json_decref(findings);
                return -EIO;
        }
        if (findings)
                return init_show_json(in, findings);
        for (size_t i = 0; in->steps[i]; i++)
                printf("%s%s\n", i > 0 ? "  " : "\nNext:\n  ", in->steps[i]);
        return 0;
}

static int check_options(const Arguments *a) {
        if (GIVEN(a, FROM) && scope->is_user) {
                log_line(LOG_ERR,
                         "init: --from reads the units of the system, and not with --user; "
                         "give --exec");
                return -EINVAL;
        }
        if (!GIVEN(a, FROM) || (!GIVEN(a, EXEC) && !GIVEN(a, DESCRIPTION)))
                return 0;
        log_line(LOG_ERR, "init: --from takes the command and the description from the unit; leave "
                          "--exec and "
                          "--description out");
        return -EINVAL;
}

static void init_done(Init *in) {
        import_done(&in->import);
        if (in->env_text.text)
                explicit_bzero(in->env_text.text, in->env_text.size_bytes);
        strbuf_done(&in->env_text);
        strbuf_done(&in->text);
        facts_done(&in->facts);
        closep(&in->root_fd);
        arena_done(&in->arena);
}

int command_init(const Arguments *a) {
        _cleanup_(init_done) Init in = { .args = a, .name = a->words[0], .root_fd = -EBADF };
        bool lacks_exec;
        int r;

        in.draft = (Draft){ .arena = &in.arena, .name = in.name };
        if (check_options(a) < 0)
                return EXIT_CANNOT;
        r = prepare(&in);
        if (r < 0)
                return EXIT_CANNOT;
        lacks_exec = !draft_get(&in.draft, SECTION_AGENT, "Exec");
        r = make_texts(&in);
        if (r == 0)
                r = init_make_steps(&in);
        if (r < 0)
                log_line(LOG_ERR, "%s", strerror(-r));
        if (r == 0 && !GIVEN(a, DRY_RUN))
                r = init_write(&in);
        if (r < 0 || tell(&in) < 0)
                return EXIT_CANNOT;
        /* The line that is to be filled in is no surprise. */
        return in.n_errors > lacks_exec ? EXIT_BAD : EXIT_GOOD;
}
