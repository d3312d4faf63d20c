/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What no single key of an old unit can show: a value that the configuration as a whole refuses,
 * such as a log file directly in /var/log. It is taken back and listed with the reason, so that
 * what is written is good as far as the unit was.
 */

#include "config/instance.h"
#include "init.h"

/* "[Logging] File" of the notes; Exec= stays, there is nothing else to start from. */
static bool take_back(Init *in, const Problem *p) {
        SectionId section =
                p->section && p->key ? section_from_string(p->section) : _SECTION_INVALID;
        const char *to;

        if (section == _SECTION_INVALID || streq(p->key, "Exec"))
                return false;
        to = arena_printf(&in->arena, "[%s] %s", p->section, p->key);
        for (ImportNote *n = in->import.first; n && to; n = n->next) {
                if (n->fate != IMPORT_CARRIED || !streq_ptr(n->to, to))
                        continue;
                n->fate = IMPORT_REFUSED;
                n->to = NULL;
                n->text =
                        arena_printf(&in->arena, "%s= in [%s]: %s", p->key, p->section, p->message);
                in->import.n[IMPORT_CARRIED]--;
                in->import.n[IMPORT_REFUSED]++;
                draft_drop(&in->draft, section, p->key);
                return true;
        }
        return false;
}

/* Each round takes something back, or is the last. */
int init_take_back(Init *in) {
        bool any = true;

        while (any) {
                Problems problems = { .arena = &in->arena };
                _cleanup_strbuf_ StrBuf text = { 0 };
                Agent agent = *agent_built_in();
                int r;

                any = false;
                r = agent_take_name(&agent, in->name, &in->arena);
                if (r < 0)
                        return r;
                draft_render(&in->draft, &text);
                r = strbuf_check(&text);
                if (r == 0)
                        r = directive_read(&(DirectiveTarget){ &agent, NULL, in->name },
                                           strbuf_text(&text), text.len, &problems);
                if (r < 0)
                        return r;
                agent_validate(&agent, &in->facts, &problems);
                for (const Problem *p = problems.first; p; p = p->next)
                        any = take_back(in, p) || any;
        }
        return arena_failed(&in->arena) ? -ENOMEM : 0;
}
