#!/bin/sh
# Validates full on this host; options are those of ftectl validate, such as --disruptive --yes.
# Made by ftectl handoff.
set -eu
umask 022

fail() {
        echo "${0##*/}: $*" >&2
        exit 1
}

[ "$(id -u)" = 0 ] || fail 'this needs root'
command -v ftectl >/dev/null || fail 'systemd-fte is not installed: install its package first'
[ -d /run/systemd/system ] || fail 'systemd does not run here'
exec ftectl validate full "$@"
