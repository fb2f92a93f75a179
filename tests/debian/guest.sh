#!/bin/bash
# guest.sh PART : in the machine. Each thing tried gives one line: "ok WHAT: SEEN" or "FAILED WHAT: SEEN".
cd /lab
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
part=$1
lib=/usr/lib/timesuite run=/run/timesuite state=/var/lib/timesuite
daemons="clockd ntpd ntskeyd lookupd"
failed=""
try() { # try WHAT COMMAND... : the command's last line is what was seen, its exit code the judgement
  local what=$1 seen; shift
  local from; from=$(cut -d' ' -f1 /proc/uptime)
  if seen=$("$@" 2>&1); then echo "ok $what: $(echo "$seen" | tail -1 | cut -c1-200)"
  else failed=yes; echo "FAILED $what: $(echo "$seen" | tail -4 | tr '\n' ' ' | cut -c1-700)"; fi
  awk -v from="$from" '{ printf "# at %.1f s, in %.1f s\n", $1, $1 - from }' /proc/uptime # virtual: 2 ns for each instruction, and what was waited
}
until_true() { # [every SECONDS] until_true SECONDS COMMAND... : waits for it; virtual seconds, which cost little, unlike what is done each of them (journalctl: a second of the machine's)
  local end=$(($(up) + $1)); shift
  until "$@"; do [ "$(up)" -lt "$end" ] || return 1; sleep "${EVERY:-1}"; done
}
every() { local EVERY=$1; shift; "$@"; }
mib() { # mib DAEMON MOST : its Pss; where it is too much, also of what
  local pss; pss=$(awk '/^Pss:/ { printf "%.1f", $2 / 1024 }' "/proc/$(pid "$1")/smaps_rollup"); echo "$pss MiB Pss"
  smaller "$pss" "$2" && return
  echo "$pss MiB Pss: $(awk '/^[0-9a-f]+-[0-9a-f]+ / { name = $6 == "" ? "anonymous" : $6 " " $2 } /^Pss:/ { sum[name] += $2 } END { for (name in sum) print sum[name], name }' "/proc/$(pid "$1")/smaps" | sort -rn | head -6 | paste -sd';')"
  return 1
}
until_date() { local left=$(($1 - $(date +%s))); [ $left -le 0 ] || sleep $left; [ "$(date +%s)" -ge "$1" ]; } # by the kernel's clock, UNIX time
up() { cut -d. -f1 /proc/uptime; }
active() { local unit; for unit in "$@"; do systemctl is-active --quiet "$unit" || return 1; done; }
pid() { systemctl show -p MainPID --value "timesuite-$1.service"; }
field() { tr '\t' ' ' <"/proc/$(pid "$1")/status" | sed -n "s/^$2: *//p"; }
status() { timectl --json status | tr ',{}' '\n\n\n' | sed -n "s/^\"$1\"://p" | tr -d '"'; } # of the line of JSON: no value has a comma where it matters
smaller() { awk -v x="$1" -v limit="$2" 'BEGIN { if (x == "" || x == "null") { print "no number"; exit 1 } if (x < 0) x = -x; exit !(x <= limit) }'; }
right() { # right SECONDS : how far the kernel's clock is from the true time, and whether the bound that it claims holds
  local error bound said; error=$(./truth error) said=$(timectl --json status) bound=$(sed 's/.*"bound_s":\([0-9.]*\).*/\1/' <<<"$said")
  echo "wrong by $error s, claimed bound $bound s"
  [[ $said == *'"synchronized":true'* ]] && smaller "$error" "$1" && smaller "$error" "$bound"
}
becomes_right() { # becomes_right SECONDS LIMIT
  local end=$(($(up) + $1)) seen
  until seen=$(right "$2"); do [ "$(up)" -lt "$end" ] || { echo "$seen"; return 1; }; sleep 2; done
  echo "$seen"
}
drift() { ./truth kernel; ./truth kernel | sed 's/.*ppm=\([-0-9.]*\).*/\1/' | awk '{ exit !($1 > 19 && $1 < 21) }'; } # the kernel's frequency is what the oscillator needs
apt_get() { apt-get -y -q -o Dpkg::Options::=--force-confold "$@" >/tmp/apt.log 2>&1 || { tail -5 /tmp/apt.log; return 1; }; }
or_end() { [ -z "$failed" ] || exit 1; } # what follows makes no sense after a failure
provoked="" # where the kernel's log was when the tests had last provoked denials
until_here() { provoked=$(journalctl -k -b -n 0 --show-cursor --no-pager | sed -n 's/^-- cursor: //p'); }
quiet_log() { # nothing was denied to a daemon that did its work, since the tests provoked something
  local seen; seen=$(journalctl -k -b ${provoked:+--after-cursor="$provoked"} --no-pager | grep -aE 'apparmor="DENIED"|type=1326' | grep -a 'timesuite\|comm="\(clockd\|ntpd\|ntskeyd\|lookupd\|ptpd\|timectl\)"' | sed 's/.*\(apparmor=\|type=1326\)/\1/' | sort | uniq -c | sort -rn | head -5)
  [ -z "$seen" ] && echo nothing || { echo "$seen"; return 1; }
}
nothing_runs() { ! pgrep -af '^/usr/lib/timesuite/' && ! systemctl list-units --all --no-legend --plain 'timesuite*' | grep -v 'not-found *inactive' && ! ls -d $run 2>/dev/null && echo nothing; }
back() { # back DAEMON OLD-PID SECONDS : another process of it is up by then
  local begin; begin=$(up)
  is_back() { local now; now=$(pid "$1"); [ "$now" != 0 ] && [ "$now" != "$2" ] && active "timesuite-$1"; }
  until_true "$3" is_back "$1" "$2" && echo "after $(($(up) - begin)) s"
}
as() { # as USER COMMAND... : USER is a name
  local user=$1; shift
  setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@"
}
refused() { ! "$@"; }
denials() { # those that the kernel logged since `dmesg -C`
  dmesg | grep -a 'apparmor="DENIED"' | sed 's/.*apparmor=/apparmor=/'
}

