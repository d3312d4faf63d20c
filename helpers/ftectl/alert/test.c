/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl alert test: an alert of kind "test" goes the way that a real one goes, through the spool
 * and the delivery service, and each channel's answer is shown as it comes. Sends nothing itself.
 */

#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/show.h"
#include "config/alert-targets.h"
#include "config/instance.h"

#include "bus.h"
#include "ftectl/shared/agent-name.h"
#include "ftectl/shared/loaded.h"
#include "ftectl/shared/terminal.h"
#include "spool.h"

#define TIMEOUT_USEC (30 * USEC_PER_SEC)
#define POLL_USEC    (50 * USEC_PER_MSEC)

#define DELIVERY   "fte-alert-deliver.service"
#define HOST_AGENT "systemd-fte" /* what a test for the whole host calls itself */

typedef struct Test {
        const Arguments *args;
        Arena arena; /* of the run */
        Agent agent;
        const char *environment;
        Alert alert;
        StoredAlert seen; /* the alert as it stands in the spool */
        Arena of_seen;
        char file[80];
        uint64_t timeout_usec, until_usec;
        struct {
                uint64_t attempts, answer_hash;
                TargetState state;
        } shown[ALERT_TARGETS_MAX]; /* the last that was */
} Test;

/* ---- whom to tell ---- */

static int read_entry(Test *t, Config *c, const char *name) {
        Problems problems = { .arena = &t->arena };
        ConfigEntry entry;
        int r = config_find(c, name, &entry);

        if (r >= 0)
                r = config_read_agent(c, &entry, &t->arena, &problems, &t->agent);
        if (r >= 0 && problems_any(&problems))
                log_line(LOG_WARNING, "%s has errors; see: ftectl lint %s", t->agent.place.file,
                         name);
        if (r != -ENOENT)
                return r;
        return refuse_agent(c, name);
}

static int read_agent(Test *t) {
        Config c;
        int r = config_open(&c, t->args->root, &t->arena);

        if (r < 0)
                log_line(LOG_ERR, "%s: %s", *t->args->root ? t->args->root : "/", strerror(-r));
        else if (t->args->n_words > 0)
                r = read_entry(t, &c, t->args->words[0]);
        else {
                t->agent = c.host.defaults;
                r = agent_take_name(&t->agent, HOST_AGENT, &t->arena);
                if (problems_any(&c.host_problems))
                        log_line(LOG_WARNING, "fte.conf has errors; see: ftectl lint fte");
        }
        t->environment = c.host.environment;
        config_close(&c);
        return r;
}

static const char *or_empty(const char *s) {
        return s ? s : "";
}

static int make_alert(Test *t) {
        Alert *a = &t->alert;
        char host[256] = "";
        int r;

        alert_init(a);
        (void) gethostname(host, sizeof(host) - 1);
        a->kind = ALERT_KIND_TEST;
        a->agent = t->agent.name;
        a->unit = arena_printf(&t->arena, "%s.service", t->agent.name);
        a->description = or_empty(t->agent.description);
        a->contact = or_empty(t->agent.contact);
        a->environment = or_empty(t->environment);
        a->smtp = or_empty(t->agent.alert_smtp);
        a->host = arena_strdup(&t->arena, host);
        a->time_usec = now_usec();
        r = alert_make_id(a);
        if (r >= 0)
                r = alert_targets(&t->agent, &t->arena, a);
        return r < 0 ? r : arena_failed(&t->arena) ? -ENOMEM : 0;
}

/* ---- the answers ---- */

/* Where the alert is now: it moves on between two looks, never back. */
static int find(Test *t, Spool *s) {
        static const SpoolBox order[] = { SPOOL_WAITING, SPOOL_DEAD, SPOOL_SENT };
        int r = -ENOENT;

        arena_reset(&t->of_seen);
        for (size_t i = 0; i < ARRAY_SIZE(order) && r == -ENOENT; i++) {
                t->seen.box = order[i];
                r = spool_read(s, order[i], t->file, &t->of_seen, &t->seen.alert);
        }
        return r < 0 ? r : t->seen.alert.n_targets <= ALERT_TARGETS_MAX ? 0 : -EBADMSG;
}

