/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any bytes as an agent's file, through the reader, the tables, every parser and validation.
 * Besides what the sanitizers see: no value may hold a newline or control byte but what escapes
 * in a command made, and no message may be longer than its line.
 */

#include <stdio.h>

#include "config/instance.h"
#include "config/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_problems(const Problems *problems) {
        for (const Problem *p = problems->first; p; p = p->next) {
                _cleanup_strbuf_ StrBuf b = { 0 };

                problem_format(p, &b);
                if (strchr(strbuf_text(&b), '\n'))
                        abort();
        }
}

static void check_value(const char *value) {
        if (value && strpbrk(value, "\n\r\x1b"))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char *const names[] = { "fuzz", "fuzz@", "fuzz@a-b" };
        Arena arena = { 0 };
        Problems problems = { .arena = &arena };
        Facts facts = { 0 };
        Host host;
        Agent agent;

        if (size > INI_FILE_BYTES_MAX)
                return 0;
        host_init(&host);
        if (size > 0 && data[0] & 1)
                (void) directive_read(&(DirectiveTarget){ NULL, &host, "/etc/fte/fte.conf" },
                                      (const char *) data, size, &problems);
        agent = host.defaults;
        agent.pass_through = NULL;
        agent.pass_through_tail = NULL;
        if (agent_take_name(&agent, names[size % ARRAY_SIZE(names)], &arena) < 0)
                return 0;
        agent.place = (Place){ "/etc/fte/fuzz.conf", 0 };
        if (directive_read(&(DirectiveTarget){ &agent, NULL, agent.place.file },
                           (const char *) data, size, &problems) == 0)
                agent_validate(&agent, &facts, &problems);
        check_problems(&problems);
        check_value(agent.description);
        check_value(agent.user);
        check_value(agent.health_url);
        for (const PassThrough *p = agent.pass_through; p; p = p->next)
                check_value(p->value);
        arena_done(&arena);
        return 0;
}
