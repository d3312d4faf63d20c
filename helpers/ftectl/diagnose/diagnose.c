/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ftectl diagnose: why an agent is not well. Collects what there is to be seen, once, and lets the
 * rules judge it. Changes nothing.
 */

#include "base/log.h"

#include "diagnose.h"

static void done(Diagnosis **d) {
        if (*d)
                diagnoses_done(*d, n_causes);
        free(*d);
}

static int judge(const Arguments *a, const Evidence *e) {
        _cleanup_(done) Diagnosis *list = calloc(n_causes, sizeof(Diagnosis));
        int n = list ? rules_apply(e, list) : -ENOMEM, r = 0;

        if (n < 0) {
                log_line(LOG_ERR, "out of memory");
                return EXIT_CANNOT;
        }
        if (GIVEN(a, JSON))
                r = json_print(diagnose_to_json(e, list, (size_t) n));
        else
                diagnose_show(e, list, (size_t) n);
        if (r < 0)
                return EXIT_CANNOT;
        return n > 0 || (!evidence_is_well(e) && e->unit.known) ? EXIT_BAD : EXIT_GOOD;
}

int command_diagnose(const Arguments *a) {
        _cleanup_arena_ Arena arena = { 0 };
        Evidence *e = arena_new(&arena, Evidence); /* large */
        int r;

        if (!e) {
                log_line(LOG_ERR, "out of memory");
                return EXIT_CANNOT;
        }
        e->arena = &arena;
        r = evidence_collect(e, a) < 0 ? EXIT_CANNOT : judge(a, e);
        evidence_done(e);
        return r;
}
