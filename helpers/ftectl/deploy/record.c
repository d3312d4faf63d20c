/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is known of releases: a small JSON file each. A record that is damaged or missing makes a
 * release one of which nothing is known, never one that is lost.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#include "base/fsat.h"
#include "ftectl/shared/json.h"

#include "store.h"

#define RECORD_BYTES_MAX 16384

static const char *const state_names[_RELEASE_STATE_MAX] = {
        [RELEASE_BUILT] = "built",
        [RELEASE_WELL] = "well",
        [RELEASE_FAILED] = "failed",
};

const char *release_state_to_string(ReleaseState state) {
        return state_names[state];
}

/* ---- writing ---- */

int store_write_record(const Store *s, const Release *r) {
        char name[RELEASE_ID_BYTES + 8], next[RELEASE_ID_BYTES + 16];
        _cleanup_json_ json_t *json = NULL;
        _cleanup_free_ char *text = NULL;
        int k;

        json = json_pack("{s:s, s:s, s:o, s:o, s:o, s:I, s:I}", "id", r->id, "state",
                         state_names[r->state], "source", json_text(r->source ? r->source : ""),
                         "sha256", json_text(r->sha256 ? r->sha256 : ""), "cause",
                         json_text(r->cause ? r->cause : ""), "bytes", (json_int_t) r->bytes,
                         "files", (json_int_t) r->files);
        text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
        if (!text)
                return -ENOMEM;
        snprintf(name, sizeof(name), "%s.json", r->id);
        snprintf(next, sizeof(next), ".%s.next", name);
        k = fsat_create(s->records_fd, next, &(FsatContent){ text, strlen(text), 0644, true });
        if (k == 0 && renameat(s->records_fd, next, s->records_fd, name) < 0)
                k = -errno;
        return k == 0 && fsync(s->records_fd) < 0 ? -errno : k;
}

/* ---- reading ---- */

static uint64_t id_time_usec(const char *id) {
        struct tm tm = { 0 };
        time_t t;

        if (!strptime(id, "%Y%m%dT%H%M%SZ", &tm))
                return 0;
        t = timegm(&tm);
        return t < 0 ? 0 : (uint64_t) t * USEC_PER_SEC;
}

static const char *get_string(Store *s, json_t *json, const char *key) {
        const char *value = json_string_value(json_object_get(json, key));
        const char *copy = value ? arena_strdup(&s->arena, value) : NULL;

        return copy ? copy : "";
}

static uint64_t get_number(json_t *json, const char *key) {
        json_int_t n = json_integer_value(json_object_get(json, key));

        return n > 0 ? (uint64_t) n : 0;
}

static void read_record(Store *s, Release *r) {
        _cleanup_json_ json_t *json = NULL;
        char name[RELEASE_ID_BYTES + 8], text[RECORD_BYTES_MAX];
        const char *state;
        ssize_t n;

        snprintf(name, sizeof(name), "%s.json", r->id);
        n = s->records_fd < 0 ? -1 : fsat_read(s->records_fd, name, text, sizeof(text));
        json = n < 0 ? NULL : json_loadb(text, (size_t) n, 0, NULL);
        r->time_usec = id_time_usec(r->id);
        r->source = get_string(s, json, "source");
        r->sha256 = get_string(s, json, "sha256");
        r->cause = get_string(s, json, "cause");
        r->bytes = get_number(json, "bytes");
        r->files = get_number(json, "files");
        state = get_string(s, json, "state");
        for (size_t i = 0; i < _RELEASE_STATE_MAX; i++)
                if (streq(state, state_names[i]))
                        r->state = (ReleaseState) i;
}

/* Newest first: the names begin with the time. */
static int compare(const void *a, const void *b) {
        return strcmp(((const Release *) b)->id, ((const Release *) a)->id);
}

static int count_or_fill(Store *s, Release *list, size_t size) {
        int fd = s->releases_fd < 0 ? -EBADF : fsat_open_dir(s->releases_fd, ".");
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *d;
        size_t n = 0;

        while (dir && (d = readdir(dir))) {
                if (!store_has(s, d->d_name))
                        continue;
                if (list && n < size)
                        strcpy(list[n].id, d->d_name);
                n++;
        }
        if (dir)
                closedir(dir);
        return (int) (list ? MIN(n, size) : n);
}

int store_list(Store *s, Release **ret) {
        char current[RELEASE_ID_BYTES], previous[RELEASE_ID_BYTES];
        int n = count_or_fill(s, NULL, 0);
        Release *list = arena_new_n(&s->arena, Release, (size_t) n + 1);

        if (!list)
                return -ENOMEM;
        n = count_or_fill(s, list, (size_t) n);
        qsort(list, (size_t) n, sizeof(*list), compare);
        (void) store_link(s, CURRENT_LINK, current);
        (void) store_link(s, PREVIOUS_LINK, previous);
        for (int i = 0; i < n; i++) {
                read_record(s, &list[i]);
                list[i].is_current = streq(list[i].id, current);
                list[i].is_previous = streq(list[i].id, previous);
        }
        if (arena_failed(&s->arena))
                return -ENOMEM;
        *ret = list;
        return n;
}

int store_find(Store *s, const char *id, Release *ret) {
        Release *list;
        int n = store_list(s, &list);

        for (int i = 0; i < n; i++)
                if (streq(list[i].id, id)) {
                        *ret = list[i];
                        return 0;
                }
        return n < 0 ? n : -ENOENT;
}
