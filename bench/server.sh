#!/bin/sh
# server.sh : what a reply costs: ntpd with all that a public server needs switched on, chronyd, ntpsec's ntpd, openntpd, and a bare responder, in interleaved
# rounds on this machine. Writes bench/results/server.md. BENCH_ROUNDS (15) rounds of BENCH_SECONDS (1) each, in each scenario. Nothing may set a clock.
# As root it also takes ntpsec and openntpd, each in a network of its own (they know no port but 123), and goes first where others use the machine too.
set -eu
cd "$(dirname "$0")/.."
if [ -z "${BENCH_SESSION:-}" ]; then BENCH_SESSION=1 exec setsid -w "$0" "$@"; fi
{ [ "$(id -u)" = 0 ] && echo -18 >/proc/self/autogroup; } 2>/dev/null || true
build/peers.sh
rounds=${BENCH_ROUNDS:-15} seconds=${BENCH_SECONDS:-1} starts=${BENCH_STARTS:-20}
bin=$PWD/out/bin base=$PWD/out/bench-server peers=$PWD/out/peers raw=$PWD/out/bench-server.txt
libraries=$peers/root/usr/lib/$(uname -m)-linux-gnu
load=$bin/ntp-load
if [ "$(id -u)" = 0 ]; then unprivileged="setpriv --bounding-set=-sys_time --inh-caps=-sys_time --"; else unprivileged="setpriv --no-new-privs --"; fi
$unprivileged "$bin/clock-error" --assert-cannot-steer
server_core="" load_core="" # server and generator on a core each, where there are two
if [ "$(nproc)" -ge 2 ]; then server_core="taskset -c 0" load_core="taskset -c 1"; fi

rm -rf "$base" "$raw"; mkdir -p "$base"; chmod 755 "$base"
pids=""
stop() { trap - EXIT INT TERM; for pid in $pids; do kill "$pid" 2>/dev/null || true; done; for pid in $pids; do wait "$pid" 2>/dev/null || true; done; }
trap stop EXIT; trap 'stop; exit 130' INT TERM

# A server is out/bench-server/NAME/pid, its port in NAME/port; NAME/enter is what stands before a command that is to reach it.
started() { pids="$pids $2"; echo "$2" >"$base/$1/pid"; echo "$3" >"$base/$1/port"; : >"$base/$1/enter"; }

start_bare() { mkdir -p "$base/bare"; $server_core "$load" bare 11230 & started bare $! 11230; }

chrony_conf() { mkdir -p "$base/$1"; printf 'local stratum 1\nallow 127.0.0.0/8\nport %s\ncmdport 0\nbindcmdaddress /\npidfile %s/chronyd.pid\n' "$2" "$base/$1" >"$base/$1/chrony.conf"; }
chronyd() { exec env LD_LIBRARY_PATH="$libraries" $unprivileged $2 "$peers/root/usr/sbin/chronyd" -x -d -u "$(id -un)" -f "$base/$1/chrony.conf"; }
start_chronyd() { chrony_conf "$1" "$2"; chronyd "$1" "$server_core" >"$base/$1/log" 2>&1 & started "$1" $! "$2"; }

ours_conf() { # ours_conf NAME PORT THREADS : access, rate limit and log of clients are on; the limit is one that this load keeps to
    mkdir -p "$base/$1"
    cp "$bin/clockd" "$bin/ntpd" "$base/$1" # of its own, so that its memory is not shared with the others'
    cat >"$base/$1/timesuite.toml" <<TOML
[serve]
listen = ["0.0.0.0:$2"]
threads = $3
allow = ["127.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16"]
deny = ["127.200.0.0/16", "10.1.2.0/24"]
client-log = 16384

[rate-limit]
interval = "2 us"
burst = 255

[local]
stratum = 1
TOML
    chmod 644 "$base/$1/timesuite.toml"
}
ours() { exec $unprivileged $3 "$base/$1/$2" --config "$base/$1/timesuite.toml" --runtime-dir "$base/$1/run" --state-dir "$base/$1/state" $4; }
start_ours() { # start_ours NAME PORT THREADS [CORE]
    ours_conf "$1" "$2" "$3"
    ours "$1" clockd "" "--clock shadow --same-uid-roles" 2>"$base/$1/clockd.log" & pids="$pids $!"
    ours "$1" ntpd "${4:-}" "" 2>"$base/$1/ntpd.log" & started "$1" $! "$2"
}

