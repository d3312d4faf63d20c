/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The shapes of json.h. A NULL from jansson (memory is out) goes up to json_print(): its functions
 * that set and append refuse NULL.
 */

#include <stdio.h>

#include "base/format.h"
#include "base/log.h"
#include "base/utf8.h"

#include "json.h"
#include "terminal.h"

json_t *json_text_n(const char *s, size_t len) {
        _cleanup_strbuf_ StrBuf b = { 0 };
        uint32_t code;

        if (utf8_is_valid(s, len))
                return json_stringn(s, len);
        for (size_t i = 0, n; i < len; i += MAX(n, (size_t) 1)) {
                n = utf8_decode(s + i, len - i, &code);
                strbuf_add_bytes(&b, n > 0 ? s + i : "?", MAX(n, (size_t) 1));
        }
        return strbuf_check(&b) < 0 ? NULL : json_stringn(strbuf_text(&b), b.len);
}

json_t *json_text(const char *s) {
        return json_text_n(s, strlen(s));
}

json_t *json_path(const char *directory, const char *name) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        strbuf_addf(&b, "%s/%s", directory, name);
        return json_text(strbuf_text(&b));
}

json_t *json_text_or_null(const char *s) {
        return isempty(s) ? json_null() : json_text(s);
}

json_t *json_number(uint64_t n) {
        return n == UINT64_MAX ? json_null() : json_integer((json_int_t) n);
}

json_t *json_time(uint64_t usec) {
        _cleanup_strbuf_ StrBuf b = { 0 };

        if (usec == 0 || usec == UINT64_MAX)
                return json_null();
        format_time_utc(&b, usec);
        return json_string(strbuf_text(&b));
}

json_t *json_seconds(uint64_t usec) {
        return usec == UINT64_MAX ? json_null() : json_real((double) usec / (double) USEC_PER_SEC);
}

int json_print(json_t *json) {
        /*
         * ASCII, so that what base/show.h hides does not reach a terminal; programs get it whole.
         */
        const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(9) | JSON_ENSURE_ASCII;
        int r = json ? json_dumpf(json, stdout, flags) : -1;

        putchar('\n');
        json_decref(json);
        if (r < 0)
                log_line(LOG_ERR, "out of memory");
        return r < 0 ? -ENOMEM : 0;
}
