/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl validate: proves what REQUIREMENTS asks of each agent. Layers run in order and stop after
 * the first one in which something is bad; the one that breaks things on purpose comes last, when
 * all else is known to be good. This file picks the agents and runs the rows of validate/checks.c.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/show.h"

#include "break.h"
#include "ftectl/shared/agent-name.h"
#include "ftectl/shared/instances.h"
#include "ftectl/shared/terminal.h"
#include "validate.h"

/* The disruptive one last. */
static const Layer order[] = { LAYER_EXISTENCE, LAYER_PERMISSIONS, LAYER_FUNCTIONAL, LAYER_SECURITY,
                               LAYER_RESILIENCE };

/* ---- which agents ---- */

static bool is_wanted(const Validation *v, const char *name) {
        return v->args->n_words == 0 || instance_is_named(v->args->words, name);
}

static ConfigLook look = CONFIG_LOOK_CLOSED;

static void on_agent(void *userdata, const Render *r) {
        Validation *v = userdata;
        _cleanup_strbuf_ StrBuf b = { 0 };
        ConfigVerdict verdict;
        Subject *more, *s;

        if (!r->agent->is_template && !is_wanted(v, r->agent->name))
                return;
        config_judge(&look, r, &verdict);
        if (r->agent->is_template) /* it was looked at for its instances */
                return;
        more = realloc(v->subjects, (v->n + 1) * sizeof(*more));
        if (!more) {
                v->out_of_memory = true;
                return;
        }
        v->subjects = more;
        s = &v->subjects[v->n++];
        *s = (Subject){ .run = v, .name = arena_strdup(&v->arena, r->agent->name) };
        s->n_problems = r->problems->n + r->host_problems->n;
        if (s->n_problems > 0) {
                problem_format(r->problems->n > 0 ? r->problems->first : r->host_problems->first,
                               &b);
                s->problem = arena_strdup(&v->arena, strbuf_text(&b));
        }
        s->config = verdict.state;
        s->config_change = run_change_text(verdict.change, verdict.file, &v->arena);
}

static void on_problems(void *userdata _unused_, const Problems *problems _unused_) {
}

static void on_warning(void *userdata _unused_, const Agent *a _unused_,
                       const char *message _unused_) {
}

static int refuse_unknown(const Validation *v) {
        for (size_t i = 0; i < v->args->n_words; i++) {
                bool found = false;

                for (size_t k = 0; k < v->n && !found; k++)
                        found = instance_is_named((char *[]){ v->args->words[i], NULL },
                                                  v->subjects[k].name);
                if (!found)
                        return refuse_agent(&v->generator.config, v->args->words[i]);
        }
        if (v->n == 0)
                log_line(LOG_ERR, "there is no agent in /etc/fte; \"ftectl init NAME\" makes one");
        return v->n == 0 ? -ENOENT : 0;
}

