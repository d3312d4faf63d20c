#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An agent that says something, its secret too, and exits: last-words.sh STATUS [AFTER-THIS-FILE].
[ -z "${2-}" ] || while [ ! -e "$2" ]; do sleep 0.1; done
echo "connecting with $API_KEY"
echo "the database says no" >&2
exit "$1"
