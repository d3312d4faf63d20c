/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How a diagnosis looks, for diagnose.c.
 */

#include "rules.h"

void diagnose_show(const Evidence *e, const Diagnosis *list, size_t n);
json_t *diagnose_to_json(const Evidence *e, const Diagnosis *list, size_t n);
