#!/bin/sh
# uninstall.sh [DESTDIR [PREFIX]] : takes away what install.sh put there. /etc/timesuite and /var/lib/timesuite stay.
set -eu
destdir=${1:-} prefix=${2:-/usr}
profiles=
for program in clockd ntpd ntskeyd ptpd lookupd timectl; do profiles="$profiles timesuite-$program"; done # by name: copies beside them are the administrator's
if [ -z "$destdir" ] && [ "$(id -u)" != 0 ]; then echo "uninstall.sh: run it as root: sudo $0" >&2; exit 1; fi
if [ -z "$destdir" ] && [ -d /run/systemd/system ]; then
    for unit in /usr/lib/systemd/system/timesuite*; do systemctl disable --now "${unit##*/}" 2>/dev/null || true; done
    systemctl stop 'timesuite-*' 2>/dev/null || true
fi
if [ -z "$destdir" ] && [ -d /sys/kernel/security/apparmor ] && command -v apparmor_parser >/dev/null; then
    for profile in $profiles; do apparmor_parser -R "/etc/apparmor.d/$profile" 2>/dev/null || true; done
fi
rm -rf "$destdir$prefix/lib/timesuite" "$destdir$prefix/share/doc/timesuite" "$destdir$prefix/share/timesuite" "$destdir/run/timesuite"
rm -f "$destdir$prefix/bin/timectl" "$destdir$prefix/include/timesuite_clock.h" "$destdir"/usr/lib/systemd/system/timesuite.target "$destdir"/usr/lib/systemd/system/timesuite-*.service \
    "$destdir"/usr/lib/systemd/system/timesuite-*.socket "$destdir/usr/lib/systemd/system-generators/timesuite-generator" "$destdir/usr/lib/systemd/ntp-units.d/60-timesuite.list" \
    "$destdir/usr/lib/sysusers.d/timesuite.conf" "$destdir/usr/lib/tmpfiles.d/timesuite.conf" "$destdir"/usr/lib/udev/rules.d/*-timesuite*.rules \
    "$destdir/etc/apparmor.d/abstractions/timesuite" "$destdir$prefix/share/bash-completion/completions/timectl" "$destdir$prefix/share/zsh/vendor-completions/_timectl" \
    "$destdir$prefix/share/fish/vendor_completions.d/timectl.fish" \
    "$destdir$prefix"/share/man/man8/timesuite-*.8.gz "$destdir$prefix/share/man/man1/timectl.1.gz" "$destdir$prefix/share/man/man5/timesuite.toml.5.gz"
for profile in $profiles; do rm -f "$destdir/etc/apparmor.d/$profile"; done
# What was enabled, where no service manager could be told.
[ ! -d "$destdir/etc/systemd/system" ] || find "$destdir/etc/systemd/system" -type l -lname '*/lib/systemd/system/timesuite*' -delete
for directory in /usr/lib/systemd/ntp-units.d /etc/systemd/system/timesuite.target.wants; do rmdir "$destdir$directory" 2>/dev/null || true; done # if nobody else has something in it
if [ -z "$destdir" ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl reset-failed 'timesuite*' 2>/dev/null || true # what was waiting when it was stopped
    if command -v udevadm >/dev/null; then udevadm control --reload && udevadm trigger --action=add --subsystem-match=ptp || true; fi # hardware clocks have no owner of ours any more
fi
