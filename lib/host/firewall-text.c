/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * firewall-text.h. Only the input hook: what containers and VPNs forward, and their own tables, are
 * none of our business.
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/parse.h"
#include "host/firewall-text.h"

/* "22/tcp" to 22 when it is of that protocol, else 0. */
static unsigned port_of(const char *word, const char *protocol) {
        unsigned port;
        char name[4];

        return sscanf(word, "%5u/%3s", &port, name) == 2 && streq(name, protocol) ? port : 0;
}

bool firewall_allows(char *const *allow, unsigned port, const char *protocol) {
        for (; allow && *allow; allow++)
                if (port_of(*allow, protocol) == port)
                        return true;
        return false;
}

bool firewall_text_allows(const char *text, unsigned port, const char *protocol) {
        char rule[32];
        const char *p;

        snprintf(rule, sizeof(rule), " %s dport {", protocol);
        p = strstr(text, rule);
        for (p = p ? strchr(p, '{') : NULL; p && *p != '}' && *p != '\n'; p += strcspn(p, ",}\n")) {
                p += strspn(p, "{, ");
                if (strtoul(p, NULL, 10) == port)
                        return true;
        }
        return false;
}

/* In their order, each once: nft refuses a set that names one twice. */
static void add_ports(char *const *allow, const char *protocol, StrBuf *b) {
        unsigned last = 0;

        for (;;) {
                unsigned next = 0;

                for (char *const *word = allow; word && *word; word++) {
                        unsigned port = port_of(*word, protocol);

                        if (port > last && (next == 0 || port < next))
                                next = port;
                }
                if (next == 0)
                        break;
                if (last == 0)
                        strbuf_addf(b, "                %s dport { ", protocol);
                strbuf_addf(b, last == 0 ? "%u" : ", %u", next);
                last = next;
        }
        if (last > 0)
                strbuf_add(b, " } accept\n");
}

void firewall_render(char *const *allow, const char *place, StrBuf *b) {
        strbuf_addf(b, "# Written by \"ftectl host\" from [Firewall] of %s. Do not edit.\n", place);
        strbuf_add(b, "# Made first so that there is always one to delete; all of it is one "
                      "transaction.\n"
                      "table " FIREWALL_TABLE " {\n"
                      "}\n"
                      "delete table " FIREWALL_TABLE "\n"
                      "table " FIREWALL_TABLE " {\n"
                      "        chain input {\n"
                      "                type filter hook input priority filter; policy drop;\n"
                      "                iifname \"lo\" accept\n"
                      "                ct state established,related accept\n"
                      "                ct state invalid drop\n"
                      "                # What was connected before anybody kept track of it. Nobody "
                      "gets in without a SYN.\n"
                      "                tcp flags & (syn | ack) == ack accept\n"
                      "                # Errors that connections need to know of, and ping.\n"
                      "                icmp type { destination-unreachable, time-exceeded, "
                      "parameter-problem, echo-request } accept\n"
                      "                icmpv6 type { destination-unreachable, packet-too-big, "
                      "time-exceeded, parameter-problem, echo-request } accept\n"
                      "                # Without neighbours, routers and groups there is no IPv6 "
                      "(RFC 4890).\n"
                      "                icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, "
                      "nd-router-advert, nd-router-solicit, mld-listener-query, "
                      "mld-listener-report, mld-listener-done, mld2-listener-report } accept\n"
                      "                # Answers of DHCP servers, which conntrack does not know "
                      "for answers.\n"
                      "                udp sport 67 udp dport 68 accept\n"
                      "                ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept\n");
        add_ports(allow, "tcp", b);
        add_ports(allow, "udp", b);
        strbuf_add(b, "                # A client learns at once that it may not; everything else "
                      "waits.\n"
                      "                meta l4proto tcp limit rate 100/second burst 200 packets "
                      "reject with tcp reset\n"
                      "        }\n"
                      "}\n");
}
