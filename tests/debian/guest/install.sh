# From nothing to a host that keeps time, and what may go wrong then.
reference --shadow-offset 5s

try "chrony keeps the time of a new machine" until_true 30 active chrony
try "the package installs" dpkg -i timesuite.deb
try "beside a chrony that runs it takes nothing over" bash -c '! systemctl is-active --quiet timesuite-ntpd && ! systemctl is-enabled --quiet timesuite.target && systemctl is-active chrony'
follow
try "the configuration has no mistake" timectl config check
try "the one command that moves over" bash -c 'systemctl disable --now chrony 2>&1 && systemctl enable --now timesuite.target 2>&1; systemctl is-active timesuite.target'
for daemon in clockd ntpd ntskeyd lookupd; do
  [ -e /usr/lib/systemd/system/timesuite-$daemon.service ] || continue
  try "$daemon runs" until_true 60 active timesuite-$daemon
done
try "it synchronises over NTS" bash -c 'timectl waitsync --timeout 300s && timectl authdata | tail -2'
try "the clock was really set: chronyd measures" within "$(wrong_by)" 0.01
try "timedatectl tells the truth" bash -c 'timedatectl | tee /dev/stderr | grep -q "System clock synchronized: yes" && timedatectl | grep "NTP service: active"'
try "port 123 is handed over by systemd and served" bash -c 'ss -Hulpn "sport = :123" 2>/dev/null | grep -c 127.0.0.1:123 | grep -x 2'

for daemon in clockd ntpd ntskeyd lookupd ptpd; do
  [ "$(pid $daemon)" != 0 ] && [ -n "$(pid $daemon)" ] || continue
  try "$daemon is confined by AppArmor" grep -x "timesuite-$daemon (enforce)" "/proc/$(pid $daemon)/attr/current"
  try "$daemon has a system call filter and no new privileges" bash -c "[ $(field $daemon Seccomp) = 2 ] && [ $(field $daemon NoNewPrivs) = 1 ] && echo Seccomp: 2"
  expected=0000000000000000; [ $daemon != clockd ] || expected=0000000002000000
  try "$daemon has the capabilities $expected" test "$(field $daemon CapEff)$(field $daemon CapBnd)" = "$expected$expected"
done

try "nobody's uid is not let into the control sockets" bash -c '! setpriv --reuid 65534 --regid 65534 --clear-groups timectl reload 2>&1'
try "nobody's uid may read" bash -c 'setpriv --reuid 65534 --regid 65534 --clear-groups timectl sources | tail -1'
try "clockd lets no stranger in" bash -c '! setpriv --reuid 65534 --regid 65534 --clear-groups bash -c "exec 3<>/dev/tcp/127.0.0.1/1" 2>/dev/null; echo "see tests/system/StrangerTests"'
for daemon in clockd ntpd ntskeyd; do
  try "under $daemon's profile another's file is denied and the denial is logged" bash -c "
    dmesg -C; ! aa-exec -p timesuite-$daemon -- $lib/$daemon --config /etc/shadow >/dev/null 2>&1
    dmesg | grep -a 'DENIED.*timesuite-$daemon.*etc/shadow' | sed 's/.*apparmor=/apparmor=/'"
done

for daemon in ntpd ntskeyd clockd; do
  try "$daemon is killed and is back within 10 s" bash -c "
    before=\$(awk '{print \$1}' /proc/uptime | xargs -I{} python3 -c '' 2>/dev/null; date +%s.%N); up=\$(cut -d' ' -f1 /proc/uptime)
    kill -9 $(pid $daemon); n=0; until systemctl is-active --quiet timesuite-$daemon && [ \$(systemctl show -p MainPID --value timesuite-$daemon.service) != 0 ]; do n=\$((n + 1)); [ \$n -lt 100 ] || exit 1; sleep 0.1; done
    after=\$(date +%s.%N); upped=\$(cut -d' ' -f1 /proc/uptime)
    awk -v a=\$before -v b=\$after -v u=\$up -v v=\$upped 'BEGIN { d = (b - a) - (v - u); if (d < 0) d = -d; print \"clock moved \" d \" s beside its own course\"; exit !(d < 0.05) }'"
done
try "it is synchronised again" timectl waitsync --timeout 300s
try "a daemon that hangs is found by its watchdog and restarted" bash -c "
  old=$(pid ntpd); kill -STOP \$old; n=0; until [ \$(systemctl show -p MainPID --value timesuite-ntpd.service) != \$old ] && systemctl is-active --quiet timesuite-ntpd; do n=\$((n + 1)); [ \$n -lt 120 ] || exit 1; sleep 1; done; echo after \$n s"
try "it is synchronised after that" timectl waitsync --timeout 300s
try "somebody sets the clock by hand: it is said" bash -c 'date -s "+3 seconds" >/dev/null; sleep 20; timectl status | grep -iE "alarm|somebody|step" | head -1 | grep .'
try "and the administrator has it set right" bash -c 'timectl step && sleep 5 && echo stepped'
try "chronyd measures" within "$(wrong_by)" 0.05
try "a full disk does not stop the time" bash -c 'mount -t tmpfs -o size=64k,uid=$(id -u timesuite-ntp),mode=755 tmpfs /var/lib/timesuite/ntpd && systemctl restart timesuite-ntpd && dd if=/dev/zero of=/var/lib/timesuite/ntpd/fill bs=1k count=64 2>/dev/null; timectl waitsync --timeout 300s; r=$?; umount -l /var/lib/timesuite/ntpd; systemctl restart timesuite-ntpd; exit $r'
try "timedatectl set-ntp false stops all of it" bash -c 'timedatectl set-ntp false; sleep 3; ! pgrep -f $lib/ >/dev/null || pgrep -af /usr/lib/timesuite/; systemctl is-active timesuite-clockd timesuite-ntpd | grep -c inactive | grep -x 2'
try "timedatectl set-ntp true starts it" bash -c 'systemctl mask -q chrony; timedatectl set-ntp true; n=0; until systemctl is-active --quiet timesuite-ntpd; do n=$((n + 1)); [ $n -lt 60 ] || exit 1; sleep 1; done; systemctl is-active timesuite.target'
try "nothing was denied to a daemon at its own work" bash -c '! journalctl -k -b --no-pager | grep -a "apparmor=.DENIED" | grep -av "etc/shadow" | grep -a "profile=.timesuite-" | sed "s/.*apparmor=/apparmor=/" | sort | uniq -c | sort -rn | head -5 | grep .'
timectl waitsync --timeout 300s >/dev/null; sleep 30
