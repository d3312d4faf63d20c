#!/bin/sh
# Deploys full on this host: sh deploy.sh [ENV-FILE]. Replaces nothing that is there, and may be
# run again. Made by ftectl handoff.
set -eu
umask 022

fail() {
        echo "${0##*/}: $*" >&2
        exit 1
}

[ "$(id -u)" = 0 ] || fail 'this needs root'
command -v ftectl >/dev/null || fail 'systemd-fte is not installed: install its package first'
[ -d /run/systemd/system ] || fail 'systemd does not run here'
here=$(cd "$(dirname "$0")" && pwd)
(cd "$here" && grep -v '  full[.]conf' SHA256SUMS | sha256sum --quiet -c -) ||
        fail 'files of this directory have been changed'
(cd "$here" && grep '  full[.]conf' SHA256SUMS | sha256sum --quiet -c - >/dev/null 2>&1) ||
        echo 'the configuration has been changed since it was handed over'

# install_new FILE PLACE MODE
install_new() {
        if [ ! -e "$2" ]; then
                mkdir -p "$(dirname "$2")"
                install -m "$3" "$1" "$2"
                echo "$2 is installed"
        elif cmp -s "$1" "$2"; then
                echo "$2 is there already"
        else
                fail "$2 is there and differs; compare them (diff $2 $1), then move one away"
        fi
}

[ -x /opt/full/run ] || fail 'the program of the agent is missing; see README.md, The code'
install_new "$here/full.conf" /etc/fte/full.conf 0644
for file in "$here"/full.conf.d/*.conf; do
        [ ! -e "$file" ] || install_new "$file" "/etc/fte/full.conf.d/${file##*/}" 0644
done

if [ $# -gt 0 ]; then
        # A template that nobody has filled in holds nothing to keep.
        ! cmp -s "$here/env.template" /etc/full/.env || rm /etc/full/.env
        install_new "$1" /etc/full/.env 0600
elif [ ! -e /etc/full/.env ]; then
        install_new "$here/env.template" /etc/full/.env 0600
fi
if ! ftectl env full list; then
        fail 'set what is missing or empty (ftectl env full set KEY), then run this again'
fi

ftectl apply --yes full
ftectl validate full
