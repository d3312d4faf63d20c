/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What cannot hold for the agents of a person (scope.h): a manager without privileges either
 * refuses it or, worse, passes over it in silence. So it is an error and not a wish.
 */

#include "config/model.h"

/* Why a key of ours cannot be set there, a sentence; NULL: it can. */
const char *user_key_problem(SectionId section, const char *key);
/* The same of a key of [Unit] or [Service] that would be passed through. */
const char *user_pass_through_problem(const char *key);