static int read_agents(Validation *v) {
        static const GeneratorEvents events = { on_problems, on_warning, on_agent };
        char *const *names = v->args->n_words > 0 ? v->args->words : NULL;
        int r;

        v->generator.events = &events;
        v->generator.userdata = v;
        v->root_fd = open(*v->args->root ? v->args->root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        r = v->root_fd < 0 ? -errno : config_look_open(&look, v->args->root);
        if (r >= 0)
                r = generator_run(&v->generator,
                                  &(ConfigOptions){ .root = v->args->root, .instances = names });
        config_look_close(&look);
        if (r < 0 || v->out_of_memory) {
                r = r < 0 ? r : -ENOMEM;
                log_line(LOG_ERR, "%s: %s", *v->args->root ? v->args->root : "/", strerror(-r));
                return r;
        }
        return refuse_unknown(v);
}

/* What the checks look at of one agent; the model, the account, the unit. */
static int read_subject(Subject *s) {
        Config *c = &s->run->generator.config;
        Problems problems = { .arena = &s->arena };
        ConfigEntry entry;
        int r;

        s->findings = arena_new_n(&s->arena, Finding, n_checks);
        if (!s->findings)
                return -ENOMEM;
        r = config_find(c, s->name, &entry);
        if (r >= 0)
                r = config_read_agent(c, &entry, &s->arena, &problems, &s->agent);
        if (r < 0)
                return r;
        s->account = facts_account(&s->run->generator.facts, agent_user(&s->agent));
        if (s->account) {
                const Group *group = facts_group(&s->run->generator.facts, agent_group(&s->agent));

                s->gid = (gid_t) (group ? group->gid : s->account->gid);
        }
        return subject_read_unit(s);
}

int subject_read_unit(Subject *s) {
        const char *unit = arena_printf(&s->arena, "%s.service", s->name);

        s->log = (LogLook){ 0 };
        s->unit_error = unit ? unit_read(s->run->bus, unit, &s->arena, &s->unit) : -ENOMEM;
        return s->unit_error == -ENOMEM ? -ENOMEM : 0;
}

/* ---- running ---- */

static bool is_needed(const char *needs, const char *id) {
        size_t n = strlen(id);

        for (const char *p = needs; p && (p = strstr(p, id)); p += n)
                if ((p == needs || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
                        return true;
        return false;
}

/* One cause is red once: what only follows from it is left until that is mended. */
static void leave_followers(Subject *s, const Check *c, Finding *f) {
        for (size_t i = 0; i < n_checks && f->verdict == VERDICT_BAD; i++) {
                const char *seen = f->seen;

                if (checks[i].layer >= c->layer || s->findings[i].verdict != VERDICT_BAD ||
                    !is_needed(c->needs, checks[i].id))
                        continue;
                *f = (Finding){ 0 };
                finding_skip(s, f, "%s; that may come of %s (%s), so mend that first", seen,
                             checks[i].id, checks[i].title);
        }
}

static void run_check(Subject *s, size_t i) {
        const Check *c = &checks[i];
        Finding *f = &s->findings[i];
        uint64_t began = clock_usec(CLOCK_MONOTONIC);

        if (c->of_host && s->run->host_findings[i].verdict != VERDICT_NOT_RUN) {
                *f = s->run->host_findings[i]; /* and the question was answered, too */
                return;
        }
        if (kind_check(s, c, f))
                ;
        else if (c->spare && c->spare(s, f))
                ;
        else if (c->disruptive && !break_is_allowed(s, c))
                finding_skip(s, f, "you did not want it");
        else {
                c->run(s, f);
                leave_followers(s, c, f);
        }
        f->usec = clock_usec(CLOCK_MONOTONIC) - began;
        if (f->verdict == VERDICT_BAD && !f->fix && c->fix)
                finding_fix(s, f, c->fix, NULL);
        if (c->of_host)
                s->run->host_findings[i] = *f;
}

static bool run_layer(Subject *s, Layer layer) {
        bool good = true;

        for (size_t i = 0; i < n_checks && !break_interrupted(); i++) {
                if (checks[i].layer != layer ||
                    (checks[i].disruptive && !GIVEN(s->run->args, DISRUPTIVE)))
                        continue;
                run_check(s, i);
                good = good && s->findings[i].verdict != VERDICT_BAD;
        }
        return good;
}

static void run_subject(Subject *s) {
        for (size_t i = 0; i < ARRAY_SIZE(order) && !break_interrupted(); i++) {
                Layer layer = order[i];
                bool good;

                if (layer == LAYER_RESILIENCE && !GIVEN(s->run->args, DISRUPTIVE))
                        continue;
                if (layer == LAYER_RESILIENCE)
                        break_begin(s);
                good = run_layer(s, layer);
                if (layer == LAYER_RESILIENCE)
                        break_end(s);
                if (!good && !s->stopped_at)
                        s->stopped_at = layer;
                if (!good && !GIVEN(s->run->args, KEEP_GOING))
                        return;
        }
}

static void save(Subject *s) {
        int r = report_save(s);

        if (r < 0)
                log_line(LOG_WARNING,
                         "%s/var/lib/fte/reports: the report of %s could not be kept: %s",
                         s->run->args->root, s->name, strerror(-r));
}

static int run_all(Validation *v) {
        int r = 0;

        for (size_t i = 0; i < v->n && r >= 0 && !break_interrupted(); i++) {
                Subject *s = &v->subjects[i];

                if (v->n > 1 || GIVEN(v->args, DISRUPTIVE))
                        progress_show(s->name);
                r = read_subject(s);
                if (r >= 0)
                        run_subject(s);
                if (r >= 0 && !break_interrupted())
                        save(s);
        }
        progress_clear();
        if (r < 0)
                log_line(LOG_ERR, "%s", strerror(-r));
        return r;
}

/* ---- the command ---- */

static const struct {
        const char *name;
        int (*print)(const Validation *v);
} formats[] = {
        { "text", report_text },
        { "json", report_json },
        { "tap", report_tap },
        { "junit", report_junit },
};

/* An index, or -EINVAL. */
static int find_format(const Arguments *a) {
        const char *name = VALUE(a, FORMAT) ? VALUE(a, FORMAT) : GIVEN(a, JSON) ? "json" : "text";

        for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
                if (streq(formats[i].name, name) && !(GIVEN(a, JSON) && !streq(name, "json")))
                        return (int) i;
        log_line(LOG_ERR, "--format is one of text, json, tap, junit, and --json is --format=json");
        return -EINVAL;
}

static int exit_status(const Validation *v) {
        size_t bad = 0;

        for (size_t i = 0; i < v->n; i++)
                bad += subject_tally(&v->subjects[i]).bad;
        return bad > 0 ? EXIT_BAD : EXIT_GOOD;
}

static void validation_done(Validation *v) {
        for (size_t i = 0; i < v->n; i++)
                arena_done(&v->subjects[i].arena);
        free(v->subjects);
        bus_donep(&v->bus);
        generator_done(&v->generator);
        closep(&v->root_fd);
        arena_done(&v->arena);
}

static int prepare(Validation *v) {
        int r = break_check(v);

        if (r >= 0)
                r = read_agents(v);
        if (r < 0)
                return r;
        v->host_findings = arena_new_n(&v->arena, Finding, n_checks);
        r = v->host_findings ? bus_open_below(v->args->root, &v->bus) : -ENOMEM;
        if (r < 0)
                log_line(LOG_ERR, "systemd does not answer: %s%s", strerror(-r),
                         access("/run/systemd/system", F_OK) < 0 ? "; it does not run here" : "");
        return r < 0 ? r : break_open(v);
}

int command_validate(const Arguments *a) {
        Validation v = { .args = a, .root_fd = -EBADF };
        int format = find_format(a), r;

        r = format < 0 ? format : prepare(&v);
        if (r >= 0)
                r = run_all(&v);
        if (r >= 0 && break_interrupted()) {
                log_line(LOG_ERR, "interrupted; everything is put back, and no report is kept");
                r = -EINTR;
        }
        if (r >= 0)
                r = formats[format].print(&v);
        r = r < 0 ? EXIT_CANNOT : exit_status(&v);
        break_close(&v);
        validation_done(&v);
        return r;
}
