#!/bin/busybox sh
# vrf.sh : a server on sockets of a VRF, of one address and of all, IPv4 and IPv6, and a client that has a way into the VRF and one past it.
# The host of the tests may have a kernel without VRF; the distribution's has it.
b=/bin/busybox
ip() { /bin/ip "$@"; } # busybox's shell would take its own, which knows no VRF
cat() { $b cat "$@"; }
$b insmod /lib/modules/veth.ko && $b insmod /lib/modules/vrf.ko || exit 1
$b mkdir -p /run/netns /tmp/server /tmp/client
ip netns add client
ip -n client link set lo up
for number in 1 2; do
  ip link add "eth$number" type veth peer name "eth$number" netns client
  ip -n client link set "eth$number" up
  ip -n client addr add "10.7$number.0.2/24" dev "eth$number"
  ip -n client addr add "fd7$number::2/64" dev "eth$number" nodad
done
ip link add blue type vrf table 77 || exit 1
ip link set blue up
ip link set eth2 master blue
for number in 1 2; do
  ip link set "eth$number" up
  ip addr add "10.7$number.0.1/24" dev "eth$number"
  ip addr add "fd7$number::1/64" dev "eth$number" nodad
done

cat >/tmp/server/toml <<TOML
[serve]
listen = ["10.72.0.1%blue:123", "0.0.0.0%blue:1123", "[fd72::1%blue]:123", "[::%blue]:1123"]
threads = 2
[local]
stratum = 1
TOML
for port in 123 1123; do
  for server in 10.71.0.1 10.72.0.1 fd71::1 fd72::1; do
    printf '[[source]]\nserver = "%s"\nport = %s\nmin-poll = -2\nmax-poll = 0\n' $server $port
  done
done >/tmp/client/toml
for host in server client; do
  enter="" ; [ $host = server ] || enter="/bin/ip netns exec client"
  for daemon in clockd ntpd; do
    clock="" ; [ $daemon = ntpd ] || clock="--clock shadow --same-uid-roles"
    # shellcheck disable=SC2086 # words
    $enter $daemon --config /tmp/$host/toml --runtime-dir /tmp/$host/run --state-dir /tmp/$host/state $clock >/tmp/$host/$daemon.log 2>&1 &
    $b sleep 1
  done
done

# answered ADDRESS PORT : whether the client has had an answer from there
answered() { timectl --runtime-dir /tmp/client/run --json sources 2>/dev/null | $b sed 's/"name"/\n&/g' | $b grep "\"address\":\"$1\",\"port\":$2," | $b grep -q '"received":[1-9]'; }
asked() { timectl --runtime-dir /tmp/client/run --json sources 2>/dev/null | $b sed 's/"name"/\n&/g' | $b grep "\"address\":\"$1\",\"port\":$2," | $b grep -q '"sent":[3-9]'; }
inside="" outside=""
for _ in $($b seq 30); do
  inside="" outside=""
  for port in 123 1123; do
    for server in 10.72.0.1 fd72::1; do answered $server $port || inside="$inside $server:$port"; done
    for server in 10.71.0.1 fd71::1; do asked $server $port || inside="$inside $server:$port(unasked)"; ! answered $server $port || outside="$outside $server:$port"; done
  done
  [ -n "$inside" ] || break
  $b sleep 1
done
[ -z "$inside" ] && echo "ok A_server_of_a_vrf_answers_in_it" || echo "FAILED A_server_of_a_vrf_answers_in_it: no answer from$inside; $(cat /tmp/server/ntpd.log | $b tr '\n' '|')"
[ -z "$outside" ] && echo "ok A_server_of_a_vrf_is_silent_outside_of_it" || echo "FAILED A_server_of_a_vrf_is_silent_outside_of_it: answers from$outside"
