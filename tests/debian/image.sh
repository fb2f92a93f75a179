#!/bin/bash
# image.sh : out/debian/base.ext4, vmlinuz and initrd: a Debian with systemd and AppArmor, as a new machine has it, chrony keeping its time, and nothing of ours in it.
# Made once; made anew when this file changes. Needs root, the programs that build/require.sh vm installs, and Debian's packages.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$PWD/out/debian
mkdir -p "$out"
mark=$(sha256sum tests/debian/image.sh | cut -c1-16)
[ "$(cat "$out/mark" 2>/dev/null)" != "$mark" ] || exit 0

export PATH=$PATH:/usr/sbin:/sbin

suite=$(. /etc/os-release; echo "${VERSION_CODENAME:-bookworm}")
root=$out/root
rm -rf "$root"
mmdebstrap --quiet --variant=apt --mode=root --aptopt='Apt::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include=systemd,systemd-sysv,dbus,udev,apparmor,iproute2,kmod,procps,util-linux,chrony,libseccomp2,libssl3,openssl,ca-certificates,tzdata,polkitd \
  "$suite" "$root" >"$out/mmdebstrap.log" 2>&1 || { tail -5 "$out/mmdebstrap.log" >&2; echo "failed: mmdebstrap (see out/debian/mmdebstrap.log)" >&2; exit 1; }

# The daemon that most new machines have, for a test of its own.
rm -f "$out"/timesyncd.deb "$out"/systemd-timesyncd_*.deb
(cd "$out" && apt-get download -q systemd-timesyncd >"$out/apt.log" 2>&1 && mv systemd-timesyncd_*.deb timesyncd.deb) || { tail -3 "$out/apt.log" >&2; echo "failed: apt-get download systemd-timesyncd" >&2; exit 1; }

# The distribution's kernel, unpacked: its image, and those of its modules that are used.
package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-[0-9]/{print $2; exit}')
work=$(mktemp -d "$out/kernel.XXXXXX"); trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get download -q "$package" >"$out/apt.log" 2>&1 && dpkg-deb -x ./*.deb tree)
cp "$work"/tree/boot/vmlinuz-* "$out/vmlinuz"
modules=$(echo "$work"/tree/lib/modules/*); version=$(basename "$modules")
echo "$version" >"$out/kernel"
depmod -b "$work/tree" "$version"
mkdir -p "$root/usr/lib/modules/$version"
cp "$modules"/modules.builtin* "$modules"/modules.order "$root/usr/lib/modules/$version/"
need() { for module in "$@"; do modprobe -S "$version" -d "$work/tree" --show-depends "$module" 2>/dev/null | awk '/^insmod/{print $2}'; done | awk '!seen[$0]++'; }
need virtio_pci virtio_blk ext4 virtio_rng veth bridge sch_netem vrf dummy softdog unix ipv6 af_packet autofs4 configfs | while read -r file; do
  target=$root/usr/lib/modules/$version/${file#*/modules/"$version"/}
  mkdir -p "$(dirname "$target")"
  case $file in *.xz) xz -dc "$file" >"${target%.xz}" ;; *) cp "$file" "$target" ;; esac
done
depmod -b "$root" "$version" 2>/dev/null || depmod -b "$root/usr" "$version"

initrd=$work/initrd
mkdir -p "$initrd"/{bin,proc,dev,new,modules}
cp /bin/busybox "$initrd/bin/"
need virtio_pci virtio_blk ext4 | while read -r file; do
  name=$(basename "${file%.xz}")
  case $file in *.xz) xz -dc "$file" ;; *) cat "$file" ;; esac >"$initrd/modules/$name"
  echo "$name" >>"$initrd/modules/order"
done
cat >"$initrd/init" <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t devtmpfs dev /dev; $b mount -t proc proc /proc
while read module; do $b insmod /modules/$module; done </modules/order
n=0; while [ ! -b /dev/vda ] && [ $n -lt 500 ]; do $b usleep 20000; n=$((n + 1)); done
$b mount -t ext4 -o rw,noatime /dev/vda /new || exec $b sh
$b umount /proc; $b mount --move /dev /new/dev
exec $b switch_root /new /lib/systemd/systemd
INIT
chmod +x "$initrd/init"
(cd "$initrd" && find . | cpio -o -H newc --quiet) >"$out/initrd"

# The tests come on a second disk, as a tar file, and their words go out by the serial console.
cat >"$root/usr/local/sbin/lab" <<'LAB'
#!/bin/bash
mkdir -p /lab && tar -xf /dev/vdb -C /lab && cd /lab || exit 1
bash /lab/guest.sh "$(tr ' ' '\n' </proc/cmdline | sed -n 's/^lab=//p')"
sync
systemctl poweroff --no-block
LAB
chmod 755 "$root/usr/local/sbin/lab"
cat >"$root/etc/systemd/system/lab.service" <<'UNIT'
[Unit]
Description=the tests
After=basic.target network.target dbus.socket
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/lab
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
TimeoutStartSec=infinity
UNIT
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -sf ../lab.service "$root/etc/systemd/system/multi-user.target.wants/lab.service"
# What a test has no use for and an emulated processor is long at.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer getty@tty1.service serial-getty@ttyS0.service ldconfig.service systemd-hwdb-update.service \
  systemd-journal-catalog-update.service systemd-update-done.service systemd-binfmt.service systemd-pcrphase.service systemd-pstore.service systemd-random-seed.service systemd-tmpfiles-clean.timer systemd-update-utmp.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
mkdir -p "$root/etc/apparmor.d.shipped"
find "$root/etc/apparmor.d" -maxdepth 1 -type f -exec mv {} "$root/etc/apparmor.d.shipped/" \;
mkdir -p "$root/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\nRateLimitBurst=0\n' >"$root/etc/systemd/journald.conf.d/lab.conf"
echo "/dev/vda / ext4 rw 0 0" >"$root/etc/fstab"
echo lab >"$root/etc/hostname"
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
touch "$root/etc/.updated" "$root/var/.updated"

rm -f "$out/base.ext4"
mke2fs -q -t ext4 -O ^has_journal -m 0 -E lazy_itable_init=1,lazy_journal_init=1 -d "$root" "$out/base.ext4" "$(($(du -sm "$root" | cut -f1) + 300))M"
rm -rf "$root"
echo "$mark" >"$out/mark"
