/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * E-mail: by the server of SMTP=, or by the host's own sendmail when there is none. The message
 * itself is made in message.c.
 */

#include "channel.h"
#include "message.h"

#define SENDMAIL "/usr/sbin/sendmail"

/* The file of SMTPLogin= has USER PASSWORD [SENDER]. */
static const char *sender(const ChannelInput *in) {
        const Secret *login = in->extra;
        const char *own;

        if (login->n_words > 2)
                return login->words[2];
        if (login->n_words > 0 && strchr(login->words[0], '@'))
                return login->words[0]; /* most servers let one send as oneself only */
        own = arena_printf(in->arena, "fte-alert@%s", in->alert->host);
        return own && !mail_address_is_valid(own) ? "fte-alert@localhost" : own;
}

static char **sendmail_words(const ChannelInput *in) {
        static const char *const words[] = { SENDMAIL, "-i", "-t", NULL };
        char **argv = arena_new_n(in->arena, char *, ARRAY_SIZE(words));

        if (argv)
                memcpy(argv, words, sizeof(words));
        return argv;
}

static char **sendmail_environment(const ChannelInput *in) {
        char **envp = arena_new_n(in->arena, char *, 2);

        if (envp)
                envp[0] = arena_strdup(in->arena, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
        return envp;
}

int channel_email(const ChannelInput *in, Outgoing *ret) {
        const char *recipient = in->target->argument, *smtp = in->alert->smtp;
        Outgoing o = { .recipient = recipient, .sender = sender(in) };
        bool by_smtp = *smtp;

        if (!o.sender)
                return -ENOMEM;
        if (!mail_address_is_valid(recipient) || !mail_address_is_valid(o.sender))
                return -EINVAL;
        if (by_smtp) {
                o.kind = OUTGOING_SMTP;
                o.url = smtp;
                if (in->extra->n_words > 1) {
                        o.user = in->extra->words[0];
                        o.password = in->extra->words[1];
                }
        } else {
                o.kind = OUTGOING_PROCESS;
                o.argv = sendmail_words(in);
                o.envp = sendmail_environment(in);
                o.shows_output = true;
        }
        message_make(in, o.sender, by_smtp ? "\r\n" : "\n", &o.body);
        if (strbuf_check(&o.body) < 0 || arena_failed(in->arena)) {
                strbuf_done(&o.body);
                return -ENOMEM;
        }
        *ret = o;
        return 0;
}
