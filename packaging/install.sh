#!/bin/sh
# install.sh DESTDIR PREFIX : puts the binaries, units, manual pages and a default configuration in place. An existing configuration stays.
set -eu
cd "$(dirname "$0")/.."
destdir=$1 prefix=$2
install -d "$destdir$prefix/sbin" "$destdir$prefix/bin" "$destdir/etc/timesuite" "$destdir/usr/lib/systemd/system" "$destdir/usr/lib/sysusers.d" "$destdir/usr/lib/tmpfiles.d" "$destdir$prefix/include" "$destdir$prefix/share/doc/timesuite/man"
install -m 755 out/bin/clockd "$destdir$prefix/sbin/timesuite-clockd"
install -m 755 out/bin/ntpd "$destdir$prefix/sbin/timesuite-ntpd"
install -m 755 out/bin/ntskeyd "$destdir$prefix/sbin/timesuite-ntskeyd"
install -m 755 out/bin/timectl "$destdir$prefix/bin/timectl"
install -m 644 include/timesuite_clock.h "$destdir$prefix/include/timesuite_clock.h"
install -m 644 docs/man/*.md "$destdir$prefix/share/doc/timesuite/man/"
for unit in systemd/*.service systemd/*.socket; do
    sed "s|@PREFIX@|$prefix|g" "$unit" >"$destdir/usr/lib/systemd/system/$(basename "$unit")"
done
install -m 644 systemd/timesuite.sysusers "$destdir/usr/lib/sysusers.d/timesuite.conf"
install -m 644 systemd/timesuite.tmpfiles "$destdir/usr/lib/tmpfiles.d/timesuite.conf"
[ -e "$destdir/etc/timesuite/timesuite.toml" ] || install -m 644 packaging/timesuite.toml "$destdir/etc/timesuite/timesuite.toml"

# On the running system, not in a package's tree: users, directories, units.
if [ -z "$destdir" ] && [ -d /run/systemd/system ]; then
    systemd-sysusers timesuite.conf
    systemd-tmpfiles --create timesuite.conf
    systemctl daemon-reload
fi
