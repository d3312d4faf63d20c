/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The small shapes of Markdown, and what several documents say of an agent (document.h).
 */

#include <stdarg.h>

#include "base/escape.h"
#include "base/format.h"
#include "base/show.h"
#include "config/alert-channel.h"

#include "document.h"
#include "ftectl/lint/line.h"

/* ---- Markdown ---- */

const char *doc_literal(Document *d, const char *text) {
        _cleanup_strbuf_ StrBuf shown = { 0 };
        StrBuf b = { 0 };

        show_string(&shown, text);
        for (const char *p = strbuf_text(&shown); *p; p++) {
                if (strchr("\\`*_[]<>#|~&", *p))
                        strbuf_addc(&b, '\\');
                strbuf_addc(&b, *p);
        }
        return doc_take(d, &b);
}

const char *doc_code(Document *d, const char *text) {
        bool has_tick = strchr(text, '`') != NULL;
        _cleanup_strbuf_ StrBuf shown = { 0 };
        StrBuf b = { 0 };

        show_string(&shown, text);
        strbuf_add(&b, has_tick ? "`` " : "`");
        for (const char *p = strbuf_text(&shown); *p; p++) {
                if (*p == '|') /* of tables, also within code (GFM) */
                        strbuf_addc(&b, '\\');
                strbuf_addc(&b, *p);
        }
        strbuf_add(&b, has_tick ? " ``" : "`");
        return doc_take(d, &b);
}

const char *doc_words(Document *d, char *const *list, const char *instead) {
        StrBuf b = { 0 };

        for (size_t i = 0; list && list[i]; i++)
                strbuf_addf(&b, "%s%s", i > 0 ? ", " : "", doc_code(d, list[i]));
        if (b.len == 0)
                strbuf_add(&b, instead);
        return doc_take(d, &b);
}

const char *doc_usec(Document *d, uint64_t usec) {
        StrBuf b = { 0 };

        format_usec(&b, usec);
        return doc_take(d, &b);
}

const char *doc_bytes(Document *d, uint64_t bytes) {
        StrBuf b = { 0 };

        format_bytes(&b, bytes);
        return doc_take(d, &b);
}

static unsigned add_cells(Document *d, va_list ap) {
        unsigned n = 0;

        for (const char *cell; (cell = va_arg(ap, const char *)); n++)
                strbuf_addf(&d->out, "| %s ", cell);
        strbuf_add(&d->out, "|\n");
        return n;
}

void doc_row(Document *d, ...) {
        va_list ap;

        va_start(ap, d);
        add_cells(d, ap);
        va_end(ap);
}

void doc_table(Document *d, ...) {
        unsigned n;
        va_list ap;

        va_start(ap, d);
        n = add_cells(d, ap);
        va_end(ap);
        for (; n > 0; n--)
                strbuf_add(&d->out, "|---");
        strbuf_add(&d->out, "|\n");
}

/* ---- of the agent ---- */

bool doc_has_env(const Document *d) {
        return agent_has_env_file(&d->agent);
}

bool doc_has_log(const Document *d) {
        return !streq_ptr(d->agent.log_file, "none");
}

bool doc_is_probed(const Document *d) {
        return d->agent.health_url != NULL;
}

static bool is_socket(const Document *d) {
        return startswith(d->agent.health_url, "unix:") != NULL;
}

bool doc_is_probed_at_port(const Document *d) {
        return doc_is_probed(d) && !is_socket(d);
}

bool doc_is_probed_at_socket(const Document *d) {
        return doc_is_probed(d) && is_socket(d);
}

bool doc_has_domain(const Document *d) {
        return d->agent.proxy_domain != NULL;
}

bool doc_has_channel(const Document *d) {
        for (size_t i = 0; i < n_alert_channels; i++)
                if (alert_channel_is_set(&alert_channels[i], &d->agent))
                        return true;
        return false;
}

const char *doc_channels(Document *d) {
        StrBuf b = { 0 };

        for (size_t i = 0; i < n_alert_channels; i++) {
                const AlertChannel *c = &alert_channels[i];
                const char *path = alert_channel_path(c, &d->agent);

                if (!alert_channel_is_set(c, &d->agent))
                        continue;
                strbuf_addf(&b, "%s%s", b.len > 0 ? "; " : "", c->name);
                if (path)
                        strbuf_addf(&b, " (its secret is in %s)", doc_code(d, path));
                else if (c->argument == CHANNEL_LIST)
                        strbuf_addf(&b, " to %s",
                                    doc_words(d, alert_channel_words(c, &d->agent), "nobody"));
                else
                        strbuf_addf(&b, " %s", doc_code(d, alert_channel_words(c, &d->agent)[0]));
        }
        if (b.len == 0)
                strbuf_add(&b, "none: nobody is told");
        return doc_take(d, &b);
}

/* As lint shows a line: without what looks like a secret. line begins with "Key=". */
static const char *hide(Document *d, const char *line) {
        _cleanup_strbuf_ StrBuf shown = { 0 };

        line_show(line, HIDE_WORDS, &shown);
        return doc_code(d, strbuf_text(&shown) + strcspn(line, "=") + 1);
}

const char *doc_value(Document *d, const char *key, const char *value) {
        return *value ? hide(d, doc_printf(d, "%s=%s", key, value)) : "–";
}

const char *doc_open_ports(Document *d) {
        if (!d->config.host.defaults.section_places[SECTION_FIREWALL].file)
                return "not managed: there is no [Firewall] in fte.conf";
        return doc_words(d, d->config.host.firewall_allow, "nothing");
}

const char *doc_command(Document *d) {
        StrBuf line = { 0 };

        strbuf_add(&line, "Exec=");
        for (size_t i = 0; d->agent.exec && d->agent.exec[i]; i++) {
                strbuf_add(&line, i > 0 ? " " : "");
                escape_word(&line, d->agent.exec[i], 0);
        }
        return hide(d, doc_take(d, &line));
}

const char *doc_backup_target(Document *d) {
        return hide(d, doc_printf(d, "Target=%s", d->agent.backup_target));
}
