#!/bin/sh
# tarball.sh [FILE] : what `make install` would put in place, for systems without dpkg, as one archive with an install.sh. Nothing in it has a configuration's own place, so that none is overwritten however it is unpacked.
# The same inputs make the same octets, with a repository or without: as packaging/deb.sh. For tests: PACKER=cat is quick.
set -eu
cd "$(dirname "$0")/.."
umask 022
file=${1:-out/timesuite-$(uname -m).tar.xz}
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
: "${SOURCE_DATE_EPOCH:=$(cat out/bin/.epoch 2>/dev/null || date +%s)}"; export SOURCE_DATE_EPOCH
name=timesuite-$version tree=out/tarball/timesuite-$version
rm -rf out/tarball; mkdir -p "$tree/root/usr/share/timesuite"
packaging/install.sh "$PWD/$tree/root" /usr
mv "$tree/root/etc/timesuite/timesuite.toml" "$tree/root/usr/share/timesuite/timesuite.toml"
mv "$tree/root/etc/apparmor.d" "$tree/root/usr/share/timesuite/apparmor.d"
rmdir "$tree/root/etc/timesuite/certificates" # only root could look into it, and so unpack or install as somebody else
install -m 755 packaging/unpacked.sh "$tree/install.sh"
install -m 644 packaging/settle.sh "$tree/"
install -m 755 packaging/uninstall.sh "$tree/"
install -m 644 README.md LICENSE CHANGELOG.md "$tree/"
tar -C out/tarball --owner=0 --group=0 --numeric-owner --sort=name --mtime="@$SOURCE_DATE_EPOCH" -I "${PACKER:-xz}" -cf "$file" "$name"
echo "$file"
