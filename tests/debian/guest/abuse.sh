# What attackers do to a host that keeps time, and what its daemons come to.
reference
try "it keeps time after a start" becomes_right 400 0.003
try "nothing was denied to a daemon at its start" quiet_log
. ./inside.sh
no_keys() { # whoever is taken in by a file's name
  echo secret >/etc/timesuite/ptp.keys; dmesg -C
  ! timectl config check /etc/timesuite/ptp.keys >/tmp/seen 2>&1; rm /etc/timesuite/ptp.keys
  denials | grep 'profile="timesuite-timectl"' | grep -o 'operation=.*name="/etc/timesuite/ptp.keys"' | tail -1 | grep .
}
try "timectl, even root's, reads no keys, and the denial is logged" no_keys
until_here

# Memory, once all is quiet.
systemctl start timesuite-lookupd # with keys that were kept nobody has asked it for a name
sleep 150
for pair in clockd:16 ntpd:20 ntskeyd:32 lookupd:8; do
  daemon=${pair%:*}
  try "$daemon takes ${pair#*:} MiB or less when idle" mib $daemon ${pair#*:}
done

# A hostile user on every socket.
pids() { local daemon; for daemon in $daemons; do echo "$daemon $(pid "$daemon")"; done | paste -sd,; }
before=$(pids)
for pair in nobody: timesuite-clock:clockd/ timesuite-ntp:ntpd/,clockd/clockd.sock,ntskeyd/keys.sock,lookupd/ timesuite-nts:ntskeyd/,lookupd/,clockd/clockd.sock timesuite-ptp:clockd/clockd.sock timesuite-lookup:lookupd/; do
  for socket in clockd/clockd.sock ntpd/ntpd.sock ntskeyd/ntskeyd.sock ntskeyd/keys.sock lookupd/lookupd.sock; do
    case ,${pair#*:}, in *,"$socket",* | *,"${socket%%/*}/",*) continue ;; esac # its own, or it has business there
    try "${pair%%:*} is not let into $socket" as "${pair%%:*}" perl stranger.pl $run/$socket
  done
done
answered() { "$@"; [ $? = 1 ]; } # octets came back
for pair in timesuite-ntp:clockd/clockd.sock root:ntpd/ntpd.sock root:ntskeyd/ntskeyd.sock timesuite-ntp:ntskeyd/keys.sock timesuite-ntp:lookupd/lookupd.sock timesuite-nts:lookupd/lookupd.sock; do
  try "${pair%%:*}, who has business there, is answered by ${pair#*:}" answered as "${pair%%:*}" perl stranger.pl "$run/${pair#*:}"
done
still() { echo "$(pids), before $before"; [ "$(pids)" = "$before" ] && [[ $before != *" 0"* ]]; }
try "and none of the daemons has ended by it" still
keeps() {
  local file n=0
  for file in $state/ntskeyd/* $state/clockd/*; do n=$((n + 1)); cat "$file" >/dev/null || return 1; ! as timesuite-ntp cat "$file" >/dev/null 2>&1 || { echo "$file"; return 1; }; done
  echo "$n files; $(as timesuite-ntp cat $state/ntskeyd/keeping.key 2>&1)"; [ $n -ge 2 ]
}
try "ntpd's user reads nothing that ntskeyd and clockd keep" keeps
try "nobody may read the status" as nobody timectl sources
for daemon in ntpd ntskeyd; do # a directory in which the status socket has the control socket's name
  mkdir -p /tmp/as-control/$daemon; ln -sfn $run/$daemon/status.sock /tmp/as-control/$daemon/$daemon.sock; ln -sfn $run/$daemon/status.sock /tmp/as-control/$daemon/status.sock
done
by_status() { as nobody timectl --runtime-dir /tmp/as-control "$@" 2>/tmp/refusal && return 1; cat /tmp/refusal; grep -q "does not know this command" /tmp/refusal && timectl sources >/tmp/seen && ! grep -q '^ *o ' /tmp/seen; }
try "nobody cannot control ntpd by its status socket" by_status offline
try "nobody cannot control ntskeyd by its status socket" by_status nts rotate
not_permitted() { as nobody timectl reload; [ $? = 3 ]; }
try "nobody cannot control ntpd" not_permitted
opens() { bash -c ': <"$1"' opens "$1"; } # what is asked when it is opened decides; at its begin mem has nothing to read for anybody
look_inside() { # look_inside USER DAEMON...
  local user=$1 daemon file; shift
  for daemon in "$@"; do
    for file in environ maps mem; do
      opens "/proc/$(pid "$daemon")/$file" || return 1 # root may
      ! as "$user" bash -c ': <"$1"' opens "/proc/$(pid "$daemon")/$file" 2>/dev/null || { echo "$user opens $file of $daemon"; return 1; }
    done
  done
  echo "$user: $(as "$user" head -c 1 "/proc/$(pid "$daemon")/environ" 2>&1)"
}
try "nobody cannot look into a daemon" look_inside nobody $daemons
try "not even its own user looks into ntpd" look_inside timesuite-ntp ntpd
try "not even its own user looks into ntskeyd" look_inside timesuite-nts ntskeyd
no_kill() { local daemon; for daemon in $daemons; do ! as nobody kill -9 "$(pid "$daemon")" 2>/dev/null || { echo "$daemon"; return 1; }; done; }
try "nobody cannot kill a daemon" no_kill

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
  journalctl -b -u timesuite-ntpd --no-pager | grep -qi "watchdog timeout" && echo "$seen, by the watchdog"
}
try "a daemon that hangs is started again" hangs
try "after that it is right" becomes_right 300 0.003

try "nothing was denied to a daemon at its own work" quiet_log
