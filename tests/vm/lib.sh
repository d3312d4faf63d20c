# SPDX-License-Identifier: LGPL-2.1-or-later
# Machines for the tests: boots a throw-away copy of a root from mkroot, either in systemd-nspawn
# or in qemu, runs commands in it and cleans up, also when interrupted. Sourced by test scripts;
# owns build/machines/PID and only the processes and cgroups it made itself.
#
#   machine_boot SUITE           bookworm, trixie, sid (nspawn) or bookworm-vm (qemu); what is in
#                                $machine_files by then is seen as /test in the machine
#   machine_run COMMAND...       as root in the machine: its output and exit status (124: timeout,
#                                125: no machine)
#   machine_sh SCRIPT [ARG]...   the same for a line of shell
#   machine_write PATH MODE      standard input becomes a file there
#   machine_reboot               comes back when the machine is up again
#   machine_stop                 powers off and removes every trace
#   wait_for SECONDS COMMAND...  until the command succeeds; the seconds are those of a machine that does
#                                nothing else: a busy or an emulated one gets several times as much
#   wait_seconds SECONDS COMMAND...  the same to the second
# shellcheck shell=sh

machine_here=$(cd "${machine_here:-$(dirname "$0")}" && pwd)
machine_top=$(cd "$machine_here/../.." && pwd)
machine_build=${FTE_BUILD:-$machine_top/build}
mkdir -p "$machine_build/machines"
machine_build=$(cd "$machine_build" && pwd)
machine_dir=$machine_build/machines/$$
machine_files=$machine_dir/files
machine_timeout=120
machine_patience=3
machine_kind=
machine_pid=
rm -rf --one-file-system "$machine_dir"
mkdir -p "$machine_files"

. "$machine_here/tap.sh"
. "$machine_here/nspawn.sh"
. "$machine_here/qemu.sh"

trap machine_stop EXIT
trap 'exit 130' INT TERM HUP

# Says why this kind of machine cannot run here; nothing when it can.
machine_unable() {
        if [ "$(id -u)" != 0 ]; then
                echo 'needs root'
                return
        fi
        case $1 in
        *-vm) qemu_unable ;;
        *) nspawn_unable ;;
        esac
}

machine_boot() {
        case $1 in
        *-vm) machine_kind=qemu ;;
        *) machine_kind=nspawn ;;
        esac
        machine_root=$("$machine_here/mkroot" "$1") || return 1
        "${machine_kind}_prepare" && "${machine_kind}_start" && machine_wait_up
}

machine_run() {
        "${machine_kind}_run" "$@"
}

machine_sh() {
        machine_run sh -c "$1" sh "${2-}" "${3-}" "${4-}"
}

machine_write() {
        machine_run sh -c 'printf "%s\n" "$1" >"$2" && chmod "$3" "$2"' sh "$(cat)" "$1" "$2"
}

machine_reboot() {
        "${machine_kind}_reboot" && machine_wait_up
}

# A second interrupt must not leave half of it behind.
machine_stop() {
        trap '' INT TERM HUP
        if [ -n "$machine_kind" ]; then
                "${machine_kind}_stop" || :
        fi
        machine_kind=
        rm -rf --one-file-system "$machine_dir"
        rmdir "$machine_build/machines" 2>/dev/null || :
}

# A failure that is seldom is seen once: what went on in the machine.
tap_evidence() {
        [ -z "$machine_kind" ] || machine_lost || machine_sh 'journalctl --sync; journalctl -b -n 12 \
                -o short-precise --no-pager; echo "load $(cat /proc/loadavg)"'
}

# Up means: every job of the boot is done. A degraded system is up too; the tests look why.
machine_wait_up() {
        if wait_seconds "${machine_boot_seconds:-90}" machine_answers; then
                machine_run systemctl is-system-running --wait >/dev/null || :
                # A slow machine may have given up waiting for its second disk.
                machine_sh 'mountpoint -q /test || mount /test'
                return
        fi
        note "the machine did not come up; its console says:"
        note "$(tail -n 30 "$machine_dir/console" 2>/dev/null)"
        return 1
}

# The virtual machine does not answer any more; what was seen of it is in that file.
machine_lost() {
        [ -e "$machine_dir/lost" ]
}

machine_answers() {
        "${machine_kind}_answers" >/dev/null 2>&1
}

# Ends a process of ours: waits for it, then kills it. machine_end PID SECONDS
machine_end() {
        wait_seconds "$2" machine_gone "$1" || kill -KILL "$1" 2>/dev/null || :
        wait "$1" 2>/dev/null || :
}

machine_gone() {
        ! kill -0 "$1" 2>/dev/null
}

wait_for() {
        wait_limit=$(($1 * machine_patience))
        shift
        wait_seconds "$wait_limit" "$@"
}

wait_seconds() {
        wait_until=$(($(date +%s) + $1))
        shift
        while ! "$@" 2>/dev/null; do
                [ "$(date +%s)" -lt "$wait_until" ] || return 1
                sleep 0.2
        done
}
