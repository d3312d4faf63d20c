# SPDX-License-Identifier: LGPL-2.1-or-later
# The nspawn side of lib.sh: boots an overlay of the root in systemd-nspawn without machined, and
# enters its namespaces to run commands. Every container gets a cgroup of its own, because nspawn
# on a host without systemd would put them all into the same one, where they kill each other.
# shellcheck shell=sh

nspawn_leader=none

nspawn_unable() {
        command -v systemd-nspawn >/dev/null || echo 'systemd-nspawn is not installed'
        unshare --mount --pid --fork true 2>/dev/null || echo 'no new namespaces allowed here'
}

# The hierarchies in which a systemd needs a place: the unified one, and v1's name=systemd.
nspawn_cgroups() {
        awk '$3 == "cgroup2" || ($3 == "cgroup" && $4 ~ /name=systemd/) { print $2 }' /proc/mounts |
                while read -r mount; do
                        echo "$mount/fte-test-$$"
                done
}

nspawn_prepare() {
        mkdir -p "$machine_dir/root" "$machine_dir/upper" "$machine_dir/work"
        mount -t overlay fte-test "$machine_dir/root" -o \
                "lowerdir=$machine_root,upperdir=$machine_dir/upper,workdir=$machine_dir/work" \
                2>/dev/null || cp -a --reflink=auto "$machine_root/." "$machine_dir/root/"
}

# Started in a session of its own, so that an interrupt of the test reaches our trap first. On a
# host that runs systemd nspawn asks it for a scope; elsewhere it stays in the cgroup made here.
nspawn_start() {
        if [ -d /run/systemd/system ]; then
                nspawn_keep=
        else
                nspawn_keep=--keep-unit
                mkdir -p $(nspawn_cgroups)
        fi
        (
                [ -z "$nspawn_keep" ] || for cgroup in $(nspawn_cgroups); do
                        sh -c 'echo $PPID' >"$cgroup/cgroup.procs"
                done
                SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec setsid systemd-nspawn --quiet -D "$machine_dir/root" --boot --register=no \
                        $nspawn_keep --machine="fte-test-$$" --private-network \
                        --bind-ro="$machine_files:/test" --console=pipe --link-journal=no
        ) </dev/null >"$machine_dir/console" 2>&1 &
        machine_pid=$!
}

# Once for each boot: to look through all processes costs more than most commands. Its number may be
# another's by now.
nspawn_find_leader() {
        { read -r _ _ _ nspawn_parent _ <"/proc/$nspawn_leader/stat"; } 2>/dev/null || nspawn_parent=
        [ "$nspawn_parent" = "$machine_pid" ] || nspawn_leader=$(pgrep -o -P "$machine_pid" || echo none)
}

nspawn_run() {
        nspawn_find_leader
        timeout -k 5 "$machine_timeout" nsenter -t "$nspawn_leader" -m -u -i -n -p -C -- \
                env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
                HOME=/root LC_ALL=C.UTF-8 PAGER= SYSTEMD_PAGER= SYSTEMD_COLORS=0 "$@" </dev/null
}

nspawn_answers() {
        kill -0 "$machine_pid" 2>/dev/null && nspawn_run systemctl --version &&
                nspawn_run test -S /run/systemd/private
}

# SIGRTMIN+4 asks a systemd to power off.
nspawn_down() {
        nspawn_find_leader
        [ "$nspawn_leader" = none ] || kill -s RTMIN+4 "$nspawn_leader" 2>/dev/null || :
        [ -z "$machine_pid" ] || machine_end "$machine_pid" 30
        machine_pid=
        nspawn_leader=none
}

nspawn_reboot() {
        nspawn_down
        nspawn_start
}

nspawn_stop() {
        nspawn_down
        umount "$machine_dir/root" 2>/dev/null || :
        rmdir "/run/systemd/nspawn/propagate/fte-test-$$" 2>/dev/null || :
        for cgroup in $(nspawn_cgroups); do
                [ ! -d "$cgroup" ] || find "$cgroup" -depth -type d -exec rmdir {} +
        done
}
