#!/bin/sh
# nts.sh : what NTS costs a server, beside chronyd in interleaved rounds on this machine: a protected reply, a key exchange, and what a flood of key exchanges does to
# plain time. Writes bench/results/nts.md. BENCH_ROUNDS (9) rounds of BENCH_SECONDS (2) each. Nothing may set a clock.
set -eu
cd "$(dirname "$0")/.."
if [ -z "${BENCH_SESSION:-}" ]; then BENCH_SESSION=1 exec setsid -w "$0" "$@"; fi
{ [ "$(id -u)" = 0 ] && echo -18 >/proc/self/autogroup; } 2>/dev/null || true
build/peers.sh
rounds=${BENCH_ROUNDS:-9} seconds=${BENCH_SECONDS:-2}
bin=$PWD/out/bin base=$PWD/out/bench-nts peers=$PWD/out/peers raw=$PWD/out/bench-nts.txt
libraries=$peers/root/usr/lib/$(uname -m)-linux-gnu
if [ "$(id -u)" = 0 ]; then unprivileged="setpriv --bounding-set=-sys_time --inh-caps=-sys_time --"; else unprivileged="setpriv --no-new-privs --"; fi
$unprivileged "$bin/clock-error" --assert-cannot-steer
server_core="" load_core=""
if [ "$(nproc)" -ge 2 ]; then server_core="taskset -c 0" load_core="taskset -c 1"; fi

rm -rf "$base" "$raw"; mkdir -p "$base"; chmod 755 "$base"
pids=""
stop() { trap - EXIT INT TERM; for pid in $pids; do kill "$pid" 2>/dev/null || true; done; for pid in $pids; do wait "$pid" 2>/dev/null || true; done; }
trap stop EXIT; trap 'stop; exit 130' INT TERM

