#!/bin/bash
# build.sh KERNEL MODULE : makes the module for a kernel of the distribution, e.g. 6.1.0-57-amd64, with its headers from the archive: unpacked, never installed.
set -euo pipefail
kernel=$1 module=$(realpath -m "$2")
here=$(cd "$(dirname "$0")" && pwd)
work=$(dirname "$module")/ptp-lab
mkdir -p "$work"
for program in gcc make; do command -v $program >/dev/null || { echo "missing; run once: apt-get install -y --no-install-recommends gcc make" >&2; exit 1; }; done

headers=$work/usr/src/linux-headers-$kernel
if [ ! -e "$work/complete" ] || [ "$(cat "$work/complete")" != "$kernel" ]; then
  rm -rf "$work"/{usr,lib,deb,complete}; mkdir -p "$work/deb"
  fetch() (
    cd "$work/deb"
    # The headers, and of what they need all that is the kernel's own; the compiler is on the machine.
    apt-get download -q "linux-headers-$kernel" $(apt-cache depends "linux-headers-$kernel" | awk '$1=="Depends:" && $2 ~ /^linux-/{print $2}')
  )
  fetch >"$work/apt.log" 2>&1 || { [ "$(id -u)" = 0 ] && apt-get update -q >>"$work/apt.log" 2>&1 && fetch >>"$work/apt.log" 2>&1; } || {
    tail -3 "$work/apt.log" >&2; echo "failed: apt-get download linux-headers-$kernel (sudo apt-get update may help)" >&2; exit 1; }
  for package in "$work"/deb/*.deb; do dpkg-deb -x "$package" "$work"; done
  sed -i "s|/usr/src/|$work/usr/src/|" "$headers/Makefile" # they are not where they think they are
  rm -r "$work/deb"
  echo "$kernel" >"$work/complete"
fi

rm -rf "$work/build"; mkdir "$work/build"
cp "$here/ptplab.c" "$here/Makefile" "$work/build/"
make -s -C "$headers" M="$work/build" KCFLAGS=-Werror modules >"$work/make.log" 2>&1 || { cat "$work/make.log" >&2; exit 1; }
strip --strip-debug -o "$module" "$work/build/ptplab.ko"
