/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reads the text form of an alert by the table of alert-fields.c. Trusts nothing: the text may be
 * cut, damaged or made by somebody. Unknown keys are passed over, so that a newer hook and an older
 * delivery get along while the package is being upgraded. Allocates in the arena only.
 */

#include "alert/alert-fields.h"
#include "base/parse.h"
#include "base/utf8.h"

typedef struct Reader {
        Arena *arena;
        Alert *alert;
        char **lines;
        size_t n_lines, size_lines;
        size_t size_targets;
        unsigned seen, target_seen; /* bit per row of the tables: twice is damage */
} Reader;

static int unescape(const char **s, const char *end, char *ret) {
        int high, low;

        if (*s == end)
                return -EBADMSG;
        switch (*(*s)++) {
        case '\\':
                *ret = '\\';
                return 0;
        case 'n':
                *ret = '\n';
                return 0;
        case 'x':
                if (end - *s < 2)
                        return -EBADMSG;
                high = ascii_hex_value((*s)[0]);
                low = ascii_hex_value((*s)[1]);
                if (high < 0 || low < 0 || (high == 0 && low == 0))
                        return -EBADMSG;
                *ret = (char) (high << 4 | low);
                *s += 2;
                return 0;
        default:
                return -EBADMSG;
        }
}

/* The value of a line, which ends at end; only what alert_format() can have written. */
static int read_value(Reader *r, const char *s, const char *end, char **ret) {
        char *value = arena_alloc_text(r->arena, (size_t) (end - s) + 1), *out = value;

        if (!value)
                return -ENOMEM;
        while (s < end) {
                char c = *s++;

                if ((unsigned char) c < ' ' || c == 0x7f)
                        return -EBADMSG;
                if (c == '\\' && unescape(&s, end, &c) < 0)
                        return -EBADMSG;
                *out++ = c;
        }
        *out = 0;
        if (!utf8_is_valid(value, (size_t) (out - value)))
                return -EBADMSG;
        *ret = value;
        return 0;
}

static int read_id(const char *value, char *id) {
        if (strlen(value) != ALERT_ID_CHARS ||
            strspn(value, "0123456789abcdef") != ALERT_ID_CHARS)
                return -EBADMSG;
        memcpy(id, value, ALERT_ID_CHARS + 1);
        return 0;
}

static int read_state(const char *value, TargetState *ret) {
        for (int i = 0; i < _TARGET_STATE_MAX; i++)
                if (streq(target_state_names[i], value)) {
                        *ret = (TargetState) i;
                        return 0;
                }
        return -EBADMSG;
}

/* Makes room for one more item of an array in the arena and a NULL behind it, by doubling. */
static int grow(Arena *arena, void **items, size_t n, size_t *size, size_t item_bytes) {
        size_t more = MAX(*size * 2, (size_t) 8);
        void *p;

        if (n + 1 < *size)
                return 0;
        p = arena_alloc(arena, more * item_bytes);
        if (!p)
                return -ENOMEM;
        if (n > 0)
                memcpy(p, *items, n * item_bytes);
        *items = p;
        *size = more;
        return 0;
}

static int read_line(Reader *r, char *value) {
        int k = grow(r->arena, (void **) &r->lines, r->n_lines, &r->size_lines, sizeof(char *));

        if (k < 0)
                return k;
        if (r->n_lines == ALERT_LINES_MAX)
                return -EBADMSG;
        r->lines[r->n_lines++] = value;
        r->lines[r->n_lines] = NULL;
        r->alert->lines = r->lines;
        return 0;
}

static int read_target(Reader *r, const char *value) {
        Alert *a = r->alert;
        int k;

        if (a->n_targets == ALERT_TARGETS_MAX || !*value)
                return -EBADMSG;
        k = grow(r->arena, (void **) &a->targets, a->n_targets, &r->size_targets,
                 sizeof(AlertTarget));
        if (k < 0)
                return k;
        a->targets[a->n_targets++] = (AlertTarget){
                .channel = value,
                .argument = "",
                .answer = "",
        };
        r->target_seen = 0;
        return 0;
}

