# SPDX-License-Identifier: LGPL-2.1-or-later
# The qemu side of lib.sh: boots the disk image under emulation (no kvm: it may be present and not
# work), with all writes going to a snapshot that vanishes, and talks to vm-agent in the guest over
# a virtio-serial port. /test is a second disk.
# shellcheck shell=sh

qemu_unable() {
        command -v qemu-system-x86_64 >/dev/null || echo 'qemu-system-x86_64 is not installed'
        command -v python3 >/dev/null || echo 'python3 is not installed'
}

qemu_prepare() {
        truncate -s 64M "$machine_dir/test.img" &&
                mke2fs -q -t ext4 -d "$machine_files" "$machine_dir/test.img" >/dev/null
}

# Relative names of the sockets: their paths have a short limit. One old processor, and a kernel that does
# not guard itself against new ones, take a third less of emulation.
qemu_start() {
        (
                cd "$machine_dir"
                TMPDIR=$machine_dir exec setsid qemu-system-x86_64 -machine q35 \
                        -accel tcg -cpu Nehalem-v1 -smp 1 -m 2048 -nodefaults -display none \
                        -serial file:console -nic none \
                        -kernel "$machine_root/vmlinuz" -initrd "$machine_root/initrd" \
                        -append 'root=/dev/vda rw console=ttyS0 quiet mitigations=off sysrq_always_enabled' \
                        -drive "file=$machine_root/disk.img,if=virtio,format=raw,snapshot=on" \
                        -drive file=test.img,if=virtio,format=raw,read-only=on \
                        -device virtio-rng-pci -device virtio-serial-pci \
                        -chardev socket,id=test,path=agent,server=on,wait=off \
                        -device virtserialport,chardev=test,name=fte.test \
                        -monitor unix:monitor,server=on,wait=off
        ) </dev/null >"$machine_dir/qemu" 2>&1 &
        machine_pid=$!
        machine_boot_seconds=600
}

# qemu_ask SECONDS COMMAND...: 125 when the machine itself has not answered by then.
qemu_ask() {
        kill -0 "$machine_pid" 2>/dev/null || return 125
        (cd "$machine_dir" && python3 -IS "$machine_here/vm-run" "$@")
}

# The command is ended in the machine, which runs one at a time. A machine that answers nothing any more
# is lost, unless it is booting: what would be asked later fails at once.
qemu_run() {
        if machine_lost; then
                echo 'the virtual machine does not answer any more' >&2
                return 125
        fi
        qemu_status=0
        qemu_ask $((machine_timeout + 60)) timeout -k 5 "$machine_timeout" "$@" || qemu_status=$?
        [ "$qemu_status" != 125 ] || qemu_comes_up || qemu_describe >"$machine_dir/lost"
        return "$qemu_status"
}

# In a shell of its own, because who asks may be waiting for something itself.
qemu_comes_up() {
        kill -0 "$machine_pid" 2>/dev/null && (wait_seconds "$machine_boot_seconds" qemu_answers)
}

qemu_answers() {
        qemu_ask 5 true
}

# What there is to be seen from outside of a machine that does not answer: whether it runs, where its
# processors are, and by its kernel what they do and what is blocked.
qemu_describe() {
        ps -o pid,stat,etime,time,wchan,rss -p "$machine_pid" || echo 'qemu has ended'
        cat "$machine_dir/qemu"
        df -h "$machine_dir"
        (
                cd "$machine_dir" && python3 "$machine_here/vm-monitor" 'info status' 'info registers -a' \
                        'sendkey alt-sysrq-8' \
                        'sendkey alt-sysrq-l' 'sendkey alt-sysrq-w' 'sendkey alt-sysrq-m'
        ) | grep -e '^ *VM' -e CPU# -e RIP
        sleep 10
        tail -n 200 "$machine_dir/console"
}

qemu_new_boot() {
        qemu_boot_id=$(qemu_ask 5 cat /proc/sys/kernel/random/boot_id) && [ "$qemu_boot_id" != "$qemu_old_boot" ]
}

# qemu_comes_back COMMAND...: the command makes it reboot and ends before that.
qemu_comes_back() {
        qemu_old_boot=$(qemu_run cat /proc/sys/kernel/random/boot_id) || return 1
        qemu_ask 60 "$@"
        wait_seconds "$machine_boot_seconds" qemu_new_boot
}

qemu_reboot() {
        qemu_comes_back systemctl --no-block reboot
}

# The disk is a snapshot: nothing is lost by ending qemu at once.
qemu_stop() {
        [ -n "$machine_pid" ] || return 0
        kill -TERM "$machine_pid" 2>/dev/null || :
        machine_end "$machine_pid" 10
        machine_pid=
}
