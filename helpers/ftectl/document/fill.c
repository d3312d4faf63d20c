/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The words in braces of a document's text, and its blocks of commands (document.h).
 */

#include <arpa/inet.h>

#include "base/escape.h"
#include "base/health-url.h"

#include "document.h"

/* ---- what the words stand for ---- */

static const char *word_name(Document *d) {
        return d->agent.name;
}

static const char *word_user(Document *d) {
        return agent_user(&d->agent);
}

static const char *word_group(Document *d) {
        return agent_group(&d->agent);
}

static const char *word_conf(Document *d) {
        return d->agent.place.file;
}

static const char *word_env(Document *d) {
        return d->agent.env_file;
}

static const char *word_data(Document *d) {
        return doc_printf(d, "/var/lib/%s", d->agent.directory);
}

static const char *word_log(Document *d) {
        return d->agent.log_file ? d->agent.log_file
                                 : doc_printf(d, "/var/log/%s/app.log", d->agent.directory);
}

static const char *word_log_dir(Document *d) {
        const char *log =
                doc_has_log(d) ? word_log(d) : doc_printf(d, "/var/log/%s/x", d->agent.directory);

        return log ? doc_printf(d, "%.*s", (int) (strrchr(log, '/') - log), log) : NULL;
}

/* The full files beside the log, for find: those of another program may lie there, too. */
static const char *word_log_old(Document *d) {
        const char *log = doc_has_log(d) ? word_log(d) : NULL;

        return log ? doc_printf(d, "%s.*", strrchr(log, '/') + 1) : NULL;
}

static const char *word_directory(Document *d) {
        return d->agent.working_directory ? d->agent.working_directory : word_data(d);
}

static const char *word_url(Document *d) {
        return d->agent.health_url ? d->agent.health_url : "none";
}

static const char *word_port(Document *d) {
        HealthUrl u;

        if (!d->agent.health_url || health_url_parse(d->agent.health_url, &u, NULL) < 0 ||
            u.scheme == HEALTH_UNIX)
                return "none";
        return doc_printf(d, "%u",
                          ntohs(u.address.sa.sa_family == AF_INET6 ? u.address.in6.sin6_port
                                                                   : u.address.in.sin_port));
}

static const char *word_operators(Document *d) {
        return d->agent.operators_group;
}

static const char *word_domain(Document *d) {
        return d->agent.proxy_domain ? d->agent.proxy_domain : "none";
}

static const char *word_key(Document *d) {
        return d->agent.env_required && d->agent.env_required[0] ? d->agent.env_required[0] : "KEY";
}

static const char *word_memory(Document *d) {
        return doc_bytes(d, d->agent.memory_bytes);
}

static const char *word_start_timeout(Document *d) {
        return doc_usec(d, d->agent.start_timeout_usec);
}

static const char *word_stop_timeout(Document *d) {
        return doc_usec(d, d->agent.stop_timeout_usec);
}

static const char *word_delay(Document *d) {
        return doc_usec(d, d->agent.restart_delay_usec);
}

static const char *word_burst(Document *d) {
        return doc_printf(d, "%llu", (unsigned long long) d->agent.restart_burst);
}

static const char *word_window(Document *d) {
        return doc_usec(d, agent_window_usec(&d->agent));
}

static const char *word_log_size(Document *d) {
        return doc_bytes(d, d->agent.log_max_bytes);
}

static const char *word_log_keep(Document *d) {
        return doc_printf(d, "%llu", (unsigned long long) d->agent.log_keep);
}

static const char *word_log_most(Document *d) {
        return doc_bytes(d, d->agent.log_max_bytes * (d->agent.log_keep + 1));
}

static const char *word_profile(Document *d) {
        return profile_to_string(d->agent.profile);
}

/* ---- sentences, which no shell sees ---- */

static const char *text_comes_back(Document *d) {
        const char *told = !doc_has_channel(d) ? "no alert is sent (no channel is set)"
                           : d->agent.alert_on & ALERT_FAILURE
                                   ? "an alert is sent"
                                   : "no alert is sent (see On= in [Alert])";

        if (d->agent.restart_when == RESTART_NO)
                return doc_printf(d, "it stays down (When=no in [Restart]), and %s", told);
        return doc_printf(
                d, "%s, and %s",
                doc_fill(d, "it is started again after {delay}; after {burst} failed starts within "
                            "{window} systemd gives up"),
                told);
}

/* ---- commands whose form depends on the agent ---- */

