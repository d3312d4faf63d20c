/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The few shapes of JSON that several subcommands print; jansson does the rest. What is not known
 * is null.
 */

#include <jansson.h>

#include "base/macro.h"

static inline void json_donep(json_t **json) {
        json_decref(*json);
}

#define _cleanup_json_ _cleanup_(json_donep)

/* Text of foreign origin: bytes that are no UTF-8 are replaced, which jansson would refuse. */
json_t *json_text(const char *s);
json_t *json_text_n(const char *s, size_t len);
/* "DIRECTORY/NAME" */
json_t *json_path(const char *directory, const char *name);
/* null for "" and NULL. */
json_t *json_text_or_null(const char *s);
/* null for UINT64_MAX. */
json_t *json_number(uint64_t n);
/* CLOCK_REALTIME as "2026-11-24T15:03:51Z"; null for 0 and UINT64_MAX. */
json_t *json_time(uint64_t usec);
/* Seconds with decimals; null for UINT64_MAX. */
json_t *json_seconds(uint64_t usec);

/* Prints to standard output, indented, and frees. -ENOMEM when json is NULL. */
int json_print(json_t *json);
