#!/bin/bash
# prepare.sh : makes out/vm/vmlinuz and out/vm/initrd for the virtual machine. What is there already is kept, so a second
# run takes a moment. What is missing on this machine it installs as root; else it names the one command to run.
set -euo pipefail
cd "$(dirname "$0")/../../.."
vm=$PWD/out/vm
mkdir -p "$vm"

[ "$(uname -m)" = x86_64 ] || { echo "the virtual machine's test knows x86-64 only, this is $(uname -m)" >&2; exit 1; }

# --- programs
missing=""
command -v qemu-system-x86_64 >/dev/null || missing="$missing qemu-system-x86"
command -v cpio >/dev/null || missing="$missing cpio"
PATH=$PATH:/usr/sbin:/sbin command -v ip >/dev/null || missing="$missing iproute2"
# A static busybox: the machine has no libraries but those of our own programs.
[ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1 || missing="$missing busybox-static"
if [ -n "$missing" ]; then
  install="apt-get install -y --no-install-recommends$missing"
  if [ "$(id -u)" = 0 ]; then
    apt-get update -q >"$vm/apt.log" 2>&1 && DEBIAN_FRONTEND=noninteractive $install >>"$vm/apt.log" 2>&1 || {
      echo "failed: $install (see out/vm/apt.log)" >&2; exit 1; }
  else
    echo "missing; run once: sudo $install" >&2; exit 1
  fi
fi

# --- the distribution's kernel: unpacked, never installed; its image, and the modules of what is not built in
modules="drivers/net/veth drivers/net/vrf"
if [ ! -s "$vm/vmlinuz" ] || [ ! -s "$vm/kernel" ] || [ "$(cat "$vm/modules/list" 2>/dev/null)" != "$modules" ]; then
  find_kernel() {
    for meta in linux-image-amd64 linux-image-virtual linux-image-generic; do
      package=$(apt-cache depends "$meta" 2>/dev/null | awk '/Depends: linux-image-[0-9]/{print $2; exit}')
      [ -z "$package" ] || return 0
    done
    return 1
  }
  find_kernel || { [ "$(id -u)" = 0 ] && apt-get update -q >"$vm/apt.log" 2>&1 && find_kernel; } || {
    echo "no kernel package known; run once: sudo apt-get update" >&2; exit 1; }
  work=$(mktemp -d "$vm/kernel.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && apt-get download -q "$package" >"$vm/apt.log" 2>&1) || {
    [ "$(id -u)" = 0 ] && apt-get update -q >>"$vm/apt.log" 2>&1 && (cd "$work" && apt-get download -q "$package" >>"$vm/apt.log" 2>&1)
  } || { echo "failed: apt-get download $package (see out/vm/apt.log; sudo apt-get update may help)" >&2; exit 1; }
  (cd "$work" && dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards './boot/vmlinuz-*' $(printf '*/kernel/%s.ko* ' $modules))
  rm -rf "$vm/modules"
  mkdir "$vm/modules"
  find "$work" -name '*.ko*' -exec mv {} "$vm/modules/" \;
  find "$vm/modules" -name '*.xz' -exec xz -d {} +
  mv "$work"/boot/vmlinuz-* "$vm/vmlinuz"
  echo "$modules" >"$vm/modules/list"
  echo "${package#linux-image-}" >"$vm/kernel"
fi

# --- two interfaces with hardware clocks, for PTP: see ptplab.c
if [ ! -s "$vm/ptplab.ko" ] || [ "$vm/kernel" -nt "$vm/ptplab.ko" ] || [ tests/system/ptp-lab/ptplab.c -nt "$vm/ptplab.ko" ]; then
  tests/system/ptp-lab/build.sh "$(cat "$vm/kernel")" "$vm/ptplab.ko"
fi

# --- the peer: Debian's linuxptp, unpacked
build/peers.sh
peer=$PWD/out/peers/root

# --- our programs: the daemons as `make publish` made them, like all of tests/system
bin=${TIMESUITE_BIN:-$PWD/out/bin}
for program in clockd ntpd ptpd timectl; do
  [ -x "$bin/$program" ] || { echo "$bin/$program is not there: run 'make publish' first, or set TIMESUITE_BIN" >&2; exit 1; }
done
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet publish tests/system/vm-guest -c Release -r linux-x64 -p:RunAnalyzers=false -o "$vm/publish/vm-guest" -v q -nologo -clp:NoSummary >"$vm/publish.log" 2>&1 || {
  tail -20 "$vm/publish.log" >&2; echo "failed: dotnet publish tests/system/vm-guest" >&2; exit 1; }

# --- the initial file system: busybox, our programs and the libraries that they name; no library of ciphers, for none is needed
root=$vm/root
rm -rf "$root"
mkdir -p "$root"/{bin,dev,etc,proc,run,sys,tmp,lib,lib64,var/lib}
cp /bin/busybox "$root/bin/"
install -m 755 tests/system/vm/init "$root/init"
install -m 755 tests/system/vm/vrf.sh "$root/vrf.sh"
install -D -m 644 -t "$root/lib/modules" "$vm"/modules/*.ko
cp tests/system/vm/passwd "$root/etc/passwd"
cp tests/system/vm/group "$root/etc/group"
cp "$vm/ptplab.ko" "$root/lib/"
install -m 755 "$bin"/{clockd,ntpd,ptpd,timectl} "$peer"/usr/sbin/{ptp4l,pmc} "$vm/publish/vm-guest/vm-guest" "$(command -v setpriv)" "$(PATH=$PATH:/usr/sbin:/sbin command -v ip)" "$root/bin/"
seccomp=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p | awk '/libseccomp\.so\.2 .*x86-64/{print $NF; exit}') # which the daemons look for when they confine themselves
[ -n "$seccomp" ] || { echo "libseccomp.so.2 is not there; run once: sudo apt-get install -y libseccomp2" >&2; exit 1; }
for library in $(LD_LIBRARY_PATH=$(echo "$peer"/usr/lib/*-linux-gnu) ldd "$root"/bin/{clockd,ntpd,ptpd,timectl,vm-guest,setpriv,ip,ptp4l,pmc} "$seccomp" | grep -o '/[^ :]*\.so[^ :]*' | sort -u); do
  place=$root${library#"$peer"}
  mkdir -p "$(dirname "$place")"
  cp -L "$library" "$place"
done
(cd "$root" && find . | cpio -o -H newc --quiet) >"$vm/initrd.new"
mv "$vm/initrd.new" "$vm/initrd"
