# SPDX-License-Identifier: LGPL-2.1-or-later
# TAP for shell tests: sourced, prints one line per check, and under a failed one what was seen.
# Knows nothing of machines. Call tap_done last: it prints the plan and gives the exit status.
# shellcheck shell=sh

tap_count=0
tap_failed=0

ok() {
        tap_count=$((tap_count + 1))
        echo "ok $tap_count - $1"
}

# not_ok TITLE [WHAT WAS SEEN]
not_ok() {
        tap_count=$((tap_count + 1))
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_count - $1"
        [ $# -lt 2 ] || printf '%s\n' "$2" | tail -n 40 | sed 's/^/# /'
        tap_evidence 2>&1 | sed 's/^/#   | /'
}

# What else is to be seen of a failure: whoever sources this may say.
tap_evidence() {
        :
}

skip() {
        tap_count=$((tap_count + 1))
        echo "ok $tap_count - $1 # SKIP $2"
}

note() {
        printf '%s\n' "$*" | sed 's/^/# /'
}

# check TITLE COMMAND...: the command exits 0.
check() {
        tap_title=$1
        shift
        if tap_seen=$("$@" 2>&1); then
                ok "$tap_title"
        else
                not_ok "$tap_title" "exit status $? from: $*
$tap_seen"
        fi
}

# check_fails TITLE COMMAND...: the command exits with another status than 0 (or 124, 125 and 137: a
# timeout, no machine, killed by a timeout).
check_fails() {
        tap_title=$1
        shift
        tap_status=0
        tap_seen=$("$@" 2>&1) || tap_status=$?
        case $tap_status in
        0 | 124 | 125 | 137) not_ok "$tap_title" "exit status $tap_status, wanted a failure, from: $*
$tap_seen" ;;
        *) ok "$tap_title" ;;
        esac
}

# check_is TITLE WANTED COMMAND...: what it prints is exactly WANTED.
check_is() {
        tap_title=$1 tap_want=$2
        shift 2
        tap_seen=$("$@" 2>&1) || :
        if [ "$tap_seen" = "$tap_want" ]; then
                ok "$tap_title"
        else
                not_ok "$tap_title" "wanted: $tap_want
seen: $tap_seen"
        fi
}

# check_says TITLE TEXT COMMAND...: what it prints contains TEXT.
check_says() {
        tap_title=$1 tap_want=$2
        shift 2
        tap_seen=$("$@" 2>&1) || :
        case $tap_seen in
        *"$tap_want"*) ok "$tap_title" ;;
        *) not_ok "$tap_title" "wanted somewhere in it: $tap_want
seen: $tap_seen" ;;
        esac
}

# check_lacks TITLE TEXT COMMAND...: it exits 0, and what it prints does not contain TEXT.
check_lacks() {
        tap_title=$1 tap_want=$2
        shift 2
        tap_status=0
        tap_seen=$("$@" 2>&1) || tap_status=$?
        case $tap_status:$tap_seen in
        *"$tap_want"*) not_ok "$tap_title" "must not appear: $tap_want
seen: $tap_seen" ;;
        0:*) ok "$tap_title" ;;
        *) not_ok "$tap_title" "exit status $tap_status
seen: $tap_seen" ;;
        esac
}

# check_between TITLE LEAST MOST SEEN: a whole number within limits.
check_between() {
        if [ "$4" -ge "$2" ] 2>/dev/null && [ "$4" -le "$3" ]; then
                ok "$1"
        else
                not_ok "$1" "wanted $2 to $3, seen: $4"
        fi
}

# tap_skip_all REASON: the whole script cannot run here.
tap_skip_all() {
        echo "1..0 # SKIP $1"
        exit 0
}

tap_done() {
        echo "1..$tap_count"
        [ "$tap_failed" = 0 ] || exit 1
        exit 0
}
