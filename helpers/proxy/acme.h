/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Certificates by the ACME protocol: certbot gets and renews them, nginx answers the challenges.
 */

#include "host/proxy-sites.h"

/*
 * Runs certbot for each agent of the list that has no certificate yet. Returns how many failed, or
 * -ENOENT: certbot is not installed. What failed is logged.
 */
int acme_get(const char *root, const ProxyAcme *list, Arena *arena);
