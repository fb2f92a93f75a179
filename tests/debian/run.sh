#!/bin/bash
# run.sh [quick|all] : installs the package into a Debian with systemd and AppArmor in a virtual machine, and tries there what a user, an administrator and an attacker would.
# Prints a table of what was tried and seen; ends with "N passed, N failed". Time in the machine is virtual: waiting costs nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
what=${1:-all}
out=$PWD/out/debian
mkdir -p "$out"
if [ "$(id -u)" != 0 ]; then echo "the virtual machine's image takes root to make: sudo make vm-test" >&2; exit 1; fi
tests/debian/image.sh
[ -x out/bin/clockd ] || { echo "out/bin is empty: run 'make publish' first" >&2; exit 1; }
build/require.sh package

version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
lab=$out/lab
rm -rf "$lab"; mkdir -p "$lab"
packaging/deb.sh "$version-1" >"$out/deb.log" 2>&1 || { tail -3 "$out/deb.log" >&2; exit 1; }
cp "out/timesuite_$version-1_$(dpkg --print-architecture).deb" "$lab/timesuite.deb"
if [ "$what" = all ]; then
  packaging/deb.sh "$version-2" >>"$out/deb.log" 2>&1
  cp "out/timesuite_$version-2_$(dpkg --print-architecture).deb" "$lab/timesuite-next.deb"
fi
cp tests/debian/guest.sh tests/debian/guest/*.sh "$lab/" 2>/dev/null || cp tests/debian/guest.sh "$lab/"
tar -C "$lab" -cf "$out/lab.tar" .
truncate -s %1M "$out/lab.tar"

boot() { # boot NAME DISK BASE-TIME SECONDS : one start of the machine, ended by itself or after so long
  timeout "$4" qemu-system-x86_64 -machine q35 -accel tcg,thread=single -cpu max -smp 1 -m 1024 -nodefaults -no-user-config -display none -no-reboot -serial stdio \
    -icount shift=1,sleep=off -rtc "base=$3,clock=vm" -kernel "$out/vmlinuz" -initrd "$out/initrd" \
    -append "console=ttyS0 quiet panic=-1 systemd.show_status=0 apparmor=1 security=apparmor lab=$1" \
    -drive "file=$2,if=none,id=system,format=raw,cache=unsafe" -device virtio-blk-pci,drive=system \
    -drive "file=$out/lab.tar,if=none,id=lab,format=raw,readonly=on" -device virtio-blk-pci,drive=lab \
    -device virtio-rng-pci </dev/null 2>&1 | tr -d '\r' >"$out/$1.log" || echo "FAILED the machine ends by itself: it was stopped after $4 s" >>"$out/$1.log"
  grep -aE '^(ok|FAILED) ' "$out/$1.log" | tee -a "$out/table"
  grep -aqE '^lab ends' "$out/$1.log" || echo "FAILED $1 comes to its end: see out/debian/$1.log" | tee -a "$out/table"
}

: >"$out/table"
year=$(date +%Y)
cp --reflink=auto --sparse=always "$out/base.ext4" "$out/disk.ext4"
boot install "$out/disk.ext4" "$year-11-30T12:00:00" 600
if [ "$what" = all ]; then
  boot again "$out/disk.ext4" "$year-12-01T12:00:00" 600
  boot era2036 "$out/disk.ext4" "2036-02-07T06:20:00" 400
  boot year2038 "$out/disk.ext4" "2038-01-19T03:08:00" 400
  boot upgrade "$out/disk.ext4" "$year-12-02T12:00:00" 600
fi
rm -f "$out/disk.ext4"
passed=$(grep -c '^ok ' "$out/table" || true) failed=$(grep -c '^FAILED ' "$out/table" || true)
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
