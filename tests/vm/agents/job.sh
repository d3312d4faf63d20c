#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A job: job.sh DIR. Notes when it begins and ends in DIR/runs, and how many of it run at once in
# DIR/most. Takes DIR/seconds, and ends with DIR/status.
set -u
echo "begin $(date +%s)" >>"$1/runs"
mkdir "$1/one" 2>/dev/null || echo two >>"$1/most"
seconds=$(cat "$1/seconds" 2>/dev/null || echo 0)
[ "$seconds" = 0 ] || sleep "$seconds"
rmdir "$1/one" 2>/dev/null
status=$(cat "$1/status" 2>/dev/null || echo 0)
echo "job says: status $status"
echo "end $(date +%s) $status" >>"$1/runs"
exit "$status"
