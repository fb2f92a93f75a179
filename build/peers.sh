#!/bin/sh
# peers.sh : unpacks other people's time programs from Debian's packages into out/peers, to run from there in tests. Nothing is installed:
# they conflict with each other and would take over the host's clock. What they need and the system may lack comes along the same way:
#   out/peers/root      the packages' files; run them with LD_LIBRARY_PATH=root/usr/lib/<machine>-linux-gnu
#   out/peers/python3   a Python that loads ntpsec's library, for ntpdig; run it with PYTHONPATH=root/usr/lib/python3/dist-packages
#   out/peers/newer     chronyd and chronyc of at least 4.6.1, which have AEAD 30 and record 1024: the archive's own if they are, else Debian's next release's with its libraries
#   out/peers/complete  all of it is there; holds the list of packages it was made from
set -eu
cd "$(dirname "$0")/.."
programs="chrony linuxptp ntpsec ntpsec-ntpdig python3-ntp systemd-timesyncd"
# Some of these are named otherwise, or not at all, in one release or another: those that there are will do, and ldd has the last word.
libraries="libnettle8 libnettle8t64 libgnutls30 libgnutls30t64 libhogweed6 libhogweed6t64 libtomcrypt1 libtommath1 libseccomp2 libcap2 libedit2 libbsd0 libmd0 \
  libsystemd-shared libip4tc2 libkmod2 libgcrypt20 libgpg-error0 libssl3 libssl3t64 liblz4-1 libpcre2-8-0 libcap-ng0"
newer=4.6.1 newer_release=trixie
newer_packages="chrony libc6 libgnutls30t64 libnettle8t64 libhogweed6t64 libgmp10 libp11-kit0 libidn2-0 libunistring5 libtasn1-6 libffi8 libseccomp2 libcap2 libedit2 libtinfo6 libbsd0 libmd0 zlib1g libzstd1 libbrotli1"
wanted="$programs $libraries $newer $newer_release $newer_packages"
is_complete() { [ "$(cat out/peers/complete 2>/dev/null)" = "$wanted" ]; }
if is_complete; then exit 0; fi

fail() { echo "peers.sh: $1" >&2; exit 1; }
mkdir -p out/peers/deb 2>/dev/null && [ -w out/peers ] || fail "$PWD/out/peers is not writable by user $(id -un)"
exec 9>out/peers/lock
flock 9
if is_complete; then exit 0; fi # another was faster
cd out/peers
rm -rf complete root python3 newer deb/*.deb

command -v apt-get >/dev/null 2>&1 || fail "apt-get is needed to fetch $programs from Debian's or Ubuntu's archive, and is not here"

fetch() ( # fetch PACKAGE...
    cd deb
    apt-get download "$@" >apt.log 2>&1
)

available() { # available PACKAGE... : those of them that the archive has under this very name
    for package in "$@"; do
        if apt-cache show --no-all-versions "$package" 2>/dev/null | grep -qx "Package: $package"; then echo "$package"; fi
    done
}

# shellcheck disable=SC2086,SC2046 # lists of names without spaces
fetch $programs $(available $libraries) || {
    { apt-get update >deb/apt.log 2>&1 && fetch $programs $(available $libraries); } || {
        tail -3 deb/apt.log >&2
        fail "'apt-get download $programs' failed; is a package mirror reachable?"
    }
}
for package in deb/*.deb; do dpkg-deb -x "$package" root; done

library=$(dirname "$(dirname "$(find "$PWD/root/usr/lib" -name 'libntpc.so*' -type f | head -1)")")
[ -d "$library" ] || fail "python3-ntp has no libntpc.so any more"
for program in root/usr/sbin/chronyd root/usr/bin/chronyc root/usr/sbin/ptp4l root/usr/sbin/pmc; do
    missing=$(LD_LIBRARY_PATH=$library ldd "$program" | sed -n 's/^[[:space:]]*\(.*\) => not found/\1/p' | tr '\n' ' ')
    [ -z "$missing" ] || fail "$program needs $missing, of a package that this script does not name"
done

timesyncd=$(find root -path '*/systemd/systemd-timesyncd' -type f | head -1)
missing=$(LD_LIBRARY_PATH=$library:$(dirname "$(find "$PWD/root" -name 'libsystemd-shared-*.so' | head -1)") ldd "$timesyncd" | sed -n 's/^[[:space:]]*\(.*\) => not found/\1/p' | tr '\n' ' ')
[ -z "$missing" ] || fail "systemd-timesyncd needs $missing, of a package that this script does not name"