/* Whether something new is known of a target; only news that say something are shown. */
static bool is_news(Test *t, size_t i) {
        const AlertTarget *target = &t->seen.alert.targets[i];
        uint64_t hash = 0;
        bool news;

        for (const char *p = target->answer; *p; p++)
                hash = hash * 31 + (unsigned char) *p;
        news = target->state != t->shown[i].state || target->attempts != t->shown[i].attempts ||
               hash != t->shown[i].answer_hash;
        t->shown[i].state = target->state;
        t->shown[i].attempts = target->attempts;
        t->shown[i].answer_hash = hash;
        return news;
}

static void show_news(Test *t) {
        for (size_t i = 0; i < t->seen.alert.n_targets; i++) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                if (!is_news(t, i) || GIVEN(t->args, JSON))
                        continue;
                progress_clear();
                alert_show_target(&t->seen.alert.targets[i], &b);
                fputs(strbuf_text(&b), stdout);
                fflush(stdout);
        }
}

static size_t count_open(const Test *t) {
        size_t n = 0;

        for (size_t i = 0; i < t->seen.alert.n_targets; i++)
                n += t->seen.alert.targets[i].state == TARGET_WAITING;
        return n;
}

/* Until every channel has said yes or no, or the time is over. */
static int wait_for_answers(Test *t, Spool *s) {
        for (;;) {
                char text[112]; /* whatever the numbers are */
                uint64_t now = now_usec();
                size_t n;
                int r = find(t, s);

                if (r < 0)
                        return r;
                show_news(t);
                n = count_open(t);
                if (n == 0 || now >= t->until_usec) {
                        progress_clear();
                        return 0;
                }
                snprintf(text, sizeof(text), "    waiting for %zu of %zu, %llu s left", n,
                         t->seen.alert.n_targets,
                         (unsigned long long) ((t->until_usec - now) / USEC_PER_SEC));
                progress_show(text);
                usleep(POLL_USEC);
        }
}

/* ---- what to do ---- */

static void say_none(const Test *t) {
        const char *file = t->args->n_words > 0 ? t->agent.place.file : "/etc/fte/fte.conf";

        log_line(LOG_ERR,
                 "no channel is configured, so nobody is told of a failure; write one into [Alert] "
                 "of "
                 "%s, such as Email=you@example.com or Slack=/etc/fte/slack (see fte.conf(5))",
                 file);
}

/* True when all is well. */
static bool judge(const Test *t) {
        const Alert *a = &t->seen.alert;
        bool tried = false, dead = false, open = false;

        for (size_t i = 0; i < a->n_targets; i++) {
                tried = tried || !isempty(a->targets[i].answer) ||
                        a->targets[i].state != TARGET_WAITING;
                dead = dead || a->targets[i].state == TARGET_DEAD;
                open = open || a->targets[i].state == TARGET_WAITING;
        }
        if (!tried)
                log_line(LOG_ERR,
                         "nothing was tried: the delivery does not run; see: systemctl status "
                         "fte-alert-deliver.path fte-alert-deliver.service");
        else if (open)
                log_line(LOG_ERR,
                         "not all have answered yet; it is tried again and again, until: "
                         "ftectl alert drop %s",
                         a->id);
        if (dead)
                log_line(LOG_ERR,
                         "correct what the answers name, \"systemctl daemon-reload\" if you "
                         "changed [Alert], and test again; forget this one by: ftectl alert "
                         "drop %s",
                         a->id);
        return !dead && !open;
}

/*
 * CLOCK_REALTIME of the last daemon-reload, which wrote the list of credentials; 0: there is none.
 */
