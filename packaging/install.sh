#!/bin/sh
# install.sh DESTDIR PREFIX : puts the programs, units, profiles, manual pages and a default configuration in place. An existing configuration stays.
# Daemons go to PREFIX/lib/timesuite, so that nothing collides with another package's ntpd or ptpd; timectl alone goes to PREFIX/bin.
set -eu
umask 022
cd "$(dirname "$0")/.."
destdir=$1 prefix=$2
lib=$destdir$prefix/lib/timesuite doc=$destdir$prefix/share/doc/timesuite
install -d "$lib" "$destdir$prefix/bin" "$destdir$prefix/include" "$doc/seccomp" "$destdir/etc/timesuite/conf.d" "$destdir/etc/timesuite/certificates" \
    "$destdir/usr/lib/systemd/system" "$destdir/usr/lib/systemd/system-generators" "$destdir/usr/lib/systemd/ntp-units.d" "$destdir/usr/lib/sysusers.d" "$destdir/usr/lib/tmpfiles.d" \
    "$destdir/usr/lib/udev/rules.d" "$destdir/etc/apparmor.d/abstractions" "$destdir$prefix/share/bash-completion/completions" "$destdir$prefix/share/zsh/vendor-completions" "$destdir$prefix/share/fish/vendor_completions.d"
chmod 750 "$destdir/etc/timesuite/certificates"

for daemon in clockd ntpd ntskeyd ptpd lookupd; do
    install -m 755 "out/bin/$daemon" "$lib/$daemon"
done
install -m 755 out/bin/timectl "$destdir$prefix/bin/timectl"
install -m 644 include/timesuite_clock.h "$destdir$prefix/include/timesuite_clock.h"
# By pandoc, where man(1) looks; else as they are.
if command -v pandoc >/dev/null; then packaging/pages.sh "$destdir$prefix/share/man"; else install -d "$doc/man"; install -m 644 docs/man/*.md "$doc/man/"; echo "pandoc is not here: manual pages are Markdown, in $prefix/share/doc/timesuite/man" >&2; fi
install -m 644 seccomp/*.list "$doc/seccomp/"
packaging/sbom.sh >"$doc/sbom.cdx.json"
packaging/notices.sh "$doc/sbom.cdx.json" >"$doc/THIRD-PARTY-NOTICES"
gzip -9nf "$doc/THIRD-PARTY-NOTICES"

for unit in systemd/*.service systemd/*.socket systemd/*.target; do
    sed "s|@LIBDIR@|$prefix/lib/timesuite|g; s|@BINDIR@|$prefix/bin|g; s|@PREFIX@|$prefix|g" "$unit" >"$destdir/usr/lib/systemd/system/$(basename "$unit")"
done
sed "s|@BINDIR@|$prefix/bin|g" systemd/timesuite-generator >"$destdir/usr/lib/systemd/system-generators/timesuite-generator"
chmod 755 "$destdir/usr/lib/systemd/system-generators/timesuite-generator"
install -m 644 systemd/60-timesuite.list "$destdir/usr/lib/systemd/ntp-units.d/60-timesuite.list"
install -m 644 systemd/timesuite.sysusers "$destdir/usr/lib/sysusers.d/timesuite.conf"
install -m 644 systemd/timesuite.tmpfiles "$destdir/usr/lib/tmpfiles.d/timesuite.conf"
for rules in systemd/*.rules; do
    [ ! -e "$rules" ] || install -m 644 "$rules" "$destdir/usr/lib/udev/rules.d/$(basename "$rules")"
done
for profile in apparmor/timesuite-*; do
    sed "s|/usr/lib/timesuite/|$prefix/lib/timesuite/|g; s|/usr/bin/timectl|$prefix/bin/timectl|g" "$profile" >"$destdir/etc/apparmor.d/$(basename "$profile")"
done
install -m 644 apparmor/timesuite.abstraction "$destdir/etc/apparmor.d/abstractions/timesuite"
install -m 644 packaging/completions/timectl.bash "$destdir$prefix/share/bash-completion/completions/timectl"
install -m 644 packaging/completions/_timectl "$destdir$prefix/share/zsh/vendor-completions/_timectl"
install -m 644 packaging/completions/timectl.fish "$destdir$prefix/share/fish/vendor_completions.d/timectl.fish"
[ -e "$destdir/etc/timesuite/timesuite.toml" ] || install -m 644 packaging/timesuite.toml "$destdir/etc/timesuite/timesuite.toml"

# On the running system, not in a package's tree: users, directories, units, profiles.
if [ -z "$destdir" ] && [ -d /run/systemd/system ]; then . packaging/settle.sh; settle; go_on; fi
