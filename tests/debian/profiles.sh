#!/bin/bash
# profiles.sh RELEASE : compiles the AppArmor profiles with the parser and the abstractions of a Debian release, e.g. trixie, unpacked from its packages into out/debian/RELEASE. Prints what it saw.
set -euo pipefail
cd "$(dirname "$0")/../.."
release=$1 place=$PWD/out/debian/$1
packages="apparmor libc6 libgcc-s1 libstdc++6 libapparmor1"
if [ "$(cat "$place/complete" 2>/dev/null)" != "$packages" ]; then
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -f $keyring ] || { echo "$keyring is needed (package debian-archive-keyring)"; exit 1; }
  rm -rf "$place"; mkdir -p "$place"/apt/{lists,archives}/partial "$place/deb"
  site=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian \(.*\/debian\/*\)$/\1/p' | head -1)
  echo "deb [signed-by=$keyring] ${site:-http://deb.debian.org/debian} $release main" >"$place/apt/sources.list"
  apt() (
    cd "$place/deb"
    apt-get -o Dir::Etc::sourcelist="$place/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$place/apt/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$place/apt" \
      -o Acquire::Languages=none -o APT::Sandbox::User="$(id -un)" "$@" >>"$place/apt.log" 2>&1
  )
  # shellcheck disable=SC2086
  { apt update && apt download $packages; } || { tail -2 "$place/apt.log"; exit 1; }
  for package in "$place"/deb/*.deb; do dpkg-deb -x "$package" "$place/root"; done
  rm -rf "$place/apt" "$place/deb"
  echo "$packages" >"$place/complete"
fi
base=$place/root/etc/apparmor.d
cp apparmor/timesuite.abstraction "$base/abstractions/timesuite"
libraries=$(dirname "$(find "$place/root" -name 'libc.so.6' | head -1)")
loader=$(find "$place/root" -name 'ld-linux*.so.*' | head -1)
parser() { "$loader" --library-path "$libraries" "$(find "$place/root" -name apparmor_parser -type f | head -1)" "$@"; }
for profile in apparmor/timesuite-*; do
  seen=$(parser --skip-kernel-load --skip-cache --warn=all --base "$base" "$profile" 2>&1) || { echo "$profile: $seen"; exit 1; }
  seen=$(grep -vE "rules not enforced|parser.conf' not found|interface file missing|Cache read/write disabled|features abi '.*' differs|^Warning from stdin|^$" <<<"$seen" || true) # what this machine's kernel does not know or have, and the release's own files
  [ -z "$seen" ] || { echo "$profile: $seen"; exit 1; }
done
echo "$(ls apparmor/timesuite-* | wc -l) profiles, $(parser --version | head -1)"
