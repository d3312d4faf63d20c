# SPDX-License-Identifier: LGPL-2.1-or-later
# The packages of Fedora and Arch through their life, by the real rpm and the real pacman: their scripts run
# on a booted systemd, on a machine that has never had Debian's package. They were built here, so programs
# find their libraries; the names of what they depend on are other distributions', and are not asked for.
# Leaves the machine without any package of systemd-fte. Sourced by scenarios.sh.
# shellcheck shell=sh

# foreign_file rpm|arch: the package in build/.
foreign_file() {
        ls "$machine_build/$1"/systemd-fte-[0-9]*."$(foreign_suffix "$1")" 2>/dev/null | tail -n 1
}

foreign_suffix() {
        case $1 in
        rpm) echo rpm ;;
        arch) echo pkg.tar.zst ;;
        esac
}

# As package_previous: an older version, each of whose programs is another file.
foreign_previous() {
        foreign_work=$machine_dir/previous-$1
        mkdir -p "$foreign_work/tree" "$foreign_work/BUILD"
        case $1 in
        rpm) rpm2cpio "$2" | bsdtar -xpf - -C "$foreign_work/tree" ;;
        arch) bsdtar -xpf "$2" -C "$foreign_work/tree" ;;
        esac
        find "$foreign_work/tree" -type f -perm -100 | while read -r file; do
                ! head -c 4 "$file" | grep -q ELF || echo 'of version 0.0.9' >>"$file"
        done
        "foreign_previous_$1" "$3"
}

# The spec file as it is, with a ready tree instead of a build.
foreign_previous_rpm() {
        cp "$machine_top/LICENSE" "$foreign_work/BUILD" # %license puts it where this rpm has such files
        rm -rf "$foreign_work/tree/usr/share/licenses"
        awk -v tree="$foreign_work/tree" '
                /^Source/ { next }
                /^Version:/ { $2 = "0.0.9" }
                /^%prep$/ { print "%install\ncp -a " tree "/. %{buildroot}\n"; skip = 1 }
                /^%pre$/ { skip = 0 }
                !skip' "$machine_top/packaging/rpm/systemd-fte.spec" >"$foreign_work/old.spec"
        rpmbuild -bb --quiet --nodeps --define "_topdir $foreign_work" --define "_dbpath $foreign_work/db" \
                --define '__os_install_post %{nil}' --define '_binary_payload w1.gzdio' \
                "$foreign_work/old.spec" &&
                mv "$foreign_work"/RPMS/*/systemd-fte-0.0.9-*.rpm "$1"
}

foreign_previous_arch() {
        sed -i 's/^pkgver = .*/pkgver = 0.0.9-1/' "$foreign_work/tree/.PKGINFO"
        rm "$foreign_work/tree/.MTREE"
        (
                cd "$foreign_work/tree" || exit
                LC_ALL=C.UTF-8 bsdtar -czf "$foreign_work/mtree" --format=mtree \
                        --options='!all,use-set,type,uid,gid,mode,time,size,md5,sha256,link' .[A-Z]* [!.]*
                mv "$foreign_work/mtree" .MTREE
                bsdtar -cf - .[A-Z]* [!.]* | zstd -q -1 -o "$1"
        )
}

foreign_rpm() {
        case $1 in
        install) set -- -i --nodeps "$2" ;;
        upgrade) set -- -U --nodeps "$2" ;;
        verify) set -- -V --nodeps systemd-fte ;;
        version) set -- -q --qf '%{NAME} %{VERSION}-%{RELEASE}' systemd-fte ;;
        remove) set -- -e --nodeps systemd-fte ;;
        esac
        machine_run rpm --force-debian --dbpath /root/rpm "$@"
}

foreign_arch() {
        case $1 in
        install | upgrade) set -- -Udd "$2" ;;
        verify) set -- -Qkk systemd-fte ;;
        version) set -- -Q systemd-fte ;;
        remove) set -- -R systemd-fte ;;
        esac
        machine_run pacman --config /root/pacman/conf --noconfirm "$@"
}

