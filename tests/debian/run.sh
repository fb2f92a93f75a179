#!/bin/bash
# run.sh [quick|all|PART...] : installs the package into a Debian with systemd and AppArmor in a virtual machine, and tries there what a user, an administrator and an attacker would.
# Prints a table of what was tried and seen; ends with "N passed, N failed". Time in the machine is virtual: waiting costs nothing. PARTs: those after a start of its own, on the disk that `all` or `quick` left.
set -euo pipefail
cd "$(dirname "$0")/../.."
what=${1:-all}
out=$PWD/out/debian
mkdir -p "$out"
if [ "$(id -u)" != 0 ]; then echo "the virtual machine's image takes root to make: sudo make vm-test" >&2; exit 1; fi
build/require.sh tests
tests/debian/image.sh
[ -x out/bin/clockd ] || { echo "out/bin is empty: run 'make publish' first" >&2; exit 1; }

lab=$out/lab
rm -rf "$lab"; mkdir -p "$lab"
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props) arch=$(dpkg --print-architecture)
package() { # package REVISION AS
  PACKAGES=timesuite COMPRESSION=gzip LEVEL=1 packaging/deb.sh "$version-$1" >>"$out/deb.log" 2>&1 || { tail -3 "$out/deb.log" >&2; exit 1; }
  mv "out/timesuite_$version-$1_$arch.deb" "$lab/$2.deb"
}
: >"$out/deb.log"
package 1 timesuite
next() { # as package 2 AS, but for a line of the configuration, a unit and a profile, which a next version may change
  local tree=$out/next; rm -rf "$tree"
  dpkg-deb -R "$lab/timesuite.deb" "$tree"
  sed -i "s/^Version: .*/Version: $version-2/" "$tree/DEBIAN/control"
  echo "# of the next version" >>"$tree/etc/timesuite/timesuite.toml"
  sed -i 's/^Description=.*/& of the next version/' "$tree/usr/lib/systemd/system/timesuite-ntpd.service"
  sed -i 's|^}|  deny /of/the/next/version r,\n}|' "$tree/etc/apparmor.d/timesuite-ntpd"
  dpkg-deb --root-owner-group -Zgzip -z1 --build "$tree" "$lab/$1.deb" >>"$out/deb.log"
}
[ "$what" = quick ] || next timesuite-next
cp "$out/timesyncd.deb" "$lab/"
cp tests/debian/guest.sh tests/debian/stranger.pl tests/debian/guest/*.sh "$lab/"
cc -O2 -Wall -Werror -shared -fPIC -o "$lab/truth.so" tests/debian/truth.c
cc -O2 -Wall -Werror -DPROGRAM -o "$lab/truth" tests/debian/truth.c
# The servers of the default configuration have their names here too, and certificates of an authority that the machine is told to trust.
sed -n 's/^server = "\(.*\)"/\1/p' packaging/timesuite.toml >"$lab/names"
names=$(sed 's/^/DNS:/' "$lab/names" | paste -sd,),DNS:host.test
key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
openssl req -x509 $key -keyout "$out/ca.key" -out "$lab/ca.pem" -subj "/CN=Tests of TimeSuite" -days 20000 -addext keyUsage=keyCertSign 2>/dev/null
openssl req $key -keyout "$lab/key.pem" -out "$out/request.pem" -subj "/CN=host.test" 2>/dev/null
openssl x509 -req -in "$out/request.pem" -CA "$lab/ca.pem" -CAkey "$out/ca.key" -CAcreateserial -out "$lab/chain.pem" -days 20000 -extfile <(echo "subjectAltName=$names") 2>/dev/null
if [ "$what" != quick ]; then # two interfaces with hardware clocks and a cable, and a grandmaster
  tests/system/ptp-lab/build.sh "$(cat "$out/kernel")" "$out/ptplab.ko"
  build/peers.sh
  cp "$out/ptplab.ko" out/peers/root/usr/sbin/ptp4l "$lab/"
fi
tar -C "$lab" -cf "$out/lab.tar" .
truncate -s %1M "$out/lab.tar"

boot() { # boot PART DISK HARDWARE-CLOCK SECONDS-LATER [WORDS] : one start of the machine, ended by itself, whose true time is so many seconds later than its hardware clock says; WORDS: for the part
  local log=$out/$1${5:+-$5}.log began=$SECONDS
  timeout "${LIMIT:-1800}" nice -n "${NICE:-0}" qemu-system-x86_64 -machine q35 -accel tcg,thread=single -cpu max -smp 1 -m 1024 -nodefaults -no-user-config -display none -no-reboot -serial stdio \
    -icount shift=1,sleep=off -rtc "base=$3,clock=vm" -kernel "$out/vmlinuz" -initrd "$out/initrd" \
    -append "console=ttyS0 quiet panic=-1 systemd.show_status=0 apparmor=1 security=apparmor lab=$1 truth=$(($(date -u -d "$3Z" +%s) + $4)) ${5:-}" \
    -drive "file=$2,if=none,id=system,format=raw,cache=unsafe" -device virtio-blk-pci,drive=system \
    -drive "file=$out/lab.tar,if=none,id=lab,format=raw,readonly=on" -device virtio-blk-pci,drive=lab \
    -device virtio-rng-pci </dev/null 2>&1 | stdbuf -oL tr -d "\r" >"$log" || echo "FAILED $1 ends by itself: it was stopped" >>"$log"
  grep -aqE '^lab ends' "$log" || echo "FAILED $1 comes to its end: see $log" >>"$log"
  { echo "--- $1${5:+ $5}: $((SECONDS - began)) s"; grep -aE '^(ok|FAILED) ' "$log" || true; } | tee -a "$out/table"
}
here() { # here WHAT COMMAND... : as try does in the machine
  local what=$1 seen; shift
  if seen=$("$@" 2>&1); then echo "ok $what: $(echo "$seen" | tail -1)"; else echo "FAILED $what: $(echo "$seen" | tail -5 | tr '\n' ' ')"; fi | tee -a "$out/table"
}
same() { # the package once more, from the same files
  local first; first=$(sha256sum <"$lab/timesuite.deb")
  PACKAGES=timesuite COMPRESSION=gzip LEVEL=1 packaging/deb.sh "$version-1" >/dev/null
  local again; again=$(sha256sum <"out/timesuite_$version-1_$arch.deb"); rm "out/timesuite_$version-1_$arch.deb"
  echo "${first%% *}, then ${again%% *}"; [ "$again" = "$first" ]
}
binary() { # lookupd once more, from the same sources in another folder, which is no repository
  local place; place=$(mktemp -d)
  git ls-files -z | tar --null -T - -c | tar -x -C "$place"
  SOURCE_DATE_EPOCH=$(cat out/bin/.epoch) make -s -C "$place" publish PROGRAMS=src/lookupd >"$out/rebuilt.log" 2>&1 || { tail -3 "$out/rebuilt.log"; return 1; }
  sha256sum "$place/out/bin/lookupd" out/bin/lookupd | cut -c1-64 | paste -sd' '
  cmp "$place/out/bin/lookupd" out/bin/lookupd && rm -r "$place"
}
made() { # as a user makes them, who compresses them and wants the symbols
  packaging/deb.sh >"$out/made.log" 2>&1 || { tail -3 "$out/made.log"; return 1; }
  local package symbols; package=$(sed -n 1p "$out/made.log") symbols=$(sed -n 2p "$out/made.log")
  [ "$(dpkg-deb --contents "$symbols" | grep -c '\.debug$')" = "$(dpkg-deb --contents "$package" | grep -cE ' \./usr/(bin|lib/timesuite)/[a-z]+$')" ] || { dpkg-deb --contents "$symbols"; return 1; }
  [ "$(dpkg-deb --fsys-tarfile "$package" | sha256sum)" = "$(dpkg-deb --fsys-tarfile "$lab/timesuite.deb" | sha256sum)" ] || { echo "it has other files than the one that the machine had"; return 1; }
  echo "$(du -h "$package" "$symbols" | paste -sd' ')"
}
no_error() { # lintian's errors; a warning is printed, not judged
  local seen; seen=$(lintian --tag-display-limit 0 --fail-on none $(cat "$out/made.log") 2>&1) || { echo "$seen"; return 1; }
  seen=$(echo "$seen" | grep -E '^[EW]:' || true)
  echo "$seen" | grep '^E:' || { echo "no error, $(echo "$seen" | grep -c '^W:') warnings"; return 0; }
  return 1
}
outside() { # what takes no machine
  here "the packages are made, as large as they are shipped, and the symbols of each program" made
  here "lintian finds no error in them" no_error
  here "the same files make the same package, octet for octet" same
  here "the same sources in another folder make the same program, octet for octet" binary
  here "the profiles compile with the parser and the abstractions of Debian 13" tests/debian/profiles.sh trixie
}
copy() { cp --reflink=auto --sparse=always "$1" "$2"; }

: >"$out/table"
day=$(date -u -d tomorrow +%F) year=$(date -u +%Y) # certificates are of today
case $what in
quick)
  copy "$out/base.ext4" "$out/disk.ext4"
  boot quick "$out/disk.ext4" "${day}T12:00:00" 5 ;;
all) # one processor for each of the machines, those that take long first
  most=$(nproc)
  pool() { while [ "$(jobs -rp | wc -l)" -ge "$most" ]; do wait -n || true; done; "$@" & }
  part() { # part NAME DISK HARDWARE-CLOCK SECONDS-LATER [WORDS] : on a copy of the disk
    local disk=$out/disk-$1${5:-}.ext4
    copy "$2" "$disk"; boot "$1" "$disk" "${@:3}"; rm "$disk"
  }
  copy "$out/base.ext4" "$out/disk.ext4"
  boot install "$out/disk.ext4" "${day}T12:00:00" 5 & installation=$!
  pool outside
  pool part fresh "$out/base.ext4" "${day}T12:00:00" 0
  wait $installation || true # which may have been waited for already
  pool part faults "$out/disk.ext4" "${day}T14:00:00" 0
  pool part abuse "$out/disk.ext4" "${day}T13:00:00" 0
  pool part ptp "$out/disk.ext4" "$((year + 3))-03-01T12:00:00" 0
  pool part upgrade "$out/disk.ext4" "${day}T15:00:00" 0
  pool part again "$out/disk.ext4" "${day}T14:00:00" 1
  pool part leap "$out/disk.ext4" "$((year + 1))-12-31T23:44:00" 0 leap=+1
  pool part leap "$out/disk.ext4" "$((year + 2))-12-31T23:44:00" 0 leap=-1
  pool part year2038 "$out/disk.ext4" "2038-01-19T03:06:00" 0
  pool part era2036 "$out/disk.ext4" "2036-02-07T06:20:00" 0
  wait
  [ "$(grep -c '^--- ' "$out/table")" = 11 ] || echo "FAILED all parts come to their ends: $(grep -c '^--- ' "$out/table") of 11 did" | tee -a "$out/table" ;;
*)
  for part in "$@"; do
    copy "$out/disk.ext4" "$out/disk2.ext4"
    case $part in
    fresh) copy "$out/base.ext4" "$out/disk2.ext4"; boot fresh "$out/disk2.ext4" "${day}T12:00:00" 0 ;;
    leap+1 | leap-1) boot leap "$out/disk2.ext4" "$((year + 1))-12-31T23:44:00" 0 "leap=${part#leap}" ;;
    era2036) boot era2036 "$out/disk2.ext4" "2036-02-07T06:20:00" 0 ;;
    year2038) boot year2038 "$out/disk2.ext4" "2038-01-19T03:06:00" 0 ;;
    *) boot "$part" "$out/disk2.ext4" "${day}T13:00:00" 1 ;;
    esac
  done ;;
esac
passed=$(grep -c '^ok ' "$out/table" || true) failed=$(grep -c '^FAILED ' "$out/table" || true)
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