start_handed() { # start_handed NAME PORT THREADS SOCKETS : the same on sockets that were bound by another process, as systemd's are
    ours_conf "$1" "$2" "$3"
    ours "$1" clockd "" "--clock shadow --same-uid-roles" 2>"$base/$1/clockd.log" & pids="$pids $!"
    $unprivileged "$load" hand "$2" "$4" "$base/$1/ntpd" --config "$base/$1/timesuite.toml" --runtime-dir "$base/$1/run" --state-dir "$base/$1/state" 2>"$base/$1/ntpd.log" & started "$1" $! "$2"
}

alone() { # alone NAME COMMAND... : in a network of its own; the pid is that of unshare, which becomes the command
    mkdir -p "$base/$1"; name=$1; shift
    unshare --net --mount --propagation private sh -c 'ip link set lo up; exec "$@"' sh "$@" >"$base/$name/log" 2>&1 & started "$name" $! 123
    echo "nsenter -t $! -n" >"$base/$name/enter"
}
start_ntpsec() {
    mkdir -p "$base/ntpsec"
    printf 'refclock local stratum 1\nrestrict default\nrestrict 127.0.0.1\n' >"$base/ntpsec/ntp.conf"
    alone ntpsec sh -c 'exec "$@"' sh env LD_LIBRARY_PATH="$libraries" $unprivileged $server_core "$peers/root/usr/sbin/ntpd" -n -x -c "$base/ntpsec/ntp.conf"
}
start_openntpd() {
    if ! [ -x "$peers/openntpd/usr/sbin/openntpd" ]; then
        mkdir -p "$base/deb"; (cd "$base/deb" && apt-get download openntpd >/dev/null 2>&1 && dpkg-deb -x openntpd*.deb "$peers/openntpd") || { echo "openntpd is not to be had here" >&2; return; }
    fi
    mkdir -p "$base/openntpd/empty"; printf 'listen on 127.0.0.1\n' >"$base/openntpd/ntpd.conf"; chmod 600 "$base/openntpd/ntpd.conf"; chmod 755 "$base/openntpd/empty"
    { cat /etc/passwd; echo "ntpd:x:65123:65123::$base/openntpd/empty:/usr/sbin/nologin"; } >"$base/openntpd/passwd"
    { cat /etc/group; echo "ntpd:x:65123:"; } >"$base/openntpd/group"
    # shellcheck disable=SC2016 # for the inner shell
    alone openntpd sh -c 'mount --bind "$0/passwd" /etc/passwd; mount --bind "$0/group" /etc/group; mount -t tmpfs none /var/lib; mkdir -p /var/lib/openntpd/db /var/lib/openntpd/run; exec "$@"' \
        "$base/openntpd" $unprivileged $server_core "$peers/openntpd/usr/sbin/openntpd" -d -f "$base/openntpd/ntpd.conf"
    sleep 1
    pgrep -P "$(cat "$base/openntpd/pid")" -f "ntp engine" >"$base/openntpd/server" || true # the process that answers
}

up() { # up NAME... : they answer
    for name in "$@"; do
        [ -s "$base/$name/server" ] || cp "$base/$name/pid" "$base/$name/server"
        # shellcheck disable=SC2046 # words
        timeout 20 $(cat "$base/$name/enter") "$load" first --port "$(cat "$base/$name/port")" >/dev/null || { echo "server.sh: $name does not answer" >&2; exit 1; }
    done
}

