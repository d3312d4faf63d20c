/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Command=: a program of the administrator's, run without a shell. It reads the JSON document from
 * standard input and finds the most important members in its environment, which holds nothing else
 * of ours.
 */

#include "base/parse.h"
#include "channel.h"

#define VARIABLES_MAX 16

static char **environment(const ChannelInput *in) {
        const Alert *a = in->alert;
        const struct {
                const char *name, *value;
        } variables[] = {
                { "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
                { "LANG", "C.UTF-8" },
                { "FTE_ALERT_ID", a->id },
                { "FTE_ALERT_KIND", alert_kind_to_string(a->kind) },
                { "FTE_ALERT_AGENT", a->agent },
                { "FTE_ALERT_UNIT", a->unit },
                { "FTE_ALERT_HOST", a->host },
                { "FTE_ALERT_ENVIRONMENT", a->environment },
                { "FTE_ALERT_TIME", in->summary->time },
                { "FTE_ALERT_HEADLINE", in->summary->headline },
                { "FTE_ALERT_RESULT", a->result },
                { "FTE_ALERT_EXIT_CODE", a->code },
                { "FTE_ALERT_EXIT_STATUS", a->status },
        };
        char **envp = arena_new_n(in->arena, char *, VARIABLES_MAX + 1);

        for (size_t i = 0; envp && i < ARRAY_SIZE(variables); i++) {
                envp[i] = arena_printf(in->arena, "%s=%s", variables[i].name, variables[i].value);
                if (!envp[i])
                        return NULL;
        }
        return envp;
}

int channel_command(const ChannelInput *in, Outgoing *ret) {
        Outgoing o = { 0 };
        char **argv, **envp;
        int r = parse_words(in->arena, in->target->argument, PARSE_WORDS_QUOTED, &argv);

        if (r < 0)
                return r;
        if (!argv[0])
                return -EINVAL;
        envp = environment(in);
        r = outgoing_json(in, "", channel_document(in), &o);
        if (r < 0)
                return r;
        if (!envp) {
                strbuf_done(&o.body);
                return -ENOMEM;
        }
        *ret = (Outgoing){
                .kind = OUTGOING_PROCESS,
                .argv = argv,
                .envp = envp,
                .body = o.body,
        };
        return 0;
}
