#!/bin/sh
# settle.sh : what a running system has to be told of files that were put in place: users, directories, profiles, units, rules. Who runs goes on with the new programs, nobody else is started. In an image that is made it does what it can.
set -eu
if command -v systemd-sysusers >/dev/null; then systemd-sysusers timesuite.conf; fi
if command -v systemd-tmpfiles >/dev/null; then systemd-tmpfiles --create timesuite.conf || true; fi # it says itself what it could not; the group of certificates is its, too
if [ -d /sys/kernel/security/apparmor ] && command -v apparmor_parser >/dev/null; then
    for program in clockd ntpd ntskeyd ptpd lookupd timectl; do # by name: an administrator's copy beside it (timesuite-ntpd.bak) would be loaded over it
        [ ! -e "/etc/apparmor.d/timesuite-$program" ] || apparmor_parser -r -T -W "/etc/apparmor.d/timesuite-$program" || true # each daemon says at its start if it has no profile
    done
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    if command -v udevadm >/dev/null; then udevadm control --reload && udevadm trigger --action=add --subsystem-match=ptp || true; fi # cards that are there already
    for daemon in lookupd clockd ntskeyd ntpd ptpd; do systemctl try-restart "timesuite-$daemon.service" || true; done
fi
