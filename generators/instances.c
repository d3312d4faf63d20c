/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Instances beside their template (instances.h). Adds to the plan and looks at it; reads no file.
 */

#include "instances.h"

static bool group_has(const Plan *p, const char *path) {
        for (size_t i = p->n; i-- > 0 && p->entries[i].group == p->group;)
                if (streq(p->entries[i].path, path))
                        return true;
        return false;
}

void instance_mask_dropins(const Render *r, const TemplateFiles *files) {
        Plan *p = r->plan;

        for (size_t i = files->first; i < files->end; i++) {
                const char *dropin = strchr(p->entries[i].path, '@'), *path;

                /* "NAME@.service.d/…", of this instance's template */
                if (p->entries[i].rank != PLAN_DROPIN || !dropin)
                        continue;
                path = plan_path(p, r->agent->name, "", dropin + 1);
                if (path && !group_has(p, path))
                        plan_add_link(p, PLAN_DROPIN, path, "/dev/null");
        }
}

const char *instance_with_directories_of(const char *template, const char *agent) {
        size_t n = strlen(template) - 1;

        return strncmp(template, agent, n) == 0 && agent[n] == '-' && agent[n + 1] &&
                               !strchr(agent, '@')
                       ? agent + n + 1
                       : NULL;
}
