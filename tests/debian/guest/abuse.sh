# What attackers, administrators and the machine itself do to a host that keeps time.
reference
try "it keeps time after a start" becomes_right 400 0.003
. ./inside.sh

# A hostile user on every socket.
for socket in clockd/clockd.sock ntpd/ntpd.sock ntskeyd/ntskeyd.sock ntskeyd/keys.sock lookupd/lookupd.sock; do
  try "nobody is not let into $socket" as nobody perl stranger.pl $run/$socket
  try "lookupd's user is not let into $socket" as timesuite-lookup perl stranger.pl $run/$socket
done
try "ntskeyd's user is not let into ntpd.sock" as timesuite-nts perl stranger.pl $run/ntpd/ntpd.sock
try "ntpd's user is not let into ntskeyd.sock" as timesuite-ntp perl stranger.pl $run/ntskeyd/ntskeyd.sock
try "ptpd's user is not let into keys.sock" as timesuite-ptp perl stranger.pl $run/ntskeyd/keys.sock
keeps() {
  local file n=0
  for file in $state/ntskeyd/* $state/clockd/*; do n=$((n + 1)); ! as timesuite-ntp cat "$file" >/dev/null 2>&1 || { echo "$file"; return 1; }; done
  echo "$n files; $(as timesuite-ntp cat $state/ntskeyd/keeping.key 2>&1)"
}
try "ntpd's user reads nothing that ntskeyd and clockd keep" keeps
try "nobody may read the status" as nobody timectl sources
for daemon in ntpd ntskeyd; do # a directory in which the status socket has the control socket's name
  mkdir -p /tmp/as-control/$daemon; ln -sfn $run/$daemon/status.sock /tmp/as-control/$daemon/$daemon.sock; ln -sfn $run/$daemon/status.sock /tmp/as-control/$daemon/status.sock
done
by_status() { ! as nobody timectl --runtime-dir /tmp/as-control "$@" && timectl sources >/tmp/seen && ! grep -q '^ *o ' /tmp/seen; }
try "nobody cannot control ntpd by its status socket" by_status offline
try "nobody cannot control ntskeyd by its status socket" by_status nts rotate
not_permitted() { as nobody timectl reload; [ $? = 3 ]; }
try "nobody cannot control ntpd" not_permitted
look_inside() { # look_inside USER DAEMON...
  local user=$1 daemon file; shift
  for daemon in "$@"; do
    for file in environ maps mem; do ! as "$user" head -c 1 "/proc/$(pid "$daemon")/$file" >/dev/null 2>&1 || { echo "$user reads $file of $daemon"; return 1; }; done
  done
  echo "$user: $(as "$user" head -c 1 "/proc/$(pid "$daemon")/environ" 2>&1)"
}
try "nobody cannot look into a daemon" look_inside nobody $daemons
try "not even its own user looks into ntpd" look_inside timesuite-ntp ntpd
try "not even its own user looks into ntskeyd" look_inside timesuite-nts ntskeyd
no_kill() { local daemon; for daemon in $daemons; do ! as nobody kill -9 "$(pid "$daemon")" 2>/dev/null || { echo "$daemon"; return 1; }; done; }
try "nobody cannot kill a daemon" no_kill

# Memory, once all is quiet.
sleep 150
for pair in clockd:16 ntpd:20 ntskeyd:32 lookupd:8; do
  daemon=${pair%:*}
  pss() { local pss; pss=$(awk '/^Pss:/ { printf "%.1f", $2 / 1024 }' "/proc/$(pid $daemon)/smaps_rollup"); echo "$pss MiB Pss"; smaller "$pss" "${pair#*:}"; }
  try "$daemon takes ${pair#*:} MiB or less when idle" pss
done
for daemon in ntpd ntskeyd; do
  try "what $daemon knows is never swapped" grep -x 0 "/sys/fs/cgroup/system.slice/timesuite-$daemon.service/memory.swap.max"
done

for daemon in lookupd ntskeyd ntpd clockd; do
  killed() {
    local old before moved
    old=$(pid $daemon) before=$(./truth error)
    kill -9 "$old"
    local seen; seen=$(back $daemon "$old" 10) || return 1
    moved=$(awk -v a="$before" -v b="$(./truth error)" 'BEGIN { printf "%.6f", b - a }')
    echo "$seen; the clock moved by $moved s"; smaller "$moved" 0.001
  }
  try "$daemon is killed with -9, is back within 10 s, and the clock makes no step" killed
  try "after that it is right" becomes_right 300 0.003
done
hangs() {
  local old seen; old=$(pid ntpd)
  kill -STOP "$old"; seen=$(back ntpd "$old" 90) || return 1
  journalctl -u timesuite-ntpd --no-pager | grep -qi watchdog && echo "$seen, by the watchdog"
}
try "a daemon that hangs is started again" hangs
try "after that it is right" becomes_right 300 0.003

date -s "+3 seconds" >/dev/null
alarmed() { timectl status | grep -i "alarm" | head -1 | cut -c1-160 | grep . && [ "$(status synchronized)" = false ]; }
try "the clock is set by hand: an alarm says so, and it is not called right" until_true 60 alarmed
timectl status | head -5
try "the administrator has it set right" timectl step
try "and it is" becomes_right 120 0.003

./truth jump 0.3
not_followed() { timectl status | grep -i "alarm" | head -1 | cut -c1-160 | grep .; }
try "all sources jump, as when a machine stood still: an alarm" until_true 300 not_followed
where() { local error; error=$(./truth error); echo "the clock is $error s off"; awk -v e="$error" 'BEGIN { exit !(e < -0.25 && e > -0.35) }'; }
try "and the jump is not followed" where
try "the administrator confirms it" timectl step
try "and it is right" becomes_right 120 0.003

echo core >/sys/power/pm_test; echo 1 >/sys/module/suspend/parameters/pm_test_delay
echo mem >/sys/power/state; ./truth jump 0.7 # how long it was the kernel asks the hardware clock, and is wrong by up to a second
noticed() { journalctl -u timesuite-ntpd --no-pager | grep "was suspended for"; }
try "a suspend is noticed" until_true 60 noticed
try "after it the clock is measured anew, and right" becomes_right 300 0.003
echo none >/sys/power/pm_test

fallocate -l "$(df --output=avail -k / | tail -1 | tr -d ' ')K" /fill 2>/dev/null; dd if=/dev/zero of=/fill2 bs=64k 2>/dev/null; dd if=/dev/zero of=/fill3 bs=1k 2>/dev/null
full() { ! echo x >/full 2>/dev/null && df --output=avail / | tail -1; }
try "the disk is full" full
systemctl restart timesuite-clockd timesuite-ntskeyd timesuite-ntpd
try "with a full disk the daemons start and keep time" becomes_right 300 0.003
complains() { journalctl -u timesuite-ntpd -u timesuite-clockd -b --no-pager | grep -i "no space left" | tail -1 | grep .; }
try "and say that they cannot remember" until_true 300 complains
rm -f /fill /fill2 /fill3 /full; systemctl restart timesuite-clockd timesuite-ntpd
try "with room again it is right" becomes_right 300 0.003

running() { pgrep -f '^/usr/lib/timesuite/'; }
stopped() { timedatectl set-ntp false; until_true 30 refused running >/dev/null; refused running && ! ls $run/*/*.sock 2>/dev/null && timedatectl show -p NTP; }
try "timedatectl set-ntp false stops all of it" stopped
systemctl mask -q chrony
started() { timedatectl set-ntp true; until_true 60 active timesuite-ntpd; active timesuite.target && timedatectl show -p NTP; }
try "timedatectl set-ntp true starts it" started
try "and it is right" becomes_right 300 0.003
systemctl unmask -q chrony
try "nothing was denied to a daemon at its own work" quiet_log 'theirs\|etc/shadow\|self-test\|type=1326'
