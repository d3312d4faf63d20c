/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * validate/nft.h. A packet must be accepted by every base chain of input, so it is enough that one
 * of them is closed: it drops by default and accepts new connections from anywhere on allowed ports
 * only. A match that leaves no stranger in (loopback, addresses, connections that exist, ICMP)
 * narrows a rule; one that says only tcp or IPv4 does not.
 */

#include <stdio.h>

#include "base/parse.h"
#include "host/firewall-text.h"

#include "nft.h"

#define DEPTH_MAX 8

typedef struct Judge {
        json_t *items; /* of "nftables" */
        char *const *allowed;
        NftVerdict *verdict;
        const char *family, *table;
        StrBuf open; /* of the chain that is looked at */
} Judge;

static const char *text_of(json_t *o, const char *key) {
        const char *s = json_string_value(json_object_get(o, key));

        return s ? s : "";
}

/* ---- ports ---- */

static void open_port(Judge *j, json_int_t from, json_int_t to, const char *protocol) {
        for (json_int_t port = from; port <= to && port - from < 65536; port++)
                if (!firewall_allows(j->allowed, (unsigned) port, protocol)) {
                        strbuf_addf(&j->open, "%s%lld", j->open.len > 0 ? ", " : "",
                                    (long long) port);
                        if (to > port)
                                strbuf_addf(&j->open, "-%lld", (long long) to);
                        strbuf_addf(&j->open, "/%s", protocol);
                        return;
                }
}

static void open_ports(Judge *j, json_t *right, const char *protocol);

/* "@name" */
static void open_set(Judge *j, const char *name, const char *protocol) {
        size_t i;
        json_t *item;

        json_array_foreach(j->items, i, item) {
                json_t *set = json_object_get(item, "set");

                if (!set || !streq(text_of(set, "name"), name) ||
                    !streq(text_of(set, "table"), j->table) ||
                    !streq(text_of(set, "family"), j->family))
                        continue;
                open_ports(j, json_object_get(set, "elem"), protocol);
                return;
        }
        j->verdict->opaque = true;
}

static void open_ports(Judge *j, json_t *right, const char *protocol) {
        json_t *list = json_is_array(right) ? right : json_object_get(right, "set"), *item;
        json_t *range = json_object_get(right, "range");
        size_t i;

        if (list) {
                json_array_foreach(list, i, item) open_ports(
                        j, json_is_array(item) ? json_array_get(item, 0) : item, protocol);
        } else if (json_object_get(right, "elem"))
                open_ports(j, json_object_get(json_object_get(right, "elem"), "val"), protocol);
        else if (range)
                open_port(j, json_integer_value(json_array_get(range, 0)),
                          json_integer_value(json_array_get(range, 1)), protocol);
        else if (json_is_integer(right))
                open_port(j, json_integer_value(right), json_integer_value(right), protocol);
        else if (json_is_string(right) && *json_string_value(right) == '@')
                open_set(j, json_string_value(right) + 1, protocol);
        else if (right)
                j->verdict->opaque = true;
}

/* ---- rules ---- */

typedef struct Rule {
        bool narrow;   /* no stranger's new connection */
        json_t *ports; /* what dport must be; NULL: any */
        const char *protocol;
} Rule;

static bool names(json_t *right, const char *word) {
        json_t *list = json_is_array(right) ? right : json_object_get(right, "set"), *item;
        size_t i;

        if (json_is_string(right))
                return streq(json_string_value(right), word);
        if (list)
                json_array_foreach(list, i,
                                   item) if (json_is_string(item) &&
                                             streq(json_string_value(item), word)) return true;
        return false;
}

static void take_match(Rule *r, json_t *match) {
        json_t *left = json_object_get(match, "left"), *right = json_object_get(match, "right");
        json_t *payload = json_object_get(left, "payload"), *meta = json_object_get(left, "meta");
        bool is_not = streq(text_of(match, "op"), "!=");

        if (payload && streq(text_of(payload, "field"), "dport")) {
                r->protocol = text_of(payload, "protocol");
                r->ports = is_not ? NULL : right;
        } else if (json_object_get(left, "ct"))
                r->narrow =
                        r->narrow || (streq(text_of(json_object_get(left, "ct"), "key"), "state") &&
                                      !is_not && !names(right, "new"));
        else if (meta && (streq(text_of(meta, "key"), "nfproto") ||
                          streq(text_of(meta, "key"), "protocol")))
                return;
        else if ((meta && streq(text_of(meta, "key"), "l4proto")) ||
                 (payload && (streq(text_of(payload, "field"), "protocol") ||
                              streq(text_of(payload, "field"), "nexthdr"))))
                r->narrow = r->narrow || (!names(right, "tcp") && !names(right, "udp"));
        else
                r->narrow = r->narrow || !is_not;
}

static void judge_chain(Judge *j, const char *chain, bool narrow, unsigned depth);

static void accept_rule(Judge *j, const Rule *r) {
        if (r->narrow)
                return;
        if (r->ports)
                open_ports(j, r->ports, r->protocol);
        else
                strbuf_addf(&j->open, "%severything", j->open.len > 0 ? ", " : "");
}

