/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-backup list: the backups of an agent, for people or as JSON.
 */

#include <jansson.h>
#include <stdio.h>

#include "base/log.h"

#include "room.h"
#include "source.h"
#include "verbs.h"

static void show_row(const char *name, const char *time, uint64_t bytes) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (bytes > 0)
                room_show(&b, bytes);
        printf("%-52s %-20s %8s\n", name, time, bytes > 0 ? strbuf_text(&b) : "-");
}

/* From the name: NAME-20261124T150351Z… to 2026-11-24T15:03:51Z. */
static void time_of_name(const Job *j, const char *name, char ret[static 24]) {
        const char *t = name + strlen(j->name) + 1;

        snprintf(ret, 24, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", t, t + 4, t + 6, t + 9, t + 11, t + 13);
}

static int list_local(const Job *j, json_t *json) {
        StoreList l = { 0 };
        Store store;
        int r = store_open(&store, j, false);

        if (r == 0)
                r = store_list(&store, &l);
        for (size_t i = 0; i < l.n; i++) {
                char time[24];

                time_of_name(j, l.entries[i].name, time);
                json_array_append_new(json, json_pack("{s:s, s:s, s:I, s:s+++}", "name",
                                                      l.entries[i].name, "time", time, "bytes",
                                                      (json_int_t) l.entries[i].bytes, "file",
                                                      strbuf_text(&store.path), "/",
                                                      l.entries[i].name, ""));
        }
        store_list_done(&l);
        store_close(&store);
        return r == -ENOENT ? 0 : r;
}

/* restic's 2026-11-24T15:03:51.123456789Z without the fraction. Others' snapshots may have an
 * offset to UTC there, which stays. */
static void cut_fraction(const char *time, char ret[static 32]) {
        const char *dot = strchr(time, '.');
        size_t n = dot ? (size_t) (dot - time) : strlen(time);
        const char *zone = dot ? dot + 1 + strspn(dot + 1, "0123456789") : "";

        snprintf(ret, 32, "%.*s%s", (int) MIN(n, (size_t) 25), time, zone);
}

static int list_restic(const Job *j, json_t *json) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        int r = restic_snapshots(j, &b);
        json_t *all = r == 0 ? json_loadb(strbuf_text(&b), b.len, 0, NULL) : NULL, *snapshot;
        size_t i;

        json_array_foreach(all, i, snapshot) {
                const char *id = json_string_value(json_object_get(snapshot, "short_id"));
                const char *time = json_string_value(json_object_get(snapshot, "time"));
                char cut[32];

                if (!id || !time)
                        continue;
                cut_fraction(time, cut);
                json_array_append_new(
                        json, json_pack("{s:s, s:s, s:n}", "name", id, "time", cut, "bytes"));
        }
        json_decref(all);
        return r;
}

static void show(const Job *j, const json_t *json) {
        const json_t *row;
        size_t i;

        if (json_array_size(json) == 0)
                printf("There is no backup of %s. Make one: ftectl backup %s\n", j->name, j->name);
        else
                printf("%-52s %-20s %8s\n", "NAME", "TIME", "SIZE");
        json_array_foreach(json, i, row)
                show_row(json_string_value(json_object_get(row, "name")),
                         json_string_value(json_object_get(row, "time")),
                         (uint64_t) json_integer_value(json_object_get(row, "bytes")));
}

int verb_list(const Arguments *a) {
        json_t *json = json_array();
        Job job;
        int r;

        r = job_open(&job, a->root, a->name);
        if (r == 0 && !job_is_known(&job)) {
                json_decref(json);
                job_close(&job);
                return EXIT_USAGE;
        }
        if (r == 0)
                r = job.restic ? list_restic(&job, json) : list_local(&job, json);
        if (r == 0 && a->json) {
                json_t *all = json_pack("{s:s, s:O}", "agent", job.name, "backups", json);

                if (json_dumpf(all, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) < 0 ||
                    putchar('\n') < 0)
                        r = -EIO;
                json_decref(all);
        } else if (r == 0)
                show(&job, json);
        json_decref(json);
        job_close(&job);
        return r < 0 || fflush(stdout) != 0 ? EXIT_BAD : EXIT_GOOD;
}
