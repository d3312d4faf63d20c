#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A Command= for alerts: notes what it was told, where the sandbox lets it write.
{
        echo "$FTE_ALERT_KIND $FTE_ALERT_AGENT $FTE_ALERT_ID"
        cat
} >>/var/lib/fte-alert/told
echo 'noted'
