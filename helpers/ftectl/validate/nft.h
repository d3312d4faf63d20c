/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a ruleset of nftables lets in, from the JSON that nft(8) prints (libnftables-json(5)). Pure.
 */

#include "base/strbuf.h"

#include "ftectl/shared/json.h"

typedef struct NftVerdict {
        bool closed_v4, closed_v6; /* a base chain of input refuses all but what is allowed */
        bool opaque; /* it has rules of iptables, which nft cannot tell in JSON, or other riddles */
        StrBuf why;  /* what is open, or that nothing closes; "" when closed */
} NftVerdict;

/*
 * allowed: words such as "22/tcp", NULL-terminated. 0, or -EBADMSG when json is no ruleset. The
 * caller frees ret->why.
 */
int nft_judge(json_t *json, char *const *allowed, NftVerdict *ret);
