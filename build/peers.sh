#!/bin/sh
# peers.sh : unpacks other people's time programs from Debian's packages into out/peers, to run from there in tests. Nothing is installed:
# they conflict with each other and would take over the host's clock. What they need and the system may lack comes along the same way:
#   out/peers/root      the packages' files; run them with LD_LIBRARY_PATH=root/usr/lib/<machine>-linux-gnu
#   out/peers/python3   a Python that loads ntpsec's library, for ntpdig; run it with PYTHONPATH=root/usr/lib/python3/dist-packages
#   out/peers/complete  all of it is there; holds the list of packages it was made from
set -eu
cd "$(dirname "$0")/.."
programs="chrony linuxptp ntpsec ntpsec-ntpdig python3-ntp systemd-timesyncd"
# Some of these are named otherwise, or not at all, in one release or another: those that there are will do, and ldd has the last word.
libraries="libnettle8 libnettle8t64 libgnutls30 libgnutls30t64 libhogweed6 libhogweed6t64 libtomcrypt1 libtommath1 libseccomp2 libcap2 libedit2 libbsd0 libmd0 \
  libsystemd-shared libip4tc2 libkmod2 libgcrypt20 libgpg-error0 libssl3 libssl3t64 liblz4-1 libpcre2-8-0 libcap-ng0"
wanted="$programs $libraries"
is_complete() { [ "$(cat out/peers/complete 2>/dev/null)" = "$wanted" ]; }
if is_complete; then exit 0; fi

fail() { echo "peers.sh: $1" >&2; exit 1; }
mkdir -p out/peers/deb 2>/dev/null && [ -w out/peers ] || fail "$PWD/out/peers is not writable by user $(id -un)"
exec 9>out/peers/lock
flock 9
if is_complete; then exit 0; fi # another was faster
cd out/peers
rm -rf complete root python3 deb/*.deb

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
