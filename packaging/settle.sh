#!/bin/sh
# settle.sh : what a running system has to be told of files that were put in place: users, directories, profiles, units, rules. Nothing is started. In an image that is made it does what it can.
set -eu
if command -v systemd-sysusers >/dev/null; then systemd-sysusers timesuite.conf; fi
if command -v systemd-tmpfiles >/dev/null; then systemd-tmpfiles --create timesuite.conf || true; fi # it says itself what it could not; the group of certificates is its, too
if [ -d /sys/kernel/security/apparmor ] && command -v apparmor_parser >/dev/null; then
    for profile in /etc/apparmor.d/timesuite-*; do
        case $profile in *.dpkg-*) continue ;; esac
        apparmor_parser -r -T -W "$profile" || true # each daemon says at its start if it has no profile
    done
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    if command -v udevadm >/dev/null; then udevadm control --reload && udevadm trigger --action=add --subsystem-match=ptp || true; fi # cards that are there already
fi
