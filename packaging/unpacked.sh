#!/bin/sh
# install.sh [DESTDIR] : in the unpacked archive of `make tarball`: puts what is in root/ in place, and tells the system that runs. A configuration that is there stays. Nothing is started.
set -eu
umask 022
cd "$(dirname "$0")"
destdir=${1:-} owner=
if [ "$(id -u)" = 0 ]; then owner="-o 0 -g 0"; elif [ -z "$destdir" ]; then echo "install.sh: run it as root: sudo $0" >&2; exit 1; fi
(cd root && find . -type d) | while read -r directory; do [ -d "$destdir/$directory" ] || install -d $owner -m "$(stat -c %a "root/$directory")" "$destdir/$directory"; done
# One by one, each in the place of an old one, which may be running.
(cd root && find . -type f) | while read -r file; do install $owner -m "$(stat -c %a "root/$file")" "root/$file" "$destdir/$file"; done
[ -e "$destdir/etc/timesuite/timesuite.toml" ] || install $owner -m 644 root/usr/share/timesuite/timesuite.toml "$destdir/etc/timesuite/timesuite.toml"
if [ -z "$destdir" ]; then ./settle.sh; fi
echo "TimeSuite is installed. To have it keep the time: systemctl enable --now timesuite.target. To take it away again: ./uninstall.sh '$destdir' /usr"
