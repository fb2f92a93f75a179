#!/bin/sh
# deb.sh [VERSION] : out/timesuite_VERSION_ARCH.deb, and the debug symbols apart, from out/bin as `make publish` made it. The same inputs make the same octets:
# every file has the time of SOURCE_DATE_EPOCH, or else that which the programs were built for (the last commit's then). For tests: PACKAGES=timesuite leaves the symbols out, COMPRESSION=gzip LEVEL=1 is quick.
set -eu
cd "$(dirname "$0")/.."
version=${1:-$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)-1}
arch=$(dpkg --print-architecture)
: "${SOURCE_DATE_EPOCH:=$(cat out/bin/.epoch 2>/dev/null || date +%s)}"; export SOURCE_DATE_EPOCH
tree=out/deb/timesuite symbols=out/deb/timesuite-dbgsym
rm -rf out/deb; mkdir -p "$tree/DEBIAN" "$symbols/DEBIAN"

umask 022
packaging/install.sh "$PWD/$tree" /usr
doc=$tree/usr/share/doc/timesuite
install -m 644 packaging/debian/copyright "$doc/copyright"
gzip -9n <CHANGELOG.md >"$doc/changelog.gz"
install -m 644 README.md "$doc/README.md"
printf 'timesuite (%s) stable; urgency=medium\n\n  * See changelog.gz.\n\n -- The TimeSuite maintainers <maintainers@timesuite.invalid>  %s\n' "$version" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/changelog.Debian.gz"
mkdir -p "$tree/usr/share/lintian/overrides" "$tree/usr/share/timesuite"
install -m 644 packaging/settle.sh "$tree/usr/share/timesuite/settle.sh"
install -m 644 packaging/debian/lintian-overrides "$tree/usr/share/lintian/overrides/timesuite"

(cd "$tree" && find etc -type f | sed 's|^|/|' | LC_ALL=C sort) >"$tree/DEBIAN/conffiles"
for script in preinst postinst prerm postrm; do install -m 755 "packaging/debian/$script" "$tree/DEBIAN/$script"; done
control() { # control PACKAGE TREE : fills in what the build knows
    sed "s/@VERSION@/$version/; s/@ARCH@/$arch/; s/@SIZE@/$(du -sk --exclude=DEBIAN "$2" | cut -f1)/" "packaging/debian/control.$1" >"$2/DEBIAN/control"
}

# Debug symbols by build id, where gdb and perf look.
[ "${PACKAGES:-}" = timesuite ] || for binary in "$tree"/usr/lib/timesuite/* "$tree"/usr/bin/timectl; do
    name=$(basename "$binary")
    for found in out/publish/*/"$name.dbg"; do
        [ -e "$found" ] || continue
        id=$(readelf -n "$binary" | sed -n 's/.*Build ID: //p')
        mkdir -p "$symbols/usr/lib/debug/.build-id/$(echo "$id" | cut -c1-2)"
        objcopy --compress-debug-sections "$found" "$symbols/usr/lib/debug/.build-id/$(echo "$id" | cut -c1-2)/$(echo "$id" | cut -c3-).debug"
    done
done
mkdir -p "$symbols/usr/share/doc"
ln -sfn timesuite "$symbols/usr/share/doc/timesuite-dbgsym"

for package in ${PACKAGES:-timesuite timesuite-dbgsym}; do
    find "out/deb/$package" -type d -exec chmod 755 {} +
    [ "$package" != timesuite ] || chmod 750 "$tree/etc/timesuite/certificates"
    find "out/deb/$package" -type f -perm -200 ! -perm -100 -exec chmod 644 {} +
    (cd "out/deb/$package" && find usr etc -type f 2>/dev/null | LC_ALL=C sort | xargs -r md5sum) >"out/deb/$package/DEBIAN/md5sums"
    chmod 644 "out/deb/$package/DEBIAN/md5sums"
    control "$package" "out/deb/$package"
    find "out/deb/$package" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    # One thread: several would make other octets.
    dpkg-deb --root-owner-group --threads-max=1 -Z"${COMPRESSION:-xz}" -z"${LEVEL:-3}" --build "out/deb/$package" "out/${package}_${version}_$arch.deb" >/dev/null
    echo "out/${package}_${version}_$arch.deb"
done
