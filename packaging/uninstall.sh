#!/bin/sh
# uninstall.sh DESTDIR PREFIX : takes away what install.sh put there. /etc/timesuite and /var/lib/timesuite stay.
set -eu
destdir=$1 prefix=$2
if [ -z "$destdir" ] && [ -d /run/systemd/system ]; then
    systemctl disable --now timesuite-ntpd timesuite-ntskeyd timesuite-ptpd timesuite-clockd 2>/dev/null || true
fi
rm -f "$destdir$prefix/sbin/timesuite-clockd" "$destdir$prefix/sbin/timesuite-ntpd" "$destdir$prefix/sbin/timesuite-ntskeyd" "$destdir$prefix/sbin/timesuite-ptpd" "$destdir$prefix/bin/timectl" \
    "$destdir$prefix/include/timesuite_clock.h" "$destdir/usr/lib/systemd/system/timesuite-clockd.service" \
    "$destdir/usr/lib/systemd/system/timesuite-ntpd.service" "$destdir/usr/lib/systemd/system/timesuite-ntpd.socket" "$destdir/usr/lib/systemd/system/timesuite-ntskeyd.service" "$destdir/usr/lib/systemd/system/timesuite-ptpd.service" "$destdir/usr/lib/sysusers.d/timesuite.conf" "$destdir/usr/lib/tmpfiles.d/timesuite.conf"
rm -rf "$destdir$prefix/share/doc/timesuite"