/* "tcp dport vmap { 22 : accept, 25 : jump x }" */
static void judge_map(Judge *j, const Rule *r, json_t *map, unsigned depth) {
        json_t *key = json_object_get(json_object_get(map, "key"), "payload"), *pair;
        json_t *data = json_object_get(map, "data"), *list = json_object_get(data, "set");
        size_t i;

        if (!list && !r->narrow)
                j->verdict->opaque = true;
        json_array_foreach(list, i, pair) {
                Rule of_pair = *r;
                json_t *verdict = json_array_get(pair, 1);
                const char *target = text_of(json_object_get(verdict, "jump"), "target");

                if (key && streq(text_of(key, "field"), "dport")) {
                        of_pair.ports = json_array_get(pair, 0);
                        of_pair.protocol = text_of(key, "protocol");
                } else {
                        json_t *match = json_pack("{s:s, s:O, s:O}", "op", "==", "left",
                                                  json_object_get(map, "key"), "right",
                                                  json_array_get(pair, 0));

                        take_match(&of_pair, match);
                        json_decref(match);
                }
                if (json_object_get(verdict, "accept"))
                        accept_rule(j, &of_pair);
                else if (*target)
                        judge_chain(j, target, of_pair.narrow, depth + 1);
        }
}

/* Whether it ends the chain for everybody. */
static bool judge_rule(Judge *j, json_t *exprs, bool narrow, unsigned depth) {
        Rule r = { .narrow = narrow, .protocol = "" };
        bool conditional = false;
        json_t *e;
        size_t i;

        json_array_foreach(exprs, i, e) {
                json_t *jump = json_object_get(e, "jump");

                jump = jump ? jump : json_object_get(e, "goto");
                if (json_object_get(e, "match")) {
                        take_match(&r, json_object_get(e, "match"));
                        conditional = true;
                } else if (json_object_get(e, "xt")) {
                        j->verdict->opaque = true;
                        conditional = r.narrow = true;
                } else if (json_object_get(e, "limit"))
                        conditional = true;
                else if (jump)
                        judge_chain(j, text_of(jump, "target"), r.narrow || r.ports, depth + 1);
                else if (json_object_get(e, "vmap"))
                        judge_map(j, &r, json_object_get(e, "vmap"), depth);
                else if (json_object_get(e, "accept")) {
                        accept_rule(j, &r);
                        return !conditional;
                } else if (json_object_get(e, "drop") || json_object_get(e, "reject"))
                        return !conditional;
        }
        return false;
}

static void judge_chain(Judge *j, const char *chain, bool narrow, unsigned depth) {
        json_t *item;
        size_t i;

        if (depth > DEPTH_MAX)
                return;
        json_array_foreach(j->items, i, item) {
                json_t *rule = json_object_get(item, "rule");

                if (!rule || !streq(text_of(rule, "chain"), chain) ||
                    !streq(text_of(rule, "table"), j->table) ||
                    !streq(text_of(rule, "family"), j->family))
                        continue;
                if (judge_rule(j, json_object_get(rule, "expr"), narrow, depth))
                        return;
        }
}

/* Drops by its policy, or by a last rule without a condition. */
static bool drops_the_rest(const Judge *j, json_t *chain) {
        json_t *item, *last = NULL;
        size_t i;

        if (streq(text_of(chain, "policy"), "drop"))
                return true;
        json_array_foreach(j->items, i, item) {
                json_t *rule = json_object_get(item, "rule");

                if (rule && streq(text_of(rule, "chain"), text_of(chain, "name")) &&
                    streq(text_of(rule, "table"), j->table) &&
                    streq(text_of(rule, "family"), j->family))
                        last = json_object_get(rule, "expr");
        }
        for (i = 0; i < json_array_size(last); i++)
                if (json_object_get(json_array_get(last, i), "match") ||
                    json_object_get(json_array_get(last, i), "limit"))
                        return false;
        last = json_array_get(last, json_array_size(last) > 0 ? json_array_size(last) - 1 : 0);
        return json_object_get(last, "drop") || json_object_get(last, "reject");
}

static void judge_base(Judge *j, json_t *chain) {
        NftVerdict *v = j->verdict;

        j->family = text_of(chain, "family");
        j->table = text_of(chain, "table");
        strbuf_reset(&j->open);
        if (!drops_the_rest(j, chain)) {
                strbuf_addf(&v->why, "%stable %s %s accepts what no rule refuses",
                            v->why.len > 0 ? "; " : "", j->family, j->table);
                return;
        }
        judge_chain(j, text_of(chain, "name"), false, 0);
        if (j->open.len > 0) {
                strbuf_addf(&v->why, "%stable %s %s lets in %s", v->why.len > 0 ? "; " : "",
                            j->family, j->table, strbuf_text(&j->open));
                return;
        }
        v->closed_v4 = v->closed_v4 || streq(j->family, "inet") || streq(j->family, "ip");
        v->closed_v6 = v->closed_v6 || streq(j->family, "inet") || streq(j->family, "ip6");
}

int nft_judge(json_t *json, char *const *allowed, NftVerdict *ret) {
        Judge j = { .items = json_object_get(json, "nftables"),
                    .allowed = allowed,
                    .verdict = ret };
        json_t *item;
        size_t i, n = 0;

        if (!json_is_array(j.items))
                return -EBADMSG;
        *ret = (NftVerdict){ 0 };
        json_array_foreach(j.items, i, item) {
                json_t *chain = json_object_get(item, "chain");

                if (!streq(text_of(chain, "hook"), "input") ||
                    !streq(text_of(chain, "type"), "filter"))
                        continue;
                n++;
                judge_base(&j, chain);
        }
        strbuf_done(&j.open);
        if (n == 0)
                strbuf_add(&ret->why, "no chain looks at what comes in");
        else if (ret->why.len == 0 && !(ret->closed_v4 && ret->closed_v6))
                strbuf_addf(&ret->why, "nothing looks at %s", ret->closed_v4 ? "IPv6" : "IPv4");
        return strbuf_check(&ret->why);
}