static uint64_t credentials_usec(void) {
        struct stat st;

        if (stat(OUTPUT_DIRECTORY "/" DELIVERY ".d/50-credentials.conf", &st) < 0)
                return 0;
        return timespec_usec(st.st_mtim);
}

/*
 * After a daemon-reload that made the first agent nobody may be watching the spool yet; and a
 * delivery that has run since before it has the credentials of then. Whatever fails here shows in
 * the answers.
 */
static void start_delivery(const Arguments *a) {
        _cleanup_free_ char *path = NULL;
        _cleanup_bus_ sd_bus *bus = NULL;
        uint64_t active_usec = 0;

        if (*a->root || bus_open(&bus) < 0)
                return;
        (void) sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH, BUS_SYSTEMD ".Manager",
                                  "StartUnit", NULL, NULL, "ss", "fte-alert-deliver.path",
                                  "replace");
        if (sd_bus_path_encode(BUS_MANAGER_PATH "/unit", DELIVERY, &path) < 0 ||
            sd_bus_get_property_trivial(bus, BUS_SYSTEMD, path, BUS_SYSTEMD ".Unit",
                                        "ActiveEnterTimestamp", NULL, 't', &active_usec) < 0)
                return;
        if (active_usec > 0 && active_usec < credentials_usec())
                (void) sd_bus_call_method(bus, BUS_SYSTEMD, BUS_MANAGER_PATH,
                                          BUS_SYSTEMD ".Manager", "TryRestartUnit", NULL, NULL,
                                          "ss", DELIVERY, "replace");
}

/* An exit status. */
static int send_and_wait(Test *t) {
        _cleanup_(spool_close) Spool s = SPOOL_CLOSED;
        int r;

        start_delivery(t->args);
        r = alert_spool_enter(t->args->root, &s);
        if (r == -ENOENT)
                log_line(LOG_ERR, SPOOL_DIRECTORY " does not exist; \"systemd-tmpfiles --create\" "
                                                  "makes it");
        if (r < 0)
                return EXIT_CANNOT;
        r = spool_add(&s, &t->alert, t->file);
        if (r < 0) {
                log_line(LOG_ERR, "the alert cannot be stored: %s", strerror(-r));
                return EXIT_CANNOT;
        }
        t->seen.name = t->file;
        t->until_usec = now_usec() + t->timeout_usec;
        if (!GIVEN(t->args, JSON)) {
                _cleanup_strbuf_ StrBuf name = { 0 };

                show_string(&name, t->agent.name);
                printf("Test alert %.8s to %zu channel%s of %s\n", t->alert.id, t->alert.n_targets,
                       t->alert.n_targets == 1 ? "" : "s", strbuf_text(&name));
        }
        fflush(stdout);
        r = wait_for_answers(t, &s);
        if (r < 0) {
                log_line(LOG_ERR, "the alert is gone from the spool: %s", strerror(-r));
                return EXIT_BAD;
        }
        if (GIVEN(t->args, JSON) && json_print(alert_to_json(&t->seen)) < 0)
                return EXIT_CANNOT;
        return judge(t) ? EXIT_GOOD : EXIT_BAD;
}

int command_alert_test(const Arguments *a) {
        Test t = { .args = a, .timeout_usec = TIMEOUT_USEC };
        int r;

        if (GIVEN(a, TIMEOUT) && (parse_usec(VALUE(a, TIMEOUT), &t.timeout_usec) < 0 ||
                                  t.timeout_usec > 86400 * USEC_PER_SEC)) {
                log_line(LOG_ERR, "--timeout: write a time such as 20s, at most a day");
                return EXIT_CANNOT;
        }
        r = read_agent(&t);
        if (r >= 0)
                r = make_alert(&t);
        if (r < 0)
                r = EXIT_CANNOT;
        else if (t.alert.n_targets == 0) {
                say_none(&t);
                r = EXIT_BAD;
        } else
                r = send_and_wait(&t);
        arena_done(&t.of_seen);
        arena_done(&t.arena);
        return r;
}
