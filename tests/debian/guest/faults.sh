# What administrators and the machine itself do to a host that keeps time.
reference
try "it keeps time after a start" becomes_right 400 0.003

date -s "+3 seconds" >/dev/null
alarmed() { timectl status | grep -i "alarm" | head -1 | cut -c1-160 | grep . && [ "$(status synchronized)" = false ]; }
try "the clock is set by hand: an alarm says so, and it is not called right" until_true 60 alarmed
timectl status | head -5
try "the administrator has it set right" timectl step
try "and it is" becomes_right 120 0.003

sleep 700 # until the clock's own word counts
./truth jump 0.3 # the kernel's own suspend does not come back in a machine of virtual time; what ntpd makes of it: tests/simulation/scenarios/Scenarios.Hosts.cs
not_followed() { local jump; jump=$(status jump_s); timectl status | grep "^ *Alarm" | tr -s ' ' | cut -c1-160; smaller "$jump" 1 && refused smaller "$jump" 0.2; }
try "all sources jump, as when a machine stood still: an alarm" every 10 until_true 300 not_followed
where() { local error; error=$(./truth error); echo "the clock is $error s off"; awk -v e="$error" 'BEGIN { exit !(e < -0.25 && e > -0.35) }'; }
try "and the jump is not followed" where
try "the administrator confirms it" timectl step
try "and it is right" becomes_right 120 0.003

fallocate -l "$(df --output=avail -k / | tail -1 | tr -d ' ')K" /fill 2>/dev/null; dd if=/dev/zero of=/fill2 bs=64k 2>/dev/null; dd if=/dev/zero of=/fill3 bs=1k 2>/dev/null
full() { ! echo x >/full 2>/dev/null && df --output=avail / | tail -1; }
try "the disk is full" full
try "with a full disk it keeps time" becomes_right 120 0.003
complains() { journalctl -u timesuite-ntpd -b --no-pager | grep -i "no space left" | tail -1 | grep .; }
kill "$(pid ntpd)" # what it knows is saved at the end, and once an hour
try "and says that it cannot remember" until_true 30 complains
kill -9 "$(pid clockd)"; sleep 120 # systemd makes directories for whom it starts: while the disk is full it cannot, or not always
rm -f /fill /fill2 /fill3 /full
by_itself() { until_true 10 active timesuite-clockd timesuite-ntpd && systemctl show -p NRestarts timesuite-ntpd; }
try "those that died meanwhile come back by themselves when there is room again" by_itself
try "and it is right" becomes_right 300 0.003

bad() { # a mistake in the configuration
  echo "[ntp" >/etc/timesuite/conf.d/bad.toml; ! systemctl restart timesuite-ntpd 2>/dev/null; sleep 20
  local seen; seen="$(systemctl show -p ActiveState --value timesuite-ntpd) with $(systemctl show -p ExecMainStatus --value timesuite-ntpd) after $(systemctl show -p NRestarts --value timesuite-ntpd) restarts"
  echo "$seen"; [ "$seen" = "failed with 2 after 0 restarts" ]
}
try "with a mistake in its configuration ntpd does not start, nor again and again" bad
asked_by_all() { # what strangers ask while it cannot run must not use up its starts
  local i; for i in $(seq 60); do as nobody timectl status >/dev/null 2>&1; done
  systemctl is-active --quiet timesuite-ntpd-status.socket timesuite-ntpd-control.socket && systemctl show -p Result timesuite-ntpd
}
try "asked sixty times meanwhile, it is turned away and the sockets stay" asked_by_all
mended() { rm /etc/timesuite/conf.d/bad.toml; systemctl restart timesuite-ntpd && active timesuite-ntpd; }
try "and does when it is mended" mended
again() { systemctl restart timesuite-ntpd-status.socket && until_true 30 active timesuite-ntpd timesuite-ntpd-status.socket && timectl status | head -1; }
try "a socket of it that is restarted takes it along" again
try "and is right" becomes_right 300 0.003

running() { pgrep -f '^/usr/lib/timesuite/'; }
stopped() { timedatectl set-ntp false; until_true 30 refused running >/dev/null; refused running && ! ls $run/*/*.sock 2>/dev/null && timedatectl show -p NTP | grep -x NTP=no; }
try "timedatectl set-ntp false stops all of it" stopped
systemctl mask -q chrony
started() { timedatectl set-ntp true; until_true 60 active timesuite-ntpd; active timesuite.target && timedatectl show -p NTP | grep -x NTP=yes; }
try "timedatectl set-ntp true starts it" started
try "and it is right" becomes_right 300 0.003
systemctl unmask -q chrony
try "nothing was denied to a daemon at its own work" quiet_log
