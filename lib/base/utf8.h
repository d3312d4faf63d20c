/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * As much UTF-8 as a configuration reader needs: is it valid, and how is one character read or
 * written. systemd drops an assignment that is not valid UTF-8, so we refuse the line instead.
 */

#include "base/macro.h"

/*
 * Overlong forms, surrogates and what lies beyond U+10FFFF are not valid (RFC 3629), and neither
 * are noncharacters such as U+FFFE, which systemd refuses too.
 */
bool utf8_is_valid(const char *s, size_t len);

/*
 * The length of the first character of s, of len bytes; 0 when it is not a valid one, or len is 0.
 */
size_t utf8_decode(const char *s, size_t len, uint32_t *ret_code);

/* Writes one character to out (up to 4 bytes, no NUL) and returns its length. */
size_t utf8_encode(uint32_t code, char *out);
