# settle.sh : functions for who puts files in place (install.sh, the package's postinst), which a running system has to be told of. In an image that is made they do what they can; what cannot be done is said, and the rest is done.

# Whether the administrator lets packages start services (invoke-rc.d(8)): where images are made, policy-rc.d says no.
may() { # may UNIT ACTION
    if [ ! -x /usr/sbin/policy-rc.d ]; then return 0; fi
    answer=0; /usr/sbin/policy-rc.d "$1" "$2" || answer=$?
    case $answer in 0 | 1 | 104) return 0 ;; esac
    echo "timesuite: $2 of $1 is left out, as /usr/sbin/policy-rc.d says"
    return 1
}

settle() { # users, directories, profiles, units, rules
    if command -v systemd-sysusers >/dev/null; then systemd-sysusers timesuite.conf || echo "timesuite: systemd-sysusers could not make the users: no daemon starts without its own"; fi
    if command -v systemd-tmpfiles >/dev/null; then systemd-tmpfiles --create timesuite.conf || true; fi # the group of certificates, too; it says itself what it could not
    if [ -d /sys/kernel/security/apparmor ] && command -v apparmor_parser >/dev/null; then
        for program in clockd ntpd ntskeyd ptpd lookupd timectl; do # by name: an administrator's copy beside it (timesuite-ntpd.bak) would be loaded over it
            if [ -e "/etc/apparmor.d/timesuite-$program" ]; then apparmor_parser -r -T -W "/etc/apparmor.d/timesuite-$program" || true; fi # each daemon says at its start if it has no profile
        done
    fi
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload || true
        if command -v udevadm >/dev/null && may timesuite-hardware-stamps start; then udevadm control --reload && udevadm trigger --action=add --subsystem-match=ptp || true; fi # cards that are there already
    fi
}

go_on() { # whoever runs goes on with the new programs, nobody else is started
    if [ ! -d /run/systemd/system ]; then return 0; fi
    for daemon in lookupd clockd ntskeyd ntpd ptpd; do
        if may "timesuite-$daemon" restart; then systemctl try-restart "timesuite-$daemon.service" || true; fi
    done
}
