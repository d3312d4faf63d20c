#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Load: new-load.sh ADDRESS NAME STOPFILE AT-LEAST. Asks https://NAME/ over a new connection each time, until
# STOPFILE is there and it has asked that often; then says "failed N", after what curl said of each.
# A worker of nginx that is about to end may say so (GOAWAY, RFC 9113 section 6.8) on a connection that it has
# just taken, before the request: browsers ask again then, and curl leaves it to us (16).
ask() {
        said=$(curl -sSkf --max-time 20 --resolve "$2:443:$1" -o /dev/null "https://$2/" 2>&1)
}

failed=0
asked=0
until [ -e "$3" ] && [ $asked -ge "$4" ]; do
        asked=$((asked + 1))
        ask "$1" "$2"
        status=$?
        [ $status != 16 ] || { ask "$1" "$2"; status=$?; }
        [ $status = 0 ] || { failed=$((failed + 1)); echo "$said"; }
done
echo "failed $failed"
