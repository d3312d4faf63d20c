/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * [Firewall] of fte.conf as a ruleset for nft(8): one table of our own, replaced in one
 * transaction. Pure text. And the list of ports, in the one order in which it is written
 * everywhere.
 */

#include "base/strbuf.h"

#define FIREWALL_TABLE "inet fte"

/* Whether Allow= has a port with "/tcp" or "/udp" behind it; allow may be NULL. */
bool firewall_allows(char *const *allow, unsigned port, const char *protocol);

/* The same of a file that firewall_render() wrote at another time. */
bool firewall_text_allows(const char *text, unsigned port, const char *protocol);

/* The whole file; place is "file:line" of the section, for its first line. */
void firewall_render(char *const *allow, const char *place, StrBuf *b);