# chronyd with AEAD 30. Another release's programs run by that release's own loader and libraries; apt is told of it by options alone, nothing of the system's is changed.
mkdir -p newer/apt/lists/partial newer/apt/archives/partial newer/deb
if dpkg --compare-versions "$(dpkg-deb -f "$(ls deb/chrony_*.deb)" Version)" ge "$newer"; then
    for program in usr/sbin/chronyd usr/bin/chronyc; do
        printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$library" "$PWD/root/$program" >"newer/${program##*/}"
    done
else
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -f "$keyring" ] || fail "$keyring is needed to fetch chrony $newer of Debian $newer_release (package debian-archive-keyring), and is not here"
    site=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian \(.*\/debian\/*\)$/\1/p' | head -1)
    echo "deb [signed-by=$keyring] ${site:-http://deb.debian.org/debian} $newer_release main" >newer/apt/sources.list
    of_newer() ( # of_newer APT-GET'S ARGUMENTS...
        cd newer/deb
        apt-get -o Dir::Etc::sourcelist="$OLDPWD/newer/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$OLDPWD/newer/apt/lists" -o Dir::State::status=/dev/null \
            -o Dir::Cache="$OLDPWD/newer/apt" -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o APT::Sandbox::User="$(id -un)" "$@" >>apt.log 2>&1
    )
    # shellcheck disable=SC2086
    { of_newer update && of_newer download $newer_packages; } || { tail -3 newer/deb/apt.log >&2; fail "chrony $newer of Debian $newer_release could not be fetched"; }
    for package in newer/deb/*.deb; do dpkg-deb -x "$package" newer/root; done
    rm -rf newer/apt newer/deb/*.deb
    place=$(dirname "$(find "$PWD/newer/root/usr/lib" -name 'libgnutls.so.*' | head -1)")
    loader=$(find "$place" "$PWD"/newer/root/usr/lib* -maxdepth 1 -name 'ld-linux*.so.*' | head -1)
    missing=$("$loader" --library-path "$place" --list newer/root/usr/sbin/chronyd | sed -n 's/^[[:space:]]*\(.*\) => not found/\1/p' | tr '\n' ' ')
    [ -z "$missing" ] || fail "chronyd of Debian $newer_release needs $missing, of a package that this script does not name"
    for program in usr/sbin/chronyd usr/bin/chronyc; do
        printf '#!/bin/sh\nunset LD_LIBRARY_PATH\nexec %s --library-path %s %s "$@"\n' "$loader" "$place" "$PWD/newer/root/$program" >"newer/${program##*/}"
    done
fi
chmod 755 newer/chronyd newer/chronyc

# ntpsec's module looks for its library beside itself first.
ln -sf "$(find "$library/ntp" -name 'libntpc.so*' -type f | head -1)" root/usr/lib/python3/dist-packages/ntp/libntpc.so
loads() { PYTHONPATH=$PWD/root/usr/lib/python3/dist-packages LD_LIBRARY_PATH=$library "$1" -c 'import ntp.ntpc, ntp.packet' 2>/dev/null; }
python=$(command -v /usr/bin/python3 || command -v python3 || true)
if [ -n "$python" ] && loads "$python"; then
    ln -sf "$python" python3
else
    version=$(apt-cache depends python3-minimal | sed -n 's/.*Depends: \(python3\.[0-9]*\)-minimal$/\1/p' | head -1)
    # shellcheck disable=SC2046
    fetch "$version-minimal" "lib$version-minimal" "lib$version-stdlib" $(available libffi8 libexpat1 zlib1g libssl3 libssl3t64) || {
        tail -3 deb/apt.log >&2
        fail "no Python here loads ntpsec's library, and '$version-minimal' could not be fetched"
    }
    for package in deb/*.deb; do dpkg-deb -x "$package" root; done
    printf '#!/bin/sh\nPYTHONHOME=%s exec %s "$@"\n' "$PWD/root/usr" "$PWD/root/usr/bin/$version" >python3
    chmod 755 python3
    loads ./python3 || fail "$version, unpacked, does not load ntpsec's library"
fi
echo "$wanted" >complete
