/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Between alert-fields.c, alert-format.c and alert-parse.c only: the table of what an alert's text
 * form consists of. A new piece of context is a row there and a field in alert.h.
 */

#include "alert/alert.h"

#define ALERT_FORM_LINE "alert=1"

typedef enum FieldType {
        FIELD_TEXT,
        FIELD_NUMBER,
        FIELD_ID,
        FIELD_KIND,
        FIELD_STATE,
        FIELD_LINE,   /* one more of the lines */
        FIELD_TARGET, /* the channel of one more target; its fields follow */
} FieldType;

typedef struct Field {
        const char *key;
        FieldType type;
        size_t offset;
        uint64_t omitted; /* of a number: the value that is not written */
} Field;

typedef struct FieldTable {
        const Field *fields;
        size_t n;
} FieldTable;

extern const FieldTable alert_fields, target_fields;
extern const char *const target_state_names[_TARGET_STATE_MAX];
