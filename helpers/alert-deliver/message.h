/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An alert as a mail (RFC 5322): headers that nothing in the alert can add to, and a plain text in
 * quoted-printable, so that any server passes it on unchanged.
 */

#include "channel.h"

/* Appends the whole message; eol is "\r\n" for SMTP, "\n" for sendmail. */
void message_make(const ChannelInput *in, const char *sender, const char *eol, StrBuf *b);

/* LOCAL@DOMAIN of printable ASCII, without what would need quoting or could end a header. */
bool mail_address_is_valid(const char *s);
