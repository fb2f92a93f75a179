#!/bin/sh
# install.sh [DESTDIR] : in the unpacked archive of `make tarball`: puts what is in root/ in place, and tells the system that runs. A configuration that is there stays, and so does a profile that was edited. Who runs goes on with the new programs, nobody
# else is started.
set -eu
umask 022
destdir=${1:-} owner=
case $destdir in "" | /*) ;; *) destdir=$PWD/$destdir ;; esac
cd "$(dirname "$0")"
if [ "$(id -u)" = 0 ]; then owner="-o 0 -g 0"; elif [ -z "$destdir" ]; then echo "install.sh: run it as root: sudo $0" >&2; exit 1; fi
# Not through pipes, of which only the last command's failure counts.
directories=$(cd root && find . -type d) files=$(cd root && find . -type f)
while read -r directory; do [ -d "$destdir/$directory" ] || install -d $owner -m "$(stat -c %a "root/$directory")" "$destdir/$directory"; done <<END
$directories
END
[ -d "$destdir/etc/timesuite/certificates" ] || install -d $owner -m 750 "$destdir/etc/timesuite/certificates"
# A profile is the administrator's if it is not what the last installation left in share/. Ours is not put beside it: AppArmor loads whatever lies in that folder.
mkdir -p "$destdir/etc/apparmor.d/abstractions"
for profile in $(cd root/usr/share/timesuite/apparmor.d && find . -type f | sed 's|^\./||' | LC_ALL=C sort); do
    place=etc/apparmor.d/$profile ours=usr/share/timesuite/apparmor.d/$profile
    if [ ! -e "$destdir/$place" ] || cmp -s "$destdir/$place" "$destdir/$ours"; then install $owner -m 644 "root/$ours" "$destdir/$place"
    elif ! cmp -s "$destdir/$place" "root/$ours"; then echo "install.sh: /$place was edited, and stays; ours is /$ours"; fi
done
# One by one, each in the place of an old one, which may be running.
while read -r file; do install $owner -m "$(stat -c %a "root/$file")" "root/$file" "$destdir/$file"; done <<END
$files
END
[ -e "$destdir/etc/timesuite/timesuite.toml" ] || install $owner -m 644 root/usr/share/timesuite/timesuite.toml "$destdir/etc/timesuite/timesuite.toml"
if [ -z "$destdir" ]; then . ./settle.sh; settle; go_on; fi
echo "TimeSuite is installed. To have it keep the time: systemctl enable --now timesuite.target. To take it away again: $PWD/uninstall.sh${destdir:+ '$destdir'}"