static int read_field(Reader *r, const Field *f, void *base, char *value) {
        void *field = (char *) base + f->offset;

        switch (f->type) {
        case FIELD_TEXT:
                *(const char **) field = value;
                return 0;
        case FIELD_NUMBER:
                return parse_uint(value, UINT64_MAX, field) < 0 ? -EBADMSG : 0;
        case FIELD_ID:
                return read_id(value, field);
        case FIELD_KIND:
                *(AlertKind *) field = alert_kind_from_string(value);
                return *(AlertKind *) field == _ALERT_KIND_MAX ? -EBADMSG : 0;
        case FIELD_STATE:
                return read_state(value, field);
        case FIELD_LINE:
                return read_line(r, value);
        default:
                return read_target(r, value);
        }
}

typedef struct FieldPlace {
        const FieldTable *table;
        void *base;
        unsigned *seen;
} FieldPlace;

static const Field *field_find(const FieldTable *t, const char *key, size_t key_len, size_t *ret) {
        for (size_t i = 0; i < t->n; i++)
                if (strlen(t->fields[i].key) == key_len &&
                    memcmp(t->fields[i].key, key, key_len) == 0) {
                        *ret = i;
                        return &t->fields[i];
                }
        return NULL;
}

/* A key that no table has is passed over. */
static int assign(Reader *r, const FieldPlace *p, const char *key, size_t key_len, char *value) {
        size_t row;
        const Field *f = field_find(p->table, key, key_len, &row);
        bool many = f && (f->type == FIELD_LINE || f->type == FIELD_TARGET);

        if (!f)
                return 0;
        if (!many && (*p->seen & 1u << row))
                return -EBADMSG;
        *p->seen |= 1u << row;
        return read_field(r, f, p->base, value);
}

static int read_assignment(Reader *r, const char *s, const char *end) {
        const char *eq = memchr(s, '=', (size_t) (end - s));
        Alert *a = r->alert;
        FieldPlace p = { &alert_fields, a, &r->seen };
        char *value;
        int k;

        if (!eq || eq == s)
                return -EBADMSG;
        k = read_value(r, eq + 1, end, &value);
        if (k < 0)
                return k;
        if (memchr(s, '.', (size_t) (eq - s))) {
                if (a->n_targets == 0)
                        return -EBADMSG;
                p = (FieldPlace){ &target_fields, &a->targets[a->n_targets - 1], &r->target_seen };
        }
        return assign(r, &p, s, (size_t) (eq - s), value);
}

static bool line_is(const char *s, const char *end, const char *text) {
        return (size_t) (end - s) == strlen(text) && memcmp(s, text, strlen(text)) == 0;
}

/* Without these there is nothing to tell. */
static bool is_complete(const Alert *a) {
        return *a->id && *a->agent && a->kind < _ALERT_KIND_MAX;
}

static int read_lines(Reader *r, const char *text, size_t len, unsigned *line) {
        const char *s = text, *stop = text + len, *end;

        for (*line = 1; s < stop; s = end + 1, ++*line) {
                end = memchr(s, '\n', (size_t) (stop - s));
                if (!end)
                        break;
                if (*line == 1) {
                        if (!line_is(s, end, ALERT_FORM_LINE))
                                return -EBADMSG;
                } else if (line_is(s, end, "end")) {
                        return end + 1 == stop && is_complete(r->alert) ? 0 : -EBADMSG;
                } else {
                        int k = read_assignment(r, s, end);

                        if (k < 0)
                                return k;
                }
        }
        *line = 0;
        return -EBADMSG;
}

int alert_parse(const char *text, size_t len, Arena *arena, Alert *ret, unsigned *ret_line) {
        Alert a;
        Reader r = { .arena = arena, .alert = &a };
        unsigned line = 0;
        int k;

        if (len > ALERT_MAX_BYTES)
                return -EFBIG;
        alert_init(&a);
        a.kind = _ALERT_KIND_MAX;
        k = read_lines(&r, text, len, &line);
        if (k == -EBADMSG && ret_line)
                *ret_line = line;
        if (k == 0)
                *ret = a;
        return k;
}