measure() { # measure SCENARIO ROUND "NAME..." "CORE" OPTIONS... : one round; who comes first changes with the round
    scenario=$1 turn=$2 servers=$3 core=$4; shift 4
    [ $((turn % 2)) = 0 ] || servers=$(echo "$servers" | tr ' ' '\n' | tac | tr '\n' ' ')
    for server in $servers; do
        # shellcheck disable=SC2046
        echo "$scenario $server $turn $($(cat "$base/$server/enter") $core "$load" ask --port "$(cat "$base/$server/port")" --pid "$(cat "$base/$server/server")" --seconds "$seconds" "$@")" >>"$raw"
    done
    printf '\r%s %s/%s ' "$scenario" "$turn" "$rounds" >&2
}

start_bare; start_chronyd chronyd 11231; start_ours ntpd 11232 1 "$server_core"; start_ours ntpd-2-threads 11233 2; start_ours ntpd-1-thread 11234 1
start_handed handed-1-of-1 11235 1 1; start_handed handed-2-of-2 11236 2 2; start_handed handed-1-of-2 11237 2 1
names="bare chronyd ntpd" others=""
if [ "$(id -u)" = 0 ]; then start_ntpsec; start_openntpd; others="ntpsec"; ! [ -s "$base/openntpd/server" ] || others="ntpsec openntpd"; fi
threads="ntpd-1-thread ntpd-2-threads handed-1-of-1 handed-2-of-2 handed-1-of-2"
up $names $others $threads

round=1; while [ $round -le "$rounds" ]; do measure one-client $round "$names $others" "$load_core" --clients 1; round=$((round + 1)); done
round=1; while [ $round -le "$rounds" ]; do measure 1000-clients $round "$names" "$load_core" --clients 1000; round=$((round + 1)); done
round=1; while [ $round -le "$rounds" ]; do measure 1000-with-origin $round "$names" "$load_core" --clients 1000 --origin last; round=$((round + 1)); done
round=1; while [ $round -le "$rounds" ]; do measure 50000-a-second $round "$names" "$load_core" --clients 1000 --rate 50000; round=$((round + 1)); done
round=1; while [ $round -le "$rounds" ]; do measure threads $round "$threads" "" --clients 1000 --threads 2 --outstanding 1024; round=$((round + 1)); done
round=1; while [ $round -le "$rounds" ]; do measure million-spoofed $round "$names" "$load_core" --clients 1000000; round=$((round + 1)); done
stop; pids=""; trap stop EXIT; trap 'stop; exit 130' INT TERM

# From exec to the first answer; clockd is up, as it is when systemd starts ntpd after it.
ours_conf start-ntpd 11240 1; chrony_conf start-chronyd 11241
ours start-ntpd clockd "" "--clock shadow --same-uid-roles" 2>"$base/start-ntpd/clockd.log" & pids=$!
until [ -e "$base/start-ntpd/run/clockd/clockd.sock" ]; do sleep 0.1; done
first() { # first NAME ROUND PORT COMMAND...
    name=$1 round=$2 port=$3; shift 3
    $load_core "$load" first --port "$port" >"$base/first" & asker=$!
    sleep 0.2
    began=$(date +%s%N)
    "$@" >/dev/null 2>&1 & server=$!
    wait $asker; kill $server; wait $server 2>/dev/null || true
    echo "start $name $round ms $(awk "BEGIN{printf \"%.2f\", ($(cat "$base/first") - $began) / 1e6}")" >>"$raw"
}
round=1; while [ $round -le "$starts" ]; do first chronyd $round 11241 chronyd start-chronyd ""; first ntpd $round 11240 ours start-ntpd ntpd "" ""; round=$((round + 1)); done
printf '\r            \r' >&2

{
    sed -n '1,/^<!-- figures -->$/p' bench/results/server.md
    echo
    echo "$(date -u +%Y-%m-%d), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, $(uname -sr), Debian's chrony $(dpkg-deb -f "$peers"/deb/chrony_*.deb Version) and ntpsec $(dpkg-deb -f "$peers"/deb/ntpsec_*.deb Version); $rounds rounds of $seconds s; load of others on the machine at the end: $(cut -d' ' -f1 /proc/loadavg)."
    "$load" table "$raw"
} >"$base/server.md"
cp "$base/server.md" bench/results/server.md
cat bench/results/server.md
