/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the places of deployed code are called: /opt/NAME/releases/ID, complete, and beside them the
 * links /opt/NAME/current and /opt/NAME/previous. ftectl makes them (deploy), fte-env-precheck
 * follows the first to start an agent, and configuration names it. Names only.
 */

#define RELEASES_TOP  "/opt/" /* what an agent's directory follows */
#define RELEASES_DIR  "releases"
#define CURRENT_LINK  "current"
#define PREVIOUS_LINK "previous"

/* Whole paths for printf(3): of an agent's directory; of that and an ID. */
#define CURRENT_FORMAT RELEASES_TOP "%s/" CURRENT_LINK
#define RELEASE_FORMAT RELEASES_TOP "%s/" RELEASES_DIR "/%s"
