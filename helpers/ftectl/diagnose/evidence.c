/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The order in which ftectl diagnose looks at things, and what the configuration says: the
 * generator's own code judges it. What cannot be looked at stays unknown; only an agent that there
 * is not, or a system that does not answer, ends it.
 */

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/timex.h>

#include "base/fsat.h"
#include "base/log.h"

#include "file-check.h"

#include "evidence.h"
#include "ftectl/env/problems.h"
#include "ftectl/shared/agent-name.h"
#include "ftectl/shared/path-trace.h"
#include "ftectl/shared/terminal.h"

#define DAY_USEC (86400 * USEC_PER_SEC)

/* ---- the configuration ---- */

static void on_problems(void *userdata _unused_, const Problems *problems _unused_) {
}

static void on_warning(void *userdata _unused_, const Agent *a _unused_,
                       const char *message _unused_) {
}

static void keep_problems(Evidence *e, const Render *r) {
        const Problems *lists[] = { r->host_problems, r->problems };

        for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                e->n_errors += lists[i]->n;
                if (!lists[i]->first || e->first_error)
                        continue;
                problem_format(lists[i]->first, &b);
                e->first_error = arena_strdup(e->arena, strbuf_text(&b));
        }
}

static void find_faults(Evidence *e, const Render *r) {
        Warner w = {
                .agent = r->agent,
                .root = e->root,
                .root_fd = e->generator.config.root_fd,
                .arena = e->arena,
                .faults = e->faults,
        };

        lint_check_program(&w);
        e->n_faults = w.n_faults;
}

static void look_at_config(Evidence *e, const Render *r) {
        ConfigVerdict verdict;

        config_judge(&e->look, r, &verdict);
        e->config = verdict.state;
        e->config_change = run_change_text(verdict.change, verdict.file, e->arena);
}

/* The agent itself lives only during the call, and is read again behind it. */
static void on_agent(void *userdata, const Render *r) {
        Evidence *e = userdata;
        bool is_template = r->agent->is_template && startswith(e->name, r->agent->name);

        if (!is_template && !streq(r->agent->name, e->name))
                return;
        look_at_config(e, r);
        if (is_template)
                return;
        keep_problems(e, r);
        find_faults(e, r);
}

static int find_entry(const Evidence *e, ConfigEntry *ret) {
        const Config *c = &e->generator.config;
        int r = config_find(c, e->name, ret);

        return r == -ENOENT ? refuse_agent(c, e->name) : r;
}

static int read_config(Evidence *e) {
        static const GeneratorEvents events = { on_problems, on_warning, on_agent };
        Problems problems = { .arena = e->arena };
        char *names[] = { (char *) e->name, NULL };
        const ConfigOptions options = { .root = e->root, .instances = names };
        ConfigEntry entry;
        RunFiles files;
        Agent *agent;
        int r;

        e->generator.events = &events;
        e->generator.userdata = e;
        r = config_look_open(&e->look, e->root);
        if (r >= 0)
                r = generator_run(&e->generator, &options);
        config_look_close(&e->look);
        if (r < 0) {
                log_line(LOG_ERR, "%s: %s", *e->root ? e->root : "/", strerror(-r));
                return r;
        }
        r = find_entry(e, &entry);
        agent = arena_new(e->arena, Agent);
        if (r < 0 || !agent)
                return r < 0 ? r : -ENOMEM;
        r = config_read_agent(&e->generator.config, &entry, e->arena, &problems, agent);
        if (r < 0)
                return r;
        e->agent = agent;
        run_files(e->generator.config.root_fd, agent, &files);
        e->config_usec = MAX(files.newest_usec, files.env_usec);
        e->config_file = files.newest_usec >= files.env_usec ? files.newest : agent->env_file;
        return r;
}

static void find_venv(Evidence *e) {
        const char *program = e->agent->exec ? e->agent->exec[0] : "";
        const char *slash = strrchr(program, '/');
        const char *bin =
                slash ? arena_strndup(e->arena, program, (size_t) (slash - program)) : NULL;
        const char *base = bin ? strrchr(bin, '/') : NULL, *venv, *file;

        if (!base || !streq(base, "/bin") || *program != '/')
                return;
        venv = arena_strndup(e->arena, bin, (size_t) (base - bin));
        file = arena_printf(e->arena, "%s/pyvenv.cfg", venv ? venv : "");
        if (file && faccessat(e->generator.config.root_fd, file + 1, F_OK, 0) == 0)
                e->venv = venv;
}

