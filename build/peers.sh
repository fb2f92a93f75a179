#!/bin/sh
# peers.sh : unpacks other people's time daemons from Debian's packages into out/peers, to run from there in tests. Nothing is installed:
# they conflict with each other and would take over the host's clock. Shared libraries that they need come along the same way.
set -eu
cd "$(dirname "$0")/.."
mkdir -p out/peers/deb
cd out/peers
[ -e complete ] && exit 0
packages="chrony ntpsec ntpsec-ntpdig python3-ntp libnettle8 libtomcrypt1 libtommath1 libseccomp2 libedit2 libbsd0 libmd0 libbsd0"
(cd deb && apt-get download $packages >apt.log 2>&1) || {
    (apt-get update && cd deb && apt-get download $packages) >deb/apt.log 2>&1 || {
        tail -3 deb/apt.log >&2
        echo "peers.sh: 'apt-get download $packages' failed; is a package mirror reachable?" >&2
        exit 1
    }
}
for package in deb/*.deb; do dpkg-deb -x "$package" root; done
touch complete