# Neither a trace of Debian's package nor of one of the others; but the directories that belong to Fedora's
# package "filesystem".
foreign_clean() {
        machine_sh 'DEBIAN_FRONTEND=noninteractive apt-get purge -qy systemd-fte
                userdel fte-alert; userdel foreign
                rm -rf /etc/fte /etc/foreign /var/lib/foreign /var/log/foreign /var/lib/fte \
                        /var/lib/fte-alert /var/lib/fte-backup /var/backups/fte
                mkdir -p /usr/share/licenses /usr/share/man/man1 /usr/share/man/man5 /usr/share/man/man8
                systemctl daemon-reload; systemctl reset-failed' >/dev/null 2>&1
}

# foreign_files WHEN: the names of all files, but for those that any machine makes while it runs.
foreign_files() {
        machine_sh 'find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \
                -o -path /test -o -path /root -o -path /var/log/journal -o -path "/var/tmp/systemd-private-*" \
                -o -path "/var/lib/systemd/*" -o -path "/var/cache/ldconfig/*" -o -path /etc/ld.so.cache \
                -o -path "/etc/*-" \) -prune -o -print | LC_ALL=C sort >/root/files.$1' "$1"
}

foreign_new_files() {
        machine_sh 'LC_ALL=C comm -13 /root/files.before /root/files.after |
                grep -Ev -e "^/etc/fte(/foreign\.conf)?$" -e "^/(etc|var/lib|var/log)/foreign(/|$)" \
                        -e "^/var/lib/fte(-alert|-backup)?(/|$)" -e "^/var/backups/fte(/|$)"'
}

foreign_failed_units() {
        machine_sh 'systemctl list-units --failed --plain --no-legend | cut -d" " -f1'
}

# What a person's own manager runs is not below fte.slice.
foreign_person_begin() {
        person_begin
        person_file pal.conf 600 <<END
[Agent]
Exec=/bin/sleep infinity
END
        echo KEY=value | person_file pal.env 600
        as_person systemctl --user daemon-reload
        check "$1: an agent of a person runs" as_person systemctl --user start pal
}

foreign_person_end() {
        check_is "$1: the person's agent, too" inactive as_person systemctl --user show --value -p ActiveState pal
        check "$1: whose file stays" machine_run test -f "$person_home"/.config/fte/pal.conf
        person_end
}

foreign_state() {
        echo "$(show foreign MainPID) $(show foreign ActiveState) $(show foreign Type) $(show foreign NRestarts)"
}

foreign_installs() {
        check_lacks "$1: installs, and no script of it fails" ailed "foreign_$1" install "/test/old.$1"
        check_is "$1: the version before" 'systemd-fte 0.0.9-1' "foreign_$1" version
        check_is "$1: the user of the alerts may read the journal" 'fte-alert systemd-journal' \
                machine_run id -nG fte-alert
        check_is "$1: directories are there" '700 fte-alert fte-alert
755 root root
755 root root' machine_run stat -c '%a %U %G' /var/lib/fte-alert /var/lib/fte-backup /var/backups/fte
        check_is "$1: the path unit of the alerts is active" active \
                machine_run systemctl is-active fte-alert-deliver.path
        check_is "$1: /etc/fte is there for root" 'root:root 755' machine_run stat -c '%U:%G %a' /etc/fte
        check_is "$1: no unit failed by it" '' foreign_failed_units
        check "$1: every file is as it was packed" "foreign_$1" verify
}

foreign_runs() {
        plain_agent foreign 8044 '[Alert]
Command=/bin/true
[Backup]
Keep=2'
        check "$1: an agent from an INI file starts healthy" machine_run systemctl start foreign
        check_says "$1: it answers" ok fetch_url http://127.0.0.1:8044/health
        check_is "$1: its account was made" foreign machine_run id -un foreign
        check "$1: ftectl lint is content" machine_run ftectl lint foreign
}

