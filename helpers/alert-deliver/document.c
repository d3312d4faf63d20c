/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The JSON document of an alert, which is a promise to the programs that read it: documented in
 * fte-alert-deliver(8), versioned. A new member is no new version; one that changes its meaning is.
 * Unknown texts are "", unknown numbers null.
 */

#include "channel.h"

#define VERSION 1

static json_t *number(uint64_t n) {
        return n == ALERT_UNKNOWN ? json_null() : json_integer((json_int_t) n);
}

static json_t *seconds(uint64_t usec) {
        return usec == ALERT_UNKNOWN ? json_null()
                                     : json_real((double) usec / (double) USEC_PER_SEC);
}

static json_t *lines(char *const *list) {
        json_t *array = json_array();

        for (; list && *list; list++)
                json_array_append_new(array, json_string(*list));
        return array;
}

json_t *channel_document(const ChannelInput *in) {
        const Alert *a = in->alert;
        _cleanup_strbuf_ StrBuf key = { 0 };

        alert_dedup_key(a, &key);
        return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s,"
                         " s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
                         "version", VERSION, "id", a->id, "kind", alert_kind_to_string(a->kind),
                         "dedup_key", strbuf_text(&key), "headline", in->summary->headline, "time",
                         in->summary->time, "host", a->host, "environment", a->environment, "agent",
                         a->agent, "unit", a->unit, "description", a->description, "contact",
                         a->contact, "result", a->result, "exit_code", a->code, "exit_status",
                         a->status, "uptime_seconds", seconds(a->uptime_usec), "outage_seconds",
                         seconds(a->outage_usec), "restarts", number(a->restarts), "repeated",
                         number(a->repeated), "memory_peak_bytes", number(a->memory_peak_bytes),
                         "log", json_pack("{s:s, s:o}", "invocation_id", a->invocation, "lines",
                                          lines(a->lines)));
}