/* ---- the account and the clock ---- */

static void find_account(Evidence *e) {
        const char *user = agent_user(e->agent);
        const Account *a = facts_account(&e->generator.facts, user);
        const struct passwd *p =
                a || *e->root ? NULL : getpwnam(user); /* perhaps of the network's */

        e->user = user;
        e->uid = a ? a->uid : p ? p->pw_uid : UNKNOWN;
        e->gid = a ? a->gid : p ? p->pw_gid : UNKNOWN;
}

static uint64_t file_usec(int dir_fd, const char *path) {
        struct stat st;

        return fstatat(dir_fd, path, &st, 0) < 0 ? 0 : (uint64_t) st.st_mtim.tv_sec * USEC_PER_SEC;
}

/* It is not earlier than files that are there; a day for those that came from a host ahead of us.
 */
static void look_at_clock(Evidence *e) {
        struct timex t = { 0 };
        uint64_t floor = MAX(file_usec(AT_FDCWD, "/proc/self/exe"), e->config_usec);

        e->now_usec = now_usec();
        e->clock_synchronized = adjtimex(&t) != TIME_ERROR; /* what timedatectl looks at, too */
        e->clock_floor_usec = floor > DAY_USEC ? floor - DAY_USEC : 0;
}

/* ---- the env file ---- */

/* Of one that must not be used as it is, the content is of no matter yet. */
static int check_env(Evidence *e) {
        const Agent *a = e->agent;
        const FileUser user = { e->user, e->uid == UNKNOWN ? 0 : (uid_t) e->uid };
        EnvProblems problems = { 0 };
        struct stat st;
        char *path;
        int r = 0;

        if (e->n_errors > 0)
                return 0;
        path = agent_has_env_file(a) ? arena_printf(e->arena, "%s%s", e->root, a->env_file) : NULL;
        if (!path || file_check(path, &user, &problems.text, &st))
                r = env_problems_read(a, e->generator.config.root_fd, &problems);
        if (r >= 0)
                e->env_problems = arena_strdup(e->arena, strbuf_text(&problems.text));
        strbuf_done(&problems.text);
        return r < 0 ? r : e->env_problems ? 0 : -ENOMEM;
}

/* ---- all ---- */

ssize_t evidence_read_file(const Evidence *e, const char *path, char *buf, size_t size_bytes) {
        static const char *const nothing[] = { NULL };
        int root_fd = e->generator.config.root_fd;
        Trace t;

        path_trace(root_fd, path, nothing, &t);
        return t.error < 0 ? t.error : fsat_read(root_fd, t.path + 1, buf, size_bytes);
}

static int look_at_all(Evidence *e) {
        int r = evidence_ask_systemd(e);

        find_account(e);
        if (r >= 0)
                r = evidence_read_log(e);
        if (r >= 0)
                r = evidence_look_at_paths(e);
        if (r >= 0)
                r = evidence_read_dropins(e);
        if (r >= 0)
                r = check_env(e);
        if (r >= 0)
                r = evidence_look_at_network(e);
        if (r < 0)
                return r;
        evidence_look_at_job(e);
        evidence_look_at_kernel(e);
        evidence_read_certificate(e);
        return arena_failed(e->arena) ? -ENOMEM : 0;
}

int evidence_collect(Evidence *e, const Arguments *a) {
        int r;

        e->root = a->root;
        e->name = a->words[0];
        e->env_problems = "";
        e->oom_kills = e->memory_peak_bytes = e->tasks_refused = UNKNOWN;
        r = read_config(e);
        if (r < 0)
                return r;
        find_venv(e);
        look_at_clock(e);
        r = look_at_all(e);
        if (r < 0)
                log_line(LOG_ERR, "%s: %s", e->name, strerror(-r));
        return r;
}

void evidence_done(Evidence *e) {
        generator_done(&e->generator);
}