foreign_upgrades() {
        pid=$(show foreign MainPID)
        loaded=$(machine_sh 'stat -c %i:%Y:%Z /run/systemd/generator/foreign.service')
        check_lacks "$1: the upgrade, and no script of it fails" ailed "foreign_$1" upgrade "/test/new.$1"
        check_is "$1: is one to the new version" "systemd-fte $2" "foreign_$1" version
        check_is "$1: the agent runs on" "$pid active notify 0" foreign_state
        check "$1: units are generated anew" test "$loaded" != \
                "$(machine_sh 'stat -c %i:%Y:%Z /run/systemd/generator/foreign.service')"
        check_between "$1: its helpers are the old ones, whose files are gone" 1 9 "$(package_deleted foreign)"
        check_is "$1: the path unit of the alerts is active still" active \
                machine_run systemctl is-active fte-alert-deliver.path
        check "$1: every file is as it was packed, again" "foreign_$1" verify
        check "$1: a restart is healthy" machine_run systemctl restart foreign
        check_is "$1: with the new helpers" 0 package_deleted foreign
        check "$1: an alert is delivered" machine_run ftectl alert test foreign
        check "$1: a backup is made" machine_run systemctl start fte-backup@foreign
        check_is "$1: no unit failed by it" '' foreign_failed_units
}

foreign_removed() {
        [ "$1" != rpm ] || foreign_person_begin "$1"
        pid=$(show foreign MainPID)
        check_lacks "$1: it is removed, and no script of it fails" ailed "foreign_$1" remove
        check_fails "$1: which stops the agent" machine_run test -d "/proc/$pid"
        [ "$1" != rpm ] || foreign_person_end "$1"
        check_is "$1: its unit is gone" not-found show foreign LoadState
        check_is "$1: no unit failed by it" '' foreign_failed_units
        check_is "$1: nor is one of it loaded" '' machine_sh \
                'systemctl list-units --all --plain --no-legend "fte*" "app-fte*" | cut -d" " -f1
                find /run/systemd -name "*fte*"'
        check "$1: configuration, secrets, data, log and backup stay" machine_sh \
                'ls -d /etc/fte/foreign.conf /etc/foreign/.env /var/lib/foreign /var/log/foreign/app.log \
                        /var/backups/fte/foreign/*.tar.zst /var/lib/fte-alert'
        check "$1: the accounts, too" machine_run id foreign fte-alert
        foreign_files after
        check_is "$1: nothing else is left" '' foreign_new_files
}

# foreign_life KIND VERSION: fails when the next one cannot be tried on what this one has left.
foreign_life() {
        foreign_clean
        foreign_files before
        foreign_installs "$1"
        "foreign_$1" version >/dev/null 2>&1 || return 1
        foreign_runs "$1"
        foreign_upgrades "$1" "$2"
        foreign_removed "$1"
        ! "foreign_$1" version >/dev/null 2>&1
}

scenario_foreign_packages() {
        for kind in rpm arch; do
                file=$(foreign_file "$kind")
                if [ -z "$file" ]; then
                        skip 'the packages of Fedora and Arch' "none in build/$kind; run ./dev $kind"
                        return
                fi
                cp "$file" "$machine_files/new.$kind"
                if ! foreign_seen=$(foreign_previous "$kind" "$file" "$machine_files/old.$kind" 2>&1); then
                        not_ok "$kind: a version before is made" "$foreign_seen"
                        return
                fi
                rm -rf "$machine_dir/previous-$kind"
        done
        machine_run mkdir -p /root/rpm /root/pacman/db /root/pacman/cache
        machine_write /root/pacman/conf 644 <<'END'
[options]
DBPath=/root/pacman/db
CacheDir=/root/pacman/cache
LogFile=/root/pacman/log
GPGDir=/root/pacman/gpg
LocalFileSigLevel=Never
Architecture=auto
END
        version=$(sed -n "s/^ *version: '\(.*\)',$/\1/p" "$machine_top/meson.build" | head -n 1)
        foreign_life rpm "$version-1" && foreign_life arch "$version-1" && foreign_clean
}
