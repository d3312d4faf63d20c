/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * attempt.h. Every problem that a person has to solve is put into words here, naming the file that
 * holds the secret and never the secret.
 */

#include <time.h>

#include "attempt.h"
#include "base/scope.h"

#define AND_THEN "then: systemctl%s restart fte-alert-deliver" /* SCOPE_SWITCH */

static void explain_secret(int error, const char *path, const char *wanted, Outcome *o) {
        switch (error) {
        case -ENOENT:
                outcome_set(o, OUTCOME_CONFIG,
                            "%s is missing or empty; write %s into it (mode 0600), " AND_THEN, path,
                            wanted, SCOPE_SWITCH);
                break;
        case -ENXIO:
                outcome_set(o, OUTCOME_CONFIG, "not started by systemd: there are no credentials");
                break;
        case -EINVAL:
        case -EFBIG:
                outcome_set(o, OUTCOME_CONFIG, "%s must hold one line: %s; correct it, " AND_THEN,
                            path, wanted, SCOPE_SWITCH);
                break;
        default:
                outcome_set(o, OUTCOME_CONFIG, "%s: its credential cannot be read: %s", path,
                            strerror(-error));
        }
}

typedef struct SecretWish {
        const char *path, *wanted;
        size_t words_min, words_max;
} SecretWish;

/* 1 when there it is, or none is wanted; 0 with *o set. */
static int load_secret(const SecretWish *wish, Secret *secret, Outcome *o) {
        int r;

        if (isempty(wish->path))
                return 1;
        r = secret_read(wish->path, secret);
        if (r == 0 && (secret->n_words < wish->words_min || secret->n_words > wish->words_max))
                r = -EINVAL;
        if (r == 0)
                return 1;
        explain_secret(r, wish->path, wish->wanted, o);
        return 0;
}

static int load_secrets(Attempt *a, const AlertTarget *t, Outcome *o) {
        const Channel *c = a->item->destination->channel;
        int r;

        if (isempty(t->path) == (c->words_max > 0)) {
                outcome_set(o, OUTCOME_DEAD, "the alert names %s file for %s=",
                            c->words_max > 0 ? "no secret" : "a needless", c->key);
                return 0;
        }
        r = load_secret(&(SecretWish){ t->path, c->wanted, c->words_min, c->words_max },
                        &a->secret, o);
        /* sendmail needs no login. */
        if (r <= 0 || c->extra_max == 0 || (streq(c->name, "email") && !*a->alert.smtp))
                return r;
        return load_secret(
                &(SecretWish){ t->extra_path, c->extra_wanted, c->extra_min, c->extra_max },
                &a->extra, o);
}

/* Whether the channel made something that may be sent; else *o. */
static bool check_outgoing(int r, const Attempt *a, const AlertTarget *t, Outcome *o) {
        const Channel *c = a->item->destination->channel;

        if (r == 0 && (a->outgoing.kind == OUTGOING_PROCESS ||
                       http_check_url(a->outgoing.url) == 0))
                return true;
        if (isempty(t->path))
                outcome_set(o, OUTCOME_DEAD, "%s= cannot be used as it is in this alert",
                            r == 0 ? "SMTP" : c->key);
        else if (r == 0)
                outcome_set(o, OUTCOME_CONFIG,
                            "%s must hold an https:// URL; correct it, " AND_THEN, t->path,
                            SCOPE_SWITCH);
        else
                explain_secret(r, t->path, c->wanted, o);
        return false;
}

static int make_outgoing(Attempt *a, Outcome *o) {
        const Channel *c = a->item->destination->channel;
        const AlertTarget *t = &a->alert.targets[a->item->target];
        Summary summary;
        ChannelInput in = {
                .alert = &a->alert,
                .summary = &summary,
                .target = t,
                .secret = &a->secret,
                .extra = &a->extra,
                .arena = &a->arena,
                .now_usec = clock_usec(CLOCK_REALTIME),
        };
        int r;

        r = load_secrets(a, t, o);
        if (r <= 0)
                return r;
        r = alert_clean(&a->alert, &a->arena);
        if (r == 0)
                r = summary_make(&a->alert, &a->arena, &summary);
        if (r == 0)
                r = c->format(&in, &a->outgoing);
        if (r == -ENOMEM)
                return r;
        return check_outgoing(r, a, t, o);
}

static int start_process(Attempt *a, Outcome *o) {
        int r = process_start(&a->process, &a->outgoing, clock_usec(CLOCK_BOOTTIME));

        if (r == 0)
                return 1;
        if (r == -ENOMEM)
                return r;
        outcome_set(o, OUTCOME_RETRY, "%s cannot be run: %s", a->outgoing.argv[0], strerror(-r));
        return 0;
}

static int start_transfer(Attempt *a, const Sender *sender, Outcome *o) {
        HttpOptions options = sender->http;
        int r;

        options.alert_id = a->alert.id;
        r = transfer_start(&a->transfer, sender->multi, &a->outgoing, &options);
        if (r == 0)
                return 1;
        if (r == -ENOMEM)
                return r;
        outcome_set(o, OUTCOME_RETRY, "libcurl cannot send it");
        return 0;
}

int attempt_start(Attempt *a, Queue *q, const Sender *sender, Item *item, Outcome *ret) {
        int r = spool_claim(q->spool, item->entry->name, &a->arena, &a->alert);

        if (r < 0)
                return r;
        if (!item_matches(item, &a->alert))
                return -ESTALE;
        queue_take(item);
        a->item = item;
        r = make_outgoing(a, ret);
        if (r > 0)
                r = a->outgoing.kind == OUTGOING_PROCESS ? start_process(a, ret)
                                                         : start_transfer(a, sender, ret);
        if (r >= 0)
                return r;
        /* No reason to give up the others. */
        outcome_set(ret, OUTCOME_RETRY, "cannot be made ready: %s", strerror(-r));
        return 0;
}

void attempt_judge_transfer(Attempt *a, CURLcode code, Outcome *ret) {
        StrBuf *reply = &a->transfer.reply;

        if (secret_is_in(&a->secret, strbuf_text(reply), reply->len) ||
            secret_is_in(&a->extra, strbuf_text(reply), reply->len))
                strbuf_reset(reply);
        transfer_judge(&a->transfer, code, ret);
}

void attempt_judge_process(Attempt *a, Outcome *ret) {
        process_finish(&a->process, ret);
}

void attempt_end(Attempt *a, const Sender *sender) {
        transfer_end(&a->transfer, sender->multi);
        process_end(&a->process);
        if (a->outgoing.body.text) /* the body of PagerDuty has the key */
                explicit_bzero(a->outgoing.body.text, a->outgoing.body.len);
        strbuf_done(&a->outgoing.body);
        secret_done(&a->secret);
        secret_done(&a->extra);
        arena_reset(&a->arena);
        if (a->item)
                queue_release(a->item);
        a->item = NULL;
        a->outgoing = (Outgoing){ 0 };
}
