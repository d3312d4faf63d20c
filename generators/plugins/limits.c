/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * [Limits]: what the agent may take of the host, as settings of its cgroup.
 */

#include "config/directive.h"
#include "plugins/plugin.h"

/* What was not understood: in this section, in one whose name is misspelt, or the whole file. */
static bool any_could_be_ours(const Problems *problems) {
        const char *section = section_to_string(SECTION_LIMITS);

        for (const Problem *p = problems->first; p; p = p->next)
                if (!p->section || streq(p->section, section))
                        return true;
        return false;
}

/*
 * A stub is loaded over an agent that may be running with another limit than the default: where
 * the line that says so could not be read, the default would kill it, for a typing error.
 */
static bool memory_is_unknown(const Render *r) {
        bool is_set = AGENT_PLACE(r->agent, memory_bytes).file != NULL;

        for (const Problem *p = r->problems->first; p; p = p->next)
                if (p->key && streq(p->key, "Memory"))
                        return true;
        return !is_set && (any_could_be_ours(r->problems) || any_could_be_ours(r->host_problems));
}

static void add_memory(const Render *r, StrBuf *b) {
        uint64_t bytes = r->agent->memory_bytes;

        if (render_is_stub(r) && memory_is_unknown(r)) {
                strbuf_add(b, "# Memory= may be among what could not be read.\n");
                bytes = BYTES_INFINITY;
        }
        unit_add_bytes(b, "MemoryMax=", bytes);
        /* With swap an agent over its limit would crawl instead of being killed and restarted. */
        if (bytes != BYTES_INFINITY)
                strbuf_add(b, "MemorySwapMax=0\n");
}

static void limits_render(const Render *r) {
        const Agent *a = r->agent;
        StrBuf *b = &r->unit->service;

        unit_comment(b, a, SECTION_LIMITS);
        add_memory(r, b);
        if (a->cpu_percent > 0) {
                strbuf_add(b, "CPUQuota=");
                strbuf_add_uint(b, a->cpu_percent);
                strbuf_add(b, "%\n");
        }
        if (a->tasks > 0)
                unit_add_uint(b, "TasksMax=", a->tasks);
        if (a->open_files > 0)
                unit_add_uint(b, "LimitNOFILE=", a->open_files);
        if (a->io_weight > 0)
                unit_add_uint(b, "IOWeight=", a->io_weight);
}

const Plugin plugin_limits = {
        .name = "limits",
        .render = limits_render,
        .in_stub = true,
};