static const char *address_text(const HealthUrl *u, char host[INET6_ADDRSTRLEN]) {
        bool six = u->address.sa.sa_family == AF_INET6;
        const void *address =
                six ? (const void *) &u->address.in6.sin6_addr : &u->address.in.sin_addr;

        return inet_ntop(u->address.sa.sa_family, address, host, INET6_ADDRSTRLEN);
}

/* curl -f takes a status for an error that the agent may be meant to have: it is shown instead. */
static const char *command_probe(Document *d) {
        static const char curl[] = "curl -sS -o /dev/null -w '%{http_code}\\n' --max-time 5";
        char host[INET6_ADDRSTRLEN];
        HealthUrl u;

        if (!d->agent.health_url || health_url_parse(d->agent.health_url, &u, NULL) < 0)
                return "true";
        if (u.scheme == HEALTH_UNIX)
                return doc_printf(d, "%s --unix-socket %s %s", curl,
                                  doc_shell(d, u.address.un.sun_path),
                                  doc_shell(d, doc_printf(d, "http://localhost%s", u.path)));
        if (u.scheme == HEALTH_HTTP)
                return doc_printf(d, "%s %s", curl, doc_shell(d, d->agent.health_url));
        return doc_printf(d, "timeout 5 bash -c ': </dev/tcp/%s/%s'", address_text(&u, host),
                          word_port(d));
}

static const char *text_over_memory(Document *d) {
        if (d->agent.memory_bytes == BYTES_INFINITY)
                return "nothing limits it (Memory=infinity in [Limits]), and the kernel kills what "
                       "it chooses";
        return doc_fill(d, "above {memory} the kernel kills it and touches no other service");
}

static const struct {
        const char *word;
        const char *(*get)(Document *d);
        bool is_text;
} words[] = {
        { "comes-back", text_comes_back, true },
        { "over-memory", text_over_memory, true },
        { "probe", command_probe, true },
        { "name", word_name },
        { "user", word_user },
        { "group", word_group },
        { "conf", word_conf },
        { "env", word_env },
        { "data", word_data },
        { "log", word_log },
        { "log-dir", word_log_dir },
        { "log-old", word_log_old },
        { "directory", word_directory },
        { "url", word_url },
        { "port", word_port },
        { "operators", word_operators },
        { "domain", word_domain },
        { "key", word_key },
        { "memory", word_memory },
        { "start-timeout", word_start_timeout },
        { "stop-timeout", word_stop_timeout },
        { "delay", word_delay },
        { "burst", word_burst },
        { "window", word_window },
        { "log-size", word_log_size },
        { "log-keep", word_log_keep },
        { "log-most", word_log_most },
        { "profile", word_profile },
};

/* False: there is no such word. */
static bool add_word(Document *d, const char *s, size_t n, StrBuf *b) {
        for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
                const char *value;

                if (strlen(words[i].word) != n || strncmp(words[i].word, s, n) != 0)
                        continue;
                value = words[i].get(d);
                if (value && words[i].is_text)
                        strbuf_add(b, value);
                else if (value)
                        escape_shell_word(b, value);
                return true;
        }
        return false;
}

static void fill(Document *d, const char *template, StrBuf *b) {
        while (*template) {
                size_t n = strcspn(template, "{"), end;

                strbuf_add_bytes(b, template, n);
                template += n;
                if (!*template)
                        return;
                end = strcspn(template, "}");
                if (template[end] && add_word(d, template + 1, end - 1, b))
                        template += end + 1;
                else
                        strbuf_addc(b, *template ++);
        }
}

void doc_add(Document *d, const char *template) {
        fill(d, template, &d->out);
}

const char *doc_take(Document *d, StrBuf *b) {
        const char *text = strbuf_check(b) < 0 ? NULL : arena_strdup(&d->arena, strbuf_text(b));

        strbuf_done(b);
        return text ? text : "";
}

const char *doc_fill(Document *d, const char *template) {
        StrBuf b = { 0 };

        fill(d, template, &b);
        return doc_take(d, &b);
}

const char *doc_shell(Document *d, const char *word) {
        StrBuf b = { 0 };

        escape_shell_word(&b, word);
        return doc_take(d, &b);
}

/* ---- commands ---- */

void doc_commands(Document *d, const char *lines) {
        strbuf_add(&d->out, "\n```sh\n");
        doc_add(d, lines);
        if (!endswith(lines, "\n"))
                strbuf_addc(&d->out, '\n');
        strbuf_add(&d->out, "```\n");
}
