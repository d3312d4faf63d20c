/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the files say for ftectl status: the agents that there are to be, whether systemd and the
 * running processes know the newest of their files, the sizes of their logs. The configuration goes
 * through the generator's own code, so "stale" is a comparison and not a guess by dates.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"
#include "base/scope.h"
#include "generate.h"

#include "ftectl/shared/instances.h"
#include "ftectl/shared/own-dirs.h"
#include "status.h"

typedef struct Reader {
        Status *status;
        Generator generator;
        const char *only; /* NULL: all */
        ConfigLook look;
        size_t size;
        bool failed;
        const Render *template; /* the last one, while it is told */
} Reader;

static const char *keep(Reader *r, const char *s) {
        const char *copy = arena_strdup(&r->status->arena, s ? s : "");

        r->failed = r->failed || !copy;
        return copy;
}

static AgentStatus *add(Reader *r) {
        Status *s = r->status;

        if (s->n == r->size) {
                size_t size = MAX(r->size * 2, (size_t) 16);
                AgentStatus *agents = arena_new_n(&s->arena, AgentStatus, size);

                if (!agents) {
                        r->failed = true;
                        return NULL;
                }
                if (s->n > 0)
                        memcpy(agents, s->agents, s->n * sizeof(*agents));
                s->agents = agents;
                r->size = size;
        }
        return &s->agents[s->n++];
}

static ConfigState config_state(Reader *r, const Render *render) {
        ConfigVerdict verdict;

        config_judge(&r->look, render, &verdict);
        return verdict.state;
}

static const char *log_path(Reader *r, const Agent *a) {
        const char *path = own_log_file(r->status->args->root, a, &r->status->arena);

        r->failed = r->failed || !path;
        return path;
}

/* What is known of the agent by its files. The state is that of the unit it is made of. */
static void add_agent(Reader *r, const Agent *a, const Render *render, ConfigState state) {
        AgentStatus *s = add(r);

        if (!s)
                return;
        *s = (AgentStatus){
                .name = keep(r, a->name),
                .description = keep(r, a->description),
                .file = keep(r, a->place.file),
                .log_file = log_path(r, a),
                .health_url = keep(r, a->health_url),
                .log_max_bytes = a->log_max_bytes,
                .memory_limit_bytes = a->memory_bytes,
                .n_errors = render->problems->n + render->host_problems->n,
                .config = state,
                .object = "",
                .load = "",
                .active = "",
                .sub = "",
                .status_text = "",
                .result = "",
                .restarts = UNKNOWN,
                .active_usec = UNKNOWN,
                .changed_usec = UNKNOWN,
                .main_pid = UNKNOWN,
                .exit_status = UNKNOWN,
                .memory_bytes = UNKNOWN,
                .memory_max_bytes = UNKNOWN,
                .memory_peak_bytes = UNKNOWN,
                .cpu_usec = UNKNOWN,
                .cpu_permille = UNKNOWN,
                .tasks = UNKNOWN,
                .tasks_max = UNKNOWN,
                .log_bytes = UNKNOWN,
                .backup_usec = UNKNOWN,
                .alert_usec = UNKNOWN,
                .kind = a->kind,
                .schedule = keep(r, a->schedule),
                .next_usec = UNKNOWN,
        };
}

/* An instance that nobody named but who started it, made of the template's unit. */
static int add_by_hand(void *userdata, const char *name) {
        Reader *r = userdata;
        Problems problems = { .arena = &r->generator.agent_arena };
        ConfigEntry entry;
        ConfigVerdict verdict;
        Agent agent;
        int k;

        if (!instance_is_by_hand(&r->generator.config, name, &entry))
                return 0;
        k = config_read_agent(&r->generator.config, &entry, &r->generator.agent_arena, &problems,
                              &agent);
        if (k < 0)
                return k;
        config_judge_by_hand(&r->look, &agent, &verdict);
        add_agent(r, &agent, r->template, verdict.state);
        return 0;
}

static void on_template(Reader *r, const Render *render) {
        const char *name = render->agent->name;

        (void) config_state(r, render); /* for its instances */
        r->template = render;
        if (!r->only && instances_visit_running(r->look.prints.root_fd, name, add_by_hand, r) < 0)
                r->failed = true;
}

static void on_agent(void *userdata, const Render *render) {
        const Agent *a = render->agent;
        Reader *r = userdata;

        if (a->is_template)
                on_template(r, render);
        else if (!r->only || streq(r->only, a->name))
                add_agent(r, a, render, config_state(r, render));
}

/* Those that were started by hand come with their template. */
static int compare_names(const void *a, const void *b) {
        return strcmp(((const AgentStatus *) a)->name, ((const AgentStatus *) b)->name);
}

static void on_problems(void *userdata _unused_, const Problems *problems _unused_) {
}

static void on_warning(void *userdata _unused_, const Agent *a _unused_,
                       const char *message _unused_) {
}

int status_read_config(Status *s) {
        static const GeneratorEvents events = { on_problems, on_warning, on_agent };
        Reader r = {
                .status = s,
                .only = s->args->n_words > 0 ? s->args->words[0] : NULL,
                .generator.events = &events,
        };
        int k;

        r.generator.userdata = &r;
        k = config_look_open(&r.look, s->args->root);
        if (k >= 0)
                k = generator_run(&r.generator,
                                  &(ConfigOptions){ .root = s->args->root,
                                                    .instances = r.only ? s->args->words : NULL });
        if (s->n > 0 && !r.failed)
                qsort(s->agents, s->n, sizeof(AgentStatus), compare_names);
        generator_done(&r.generator);
        config_look_close(&r.look);
        return k < 0 ? k : r.failed ? -ENOMEM : 0;
}

static void read_backups(Status *s) {
        _cleanup_free_ char *path = NULL;
        _cleanup_close_ int fd = -EBADF;

        if (asprintf(&path, "%s" BACKUP_STATE_DIRECTORY, s->args->root) < 0) {
                path = NULL;
                return;
        }
        fd = fsat_open_dir(AT_FDCWD, path);
        for (size_t i = 0; i < s->n && fd >= 0; i++) {
                AgentStatus *a = &s->agents[i];

                if (backup_status_read(fd, a->name, &a->backup) == 0 && a->backup.made_usec > 0)
                        a->backup_usec = a->backup.made_usec;
        }
}

static void read_release(const Status *s, AgentStatus *a) {
        const char *directory = name_directory(a->name, (Arena *) &s->arena);
        Store store = STORE_CLOSED;
        Release r;

        if (directory && store_open(&store, s->args->root, directory, false) >= 0 &&
            store_link(&store, CURRENT_LINK, a->release) > 0)
                a->release_is_unproven =
                        store_find(&store, a->release, &r) == 0 && r.state == RELEASE_BUILT;
        store_close(&store);
}

/* After systemd has told since when an agent runs. */
void status_read_files(Status *s) {
        if (!scope->is_user)
                read_backups(s);
        status_read_jobs(s);
        for (size_t i = 0; i < s->n && !scope->is_user; i++)
                read_release(s, &s->agents[i]);
        for (size_t i = 0; i < s->n; i++) {
                AgentStatus *a = &s->agents[i];
                const char *path =
                        *s->args->root ? arena_printf(&s->arena, "%s%s", s->args->root, a->log_file)
                                       : a->log_file;
                struct stat st;

                if (path && *a->log_file && stat(path, &st) == 0)
                        a->log_bytes = (uint64_t) st.st_size;
        }
}
