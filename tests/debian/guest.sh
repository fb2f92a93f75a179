#!/bin/bash
# guest.sh NAME : in the machine. Each thing tried gives one line: "ok WHAT: SEEN" or "FAILED WHAT: SEEN".
cd /lab
lib=/usr/lib/timesuite
try() { # try WHAT COMMAND... : the command's last line is what was seen, its exit code the judgement
  local what=$1 seen; shift
  if seen=$("$@" 2>&1); then echo "ok $what: $(echo "$seen" | tail -1 | cut -c1-200)"; else echo "FAILED $what: $(echo "$seen" | tail -3 | tr '\n' ' ' | cut -c1-600)"; fi
}
until_true() { # until_true SECONDS COMMAND... : waits for it
  local left=$1; shift
  until "$@"; do left=$((left - 1)); [ "$left" -gt 0 ] || return 1; sleep 1; done
}
active() { systemctl is-active --quiet "$@"; }
pid() { systemctl show -p MainPID --value "timesuite-$1.service"; }
field() { tr '\t' ' ' <"/proc/$(pid "$1")/status" | sed -n "s/^$2: *//p"; }
wrong_by() { # how far the kernel's clock is from the reference, s, as chronyd measures it
  chronyd -Q -t 20 'user root' 'pidfile /run/measure.pid' 'cmdport 0' 'server 10.9.0.2 iburst maxsamples 4' 2>&1 | sed -n 's/.*System clock wrong by \(-*[0-9.]*\) seconds.*/\1/p'
}
within() { awk -v x="$1" -v limit="$2" 'BEGIN { if (x == "") { print "no measurement"; exit 1 } if (x < 0) x = -x; print x " s"; exit !(x <= limit) }'; }

# The reference: the suite's own daemons on a shadow clock, in a network of their own behind a path with delay, jitter and loss. Their time does not depend on the kernel's clock.
reference() {
  ip netns add far
  ip link add near0 type veth peer name far0 netns far
  ip addr add 10.9.0.1/24 dev near0; ip link set near0 up
  ip -n far addr add 10.9.0.2/24 dev far0; ip -n far link set far0 up; ip -n far link set lo up
  tc qdisc add dev near0 root netem delay 2ms 500us loss 3%
  ip netns exec far tc qdisc add dev far0 root netem delay 2ms 500us loss 3%
  mkdir -p /srv/far; cp -r $lib /srv/far/bin
  grep -q time.test /etc/hosts || echo "10.9.0.2 time.test" >>/etc/hosts
  [ -e /srv/far/chain.pem ] || /srv/far/bin/ntskeyd make-certificate /srv/far time.test
  cat >/srv/far/timesuite.toml <<TOML
[serve]
listen = ["10.9.0.2:123"]
[local]
stratum = 1
[nts-server]
listen = ["10.9.0.2:4460"]
[[nts-server.certificate]]
chain = "/srv/far/chain.pem"
key = "/srv/far/key.pem"
TOML
  local common="--config /srv/far/timesuite.toml --runtime-dir /srv/far/run --state-dir /srv/far/state"
  ip netns exec far setpriv --bounding-set -sys_time --inh-caps -sys_time /srv/far/bin/clockd $common --clock shadow --same-uid-roles "$@" >/srv/far/clockd.log 2>&1 &
  sleep 2
  ip netns exec far setpriv --bounding-set -sys_time --inh-caps -sys_time /srv/far/bin/ntskeyd $common >/srv/far/ntskeyd.log 2>&1 &
  ip netns exec far setpriv --bounding-set -sys_time --inh-caps -sys_time /srv/far/bin/ntpd $common >/srv/far/ntpd.log 2>&1 &
  sleep 3
}
follow() { # the configuration of the host: time over NTS from the reference, served to others
  cp /srv/far/chain.pem /etc/timesuite/certificates/reference.pem
  chmod 644 /etc/timesuite/certificates/reference.pem
  cat >/etc/timesuite/timesuite.toml <<TOML
[[source]]
server = "time.test"
nts = true
ca-file = "/etc/timesuite/certificates/reference.pem"
iburst = true
min-poll = "4 s"
max-poll = "16 s"
[serve]
listen = ["127.0.0.1:123"]
threads = 2
TOML
}
. "./$1.sh"
echo "lab ends"
