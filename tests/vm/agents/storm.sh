#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# storm.sh NAME NUMBER FILE: so many failures of an agent, one after the other, as systemd would tell
# the hook of them. FILE gets the largest number of alerts that waited meanwhile.
most=0
for i in $(seq "$2"); do
        env INVOCATION_ID="$(printf %032x "$i")" SERVICE_RESULT=exit-code EXIT_CODE=exited \
                EXIT_STATUS=1 sh -c 'SYSTEMD_EXEC_PID=$$ exec /usr/libexec/fte/fte-alert-hook \
                        record "$1"' sh "$1" || exit 1
        n=$(ls /var/lib/fte-alert/waiting | wc -l)
        [ "$n" -le "$most" ] || most=$n
done
echo "$most" >"$3"