mkdir -p "$base/ecdsa" "$base/rsa"
"$bin/ntskeyd" make-certificate "$base/ecdsa" localhost
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$base/rsa/key.pem" -out "$base/rsa/chain.pem" -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
chmod 600 "$base"/*/key.pem

# NAME is chronyd-KEY or ntskeyd-KEY-CRYPTO; the port is of NTP and, on TCP, of the key exchange.
start_chronyd() { # start_chronyd KEY PORT
    name=chronyd-$1; mkdir -p "$base/$name/dump"
    cat >"$base/$name/chrony.conf" <<CONF
local stratum 1
allow 127.0.0.0/8
port $2
cmdport 0
bindcmdaddress /
pidfile $base/$name/chronyd.pid
ntsport $2
ntsservercert $base/$1/chain.pem
ntsserverkey $base/$1/key.pem
ntsdumpdir $base/$name/dump
ntsprocesses 1
CONF
    LD_LIBRARY_PATH=$libraries $unprivileged $server_core "$peers/root/usr/sbin/chronyd" -x -d -u "$(id -un)" -f "$base/$name/chrony.conf" >"$base/$name/log" 2>&1 &
    pids="$pids $!"; echo $! >"$base/$name/ntp"; echo "$2" >"$base/$name/port"
}
ours() { exec $unprivileged $server_core "$bin/$2" --config "$base/$1/timesuite.toml" --runtime-dir "$base/$1/run" --state-dir "$base/$1/state" $3; }
niced() { exec nice -n 10 $unprivileged $server_core "$bin/ntskeyd" --config "$base/$1/timesuite.toml" --runtime-dir "$base/$1/run" --state-dir "$base/$1/state"; } # as its unit does
start_ours() { # start_ours KEY CRYPTO PORT
    name=ntskeyd-$1-$2; mkdir -p "$base/$name"
    cat >"$base/$name/timesuite.toml" <<TOML
[serve]
listen = ["0.0.0.0:$3"]

[local]
stratum = 1

[nts]
crypto = "$2"

[nts-server]
listen = ["0.0.0.0:$3"]
ntp-port = $3
max-connections-per-prefix = 64
[[nts-server.certificate]]
chain = "$base/$1/chain.pem"
key = "$base/$1/key.pem"
TOML
    chmod 644 "$base/$name/timesuite.toml"
    ours "$name" clockd "--clock shadow --same-uid-roles" 2>"$base/$name/clockd.log" & pids="$pids $!"
    niced "$name" 2>"$base/$name/ntskeyd.log" & pids="$pids $!"; echo $! >"$base/$name/ke"
    ours "$name" ntpd "" 2>"$base/$name/ntpd.log" & pids="$pids $!"; echo $! >"$base/$name/ntp"
    echo "$3" >"$base/$name/port"
}
port() { cat "$base/$1/port"; }
in_turn() { # in_turn ROUND NAME... : the order changes with the round
    turn=$1; shift
    if [ $((turn % 2)) = 0 ]; then echo "$@"; else echo "$@" | tr ' ' '\n' | tac | tr '\n' ' '; fi
}
show() { printf '\r%s %s/%s          ' "$1" "$2" "$rounds" >&2; }

start_chronyd ecdsa 11331; start_chronyd rsa 11332
start_ours ecdsa openssl 11333; start_ours rsa openssl 11334; start_ours ecdsa managed 11335; start_ours rsa managed 11336
sleep 5
# chronyd answers key exchanges in a child of its own; that is what they cost.
for name in chronyd-ecdsa chronyd-rsa; do pgrep -P "$(cat "$base/$name/ntp")" >"$base/$name/ke"; done

for name in chronyd-ecdsa ntskeyd-ecdsa-openssl; do "$bin/ke-load" requests "$(port $name)" 128 15 "$base/$name/requests"; done
round=1; while [ $round -le "$rounds" ]; do
    for name in $(in_turn $round chronyd-ecdsa ntskeyd-ecdsa-openssl); do
        for kind in plain protected; do
            options=""; [ $kind = plain ] || options="--requests $base/$name/requests"
            server=ntpd; [ "$name" != chronyd-ecdsa ] || server=chronyd
            echo "$kind-replies $server $round $($load_core "$bin/ntp-load" ask --port "$(port "$name")" --pid "$(cat "$base/$name/ntp")" --seconds "$seconds" $options)" >>"$raw"
        done
    done
    show replies $round; round=$((round + 1))
done
for key in ecdsa rsa; do
    round=1; while [ $round -le "$rounds" ]; do
        for name in $(in_turn $round chronyd-$key ntskeyd-$key-openssl ntskeyd-$key-managed); do
            server=${name%%-*}; [ "$server" = chronyd ] || server=ntskeyd-${name##*-}
            echo "exchanges-$key $server $round $($load_core "$bin/ke-load" exchanges "$(port "$name")" "$(cat "$base/$name/ke")" "$seconds")" >>"$raw"
        done
        show "exchanges, $key" $round; round=$((round + 1))
    done
done

# Plain time at 1,000 a second, quiet and while 16 clients exchange keys as fast as they can. Nobody is bound to a core: daemons share what there is, as on a real machine.
for pid in $pids; do for task in /proc/"$pid"/task/*; do taskset -pc 0-$(($(nproc) - 1)) "${task##*/}" >/dev/null 2>&1 || true; done; done
round=1; while [ $round -le "$rounds" ]; do
    for name in $(in_turn $round chronyd-ecdsa ntskeyd-ecdsa-openssl); do
        server=ntpd; [ "$name" != chronyd-ecdsa ] || server=chronyd
        echo "latency-quiet $server $round $("$bin/ntp-load" latency --port "$(port "$name")" --seconds "$seconds")" >>"$raw"
        nice -n 19 "$bin/ke-load" exchanges "$(port "$name")" "$(cat "$base/$name/ke")" "$((seconds + 1))" >/dev/null & flood=$!
        sleep 0.5
        echo "latency-flooded $server $round $("$bin/ntp-load" latency --port "$(port "$name")" --seconds "$seconds")" >>"$raw"
        wait $flood
    done
    show latency $round; round=$((round + 1))
done
printf '\r                    \r' >&2

{
    sed -n '1,/^<!-- figures -->$/p' bench/results/nts.md
    echo
    echo "$(date -u +%Y-%m-%d), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, $(uname -sr), Debian's chrony $(dpkg-deb -f "$peers"/deb/chrony_*.deb Version); $rounds rounds of $seconds s; load of others on the machine at the end: $(cut -d' ' -f1 /proc/loadavg)."
    "$bin/ntp-load" table "$raw"
} >"$base/nts.md"
cp "$base/nts.md" bench/results/nts.md
cat bench/results/nts.md