# The references: Debian's chronyd with the true time for a clock, in a network of its own behind a path with delay, jitter and loss; NTS with the names of the default configuration.
reference() {
  ./truth begin "$(cmdline truth)" 20
  ip link set lo up
  ip netns add far; ip netns add way
  ip link add near0 type veth peer name near1 netns way
  ip link add far0 netns far type veth peer name far1 netns way
  ip -n way link add way0 type bridge
  local end
  for end in near1 far1; do # in the middle, so that stamps of departures, too, are of before the delay
    ip -n way link set $end master way0 up
    ip netns exec way tc qdisc add dev $end root netem delay 2ms 500us loss 3%
  done
  ip -n way link set way0 up
  ip addr add 10.9.0.1/24 dev near0; ip link set near0 up
  ip -n far link set far0 up; ip -n far link set lo up
  local number=2 name
  for name in $(cat names); do
    ip -n far addr add 10.9.0.$number/24 dev far0
    grep -qs " $name\$" /etc/hosts || echo "10.9.0.$number $name" >>/etc/hosts
    number=$((number + 1))
  done
  grep -qs "host.test" /etc/hosts || echo "10.9.0.1 host.test" >>/etc/hosts
  mkdir -p /srv/far; cp /usr/sbin/chronyd chain.pem key.pem /srv/far/ # those of this run, whatever the disk has of an earlier one
  printf '%s\n' "local stratum 1" "allow" "ntsdumpdir /srv/far" "ntsserverkey /srv/far/key.pem" "ntsservercert /srv/far/chain.pem" "cmdport 0" "bindcmdaddress /" "pidfile /srv/far/pid" >/srv/far/chrony.conf
  LD_PRELOAD=/lab/truth.so ip netns exec far setpriv --bounding-set -sys_time --inh-caps -sys_time /srv/far/chronyd -d -x -u root -f /srv/far/chrony.conf >/srv/far/log 2>&1 &
  until_true 30 grep -q "Loaded\|Frequency\|enabled\|Disabled\|starting" /srv/far/log
  mkdir -p /usr/local/share/ca-certificates
  cmp -s ca.pem /usr/local/share/ca-certificates/lab.crt || { cp ca.pem /usr/local/share/ca-certificates/lab.crt; update-ca-certificates >/dev/null 2>&1; }
  sysctl -q -w kernel.printk_ratelimit=0 # or the kernel leaves out denials
}
cmdline() { tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p"; }
by_chronyd() { # what Debian's chronyd makes of the time that this host serves over NTS, with the true time for a clock
  LD_PRELOAD=/lab/truth.so ip netns exec far /srv/far/chronyd -x -t 60 -Q -u root 'pidfile /srv/far/pid2' 'cmdport 0' 'ntstrustedcerts /lab/ca.pem' 'server host.test iburst nts maxsamples 4' 2>&1 |
    tee /srv/far/log2 | sed -n 's/.*System clock wrong by \(-*[0-9.]*\) seconds.*/\1/p'
}
rm -f /tmp/whole
{ cat "./$part.sh"; echo "touch /tmp/whole || :"; } >"/tmp/$part.sh" # the last line proves that all the others were come to; a program as the last word of a file would take the place of this shell (bash 5.2)
bash -n "/tmp/$part.sh" && ( . "/tmp/$part.sh"; [ -z "$failed" ] ) || failed=yes
[ -e /tmp/whole ] || echo "FAILED $part is tried to its end: it stopped before"
if [ -n "$failed" ]; then
  echo "--- the journal"
  systemctl --no-pager --failed
  journalctl -b --no-pager -o short-monotonic 2>/dev/null | grep -aE 'timesuite|apparmor|clockd|ntpd|ntskeyd|lookupd|ptpd' | grep -avE 'lab kernel|SECCOMP|profile_|Listening' | tail -150
  tail -20 /srv/far/log
fi
echo "lab ends"
