/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The text form of an alert, written by the table of alert-fields.c.
 */

#include "alert/alert-fields.h"

static void add_escaped(StrBuf *b, const char *s) {
        for (; *s; s++) {
                unsigned char c = (unsigned char) *s;

                if (c == '\\')
                        strbuf_add(b, "\\\\");
                else if (c == '\n')
                        strbuf_add(b, "\\n");
                else if (c < ' ' || c == 0x7f)
                        strbuf_addf(b, "\\x%02x", c);
                else
                        strbuf_addc(b, *s);
        }
}

static void add_text(StrBuf *b, const char *key, const char *value) {
        if (isempty(value))
                return;
        strbuf_add(b, key);
        strbuf_addc(b, '=');
        add_escaped(b, value);
        strbuf_addc(b, '\n');
}

/*
 * What stands at its default is not written; an empty log line and a target's channel always are.
 */
static void add_field(StrBuf *b, const Field *f, const void *base) {
        const void *field = (const char *) base + f->offset;

        switch (f->type) {
        case FIELD_TEXT:
                add_text(b, f->key, *(const char *const *) field);
                break;
        case FIELD_ID:
                add_text(b, f->key, field);
                break;
        case FIELD_KIND:
                add_text(b, f->key, alert_kind_to_string(*(const AlertKind *) field));
                break;
        case FIELD_STATE:
                add_text(b, f->key, target_state_names[*(const TargetState *) field]);
                break;
        case FIELD_NUMBER:
                if (*(const uint64_t *) field == f->omitted)
                        break;
                strbuf_add(b, f->key);
                strbuf_addc(b, '=');
                strbuf_add_uint(b, *(const uint64_t *) field);
                strbuf_addc(b, '\n');
                break;
        default: /* lines and targets are written by those who know how many there are */
                break;
        }
}

void alert_format(const Alert *a, StrBuf *b) {
        strbuf_add(b, ALERT_FORM_LINE "\n");
        for (size_t i = 0; i < alert_fields.n; i++)
                add_field(b, &alert_fields.fields[i], a);
        for (char **line = a->lines; line && *line; line++) {
                strbuf_add(b, "line=");
                add_escaped(b, *line);
                strbuf_addc(b, '\n');
        }
        for (size_t i = 0; i < a->n_targets; i++) {
                strbuf_add(b, "target=");
                add_escaped(b, a->targets[i].channel);
                strbuf_addc(b, '\n');
                for (size_t k = 0; k < target_fields.n; k++)
                        add_field(b, &target_fields.fields[k], &a->targets[i]);
        }
        strbuf_add(b, "end\n");
}
