#!/bin/sh
# require.sh WHAT... : sees that what a target needs is on this machine. Root gets it installed with apt-get;
# anybody else is told the one command to run. WHAT is one of: sdk native confinement tests package
set -eu

missing=""
need() { # need COMMAND PACKAGE
    command -v "$1" >/dev/null 2>&1 || PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

for what in "$@"; do
    case $what in
    sdk)
        command -v dotnet >/dev/null 2>&1 || {
            echo "The .NET 10 SDK is needed and 'dotnet' is not on PATH. Ubuntu 24.04: apt-get install dotnet-sdk-10.0; Debian: see https://learn.microsoft.com/dotnet/core/install/linux-debian" >&2
            exit 1
        } ;;
    native) # Native AOT links with the system's compiler
        command -v clang >/dev/null 2>&1 || need gcc gcc
        need objcopy binutils
        [ -e /usr/include/stdio.h ] || missing="$missing libc6-dev" ;;
    confinement) # the daemons look for it when they start, and do not run unconfined by accident
        PATH="$PATH:/usr/sbin:/sbin" ldconfig -p | grep -q 'libseccomp\.so\.2 ' || missing="$missing libseccomp2" ;;
    tests) # the virtual machine, network namespaces, and peers taken from Debian's packages
        need qemu-system-x86_64 qemu-system-x86
        [ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1 || missing="$missing busybox-static"
        need cpio cpio
        need depmod kmod
        need xz xz-utils
        need ip iproute2
        need setpriv util-linux
        need setcap libcap2-bin
        need systemd-analyze systemd
        need mmdebstrap mmdebstrap
        need mke2fs e2fsprogs
        need openssl openssl
        need pandoc pandoc
        need cc gcc ;;
    package) # a .deb and what judges it
        need dpkg-deb dpkg
        need pandoc pandoc
        need readelf binutils
        need lintian lintian ;;
    *) echo "require.sh: unknown: $what" >&2; exit 2 ;;
    esac
done

[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing:$missing" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -q && apt-get install -y -q --no-install-recommends $missing; } >out/apt.log 2>&1 || {
        tail -5 out/apt.log >&2
        echo "apt-get install$missing failed: see out/apt.log" >&2
        exit 1
    }
else
    echo "Missing. Run this once, then again: sudo apt-get install -y --no-install-recommends$missing" >&2
    exit 1
fi
