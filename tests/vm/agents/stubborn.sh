#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An agent that ignores SIGTERM.
trap '' TERM
while :; do
        sleep 1
done
