#!/bin/sh
# run.sh : what our daemons cost at rest and for each exchange, beside chronyd doing the same job in the same minutes on this machine.
# BENCH_SECONDS (600) is how long each is watched after a minute of settling. Nothing may set a clock: shadow, and chronyd -x.
set -eu
cd "$(dirname "$0")/.."
build/peers.sh
seconds=${BENCH_SECONDS:-600} settle=${BENCH_SETTLE:-60}
bin=$PWD/out/bin base=$PWD/out/bench
chronyd=$PWD/out/peers/root/usr/sbin/chronyd libraries=$PWD/out/peers/root/usr/lib/$(uname -m)-linux-gnu
if [ "$(id -u)" = 0 ]; then unprivileged="setpriv --bounding-set=-sys_time --inh-caps=-sys_time --"; else unprivileged="setpriv --no-new-privs --"; fi
$unprivileged "$bin/clock-error" --assert-cannot-steer

rm -rf "$base"; mkdir -p "$base"; chmod 755 "$base"
pids=""
stop() { trap - EXIT INT TERM; for pid in $pids; do kill "$pid" 2>/dev/null || true; done; for pid in $pids; do wait "$pid" 2>/dev/null || true; done; }
trap stop EXIT; trap 'stop; exit 130' INT TERM

start_chronyd() { # start_chronyd NAME ; configuration on standard input
    mkdir -p "$base/$1"
    { cat; printf 'cmdport 0\nbindcmdaddress /\npidfile %s/pid\n' "$base/$1"; } >"$base/$1/chrony.conf"
    LD_LIBRARY_PATH=$libraries $unprivileged "$chronyd" -x -d -u "$(id -un)" -f "$base/$1/chrony.conf" >"$base/$1/log" 2>&1 &
    pids="$pids $!"; echo $! >"$base/$1/pid-chronyd"
}

start_ours() { # start_ours NAME POLL
    directory=$base/$1; mkdir -p "$directory"
    printf '[[source]]\nserver = "127.0.0.1"\nport = 11923\nmin-poll = %s\nmax-poll = %s\n' "$2" "$2" >"$directory/timesuite.toml"
    chmod 644 "$directory/timesuite.toml"
    for program in clockd ntpd; do
        options=""; [ $program = ntpd ] || options="--clock shadow --same-uid-roles"
        $unprivileged "$bin/$program" --config "$directory/timesuite.toml" --runtime-dir "$directory/run" --state-dir "$directory/state" $options 2>"$directory/$program.log" &
        pids="$pids $!"; echo $! >"$directory/pid-$program"
    done
}

cpu() { cat /proc/"$(cat "$1")"/task/*/schedstat 2>/dev/null | awk '{sum += $1} END {printf "%.0f", sum / 1000}'; } # us
pss() { awk '/^Pss:/{print $2}' /proc/"$(cat "$1")"/smaps_rollup; } # kB
threads() { ls /proc/"$(cat "$1")"/task | wc -l; }
ms() { awk "BEGIN{printf \"%.3f\", $1}"; }

start_chronyd server <<CONF
local stratum 1
allow 127.0.0.0/8
port 11923
CONF
for poll in 0 6; do
    start_chronyd "chrony-$poll" <<CONF
server 127.0.0.1 port 11923 minpoll $poll maxpoll $poll iburst
port 0
CONF
    start_ours "ours-$poll" $poll
done
targets="chrony-0/pid-chronyd chrony-6/pid-chronyd ours-0/pid-ntpd ours-6/pid-ntpd ours-0/pid-clockd ours-6/pid-clockd"

echo "settling for $settle s" >&2
sleep "$settle"
for target in $targets; do cpu "$base/$target" >"$base/$target.before"; done
left=$seconds
while [ "$left" -gt 0 ]; do
    printf '\r%4d s left ' "$left" >&2
    part=$((left < 10 ? left : 10)); sleep $part; left=$((left - part))
done
printf '\r            \r' >&2
for target in $targets; do
    eval "$(echo "$target" | tr '/-' '__')=$(($(cpu "$base/$target") - $(cat "$base/$target.before")))"
done

exchanges=$((seconds - seconds / 64)) # polls of 1 s beyond those of 64 s
hour() { awk "BEGIN{printf \"%.2f\", $1 / 1e6 * 3600 / $seconds}"; }
each() { awk "BEGIN{printf \"%.3f\", ($1 - $2) / 1e3 / $exchanges}"; }
echo "Watched for $seconds s, $(uname -m), $(nproc) cores, $(uname -r)"
echo
printf '%-10s %14s %14s %18s %9s %8s\n' daemon "poll 64, s/h" "poll 1, s/h" "ms per exchange" "Pss kB" threads
row() { printf '%-10s %14s %14s %18s %9s %8s\n' "$1" "$(hour "$2")" "$(hour "$3")" "$(each "$3" "$2")" "$(pss "$base/$4")" "$(threads "$base/$4")"; }
row chronyd "$chrony_6_pid_chronyd" "$chrony_0_pid_chronyd" chrony-6/pid-chronyd
row ntpd "$ours_6_pid_ntpd" "$ours_0_pid_ntpd" ours-6/pid-ntpd
row clockd "$ours_6_pid_clockd" "$ours_0_pid_clockd" ours-6/pid-clockd
awk "BEGIN{c = $chrony_0_pid_chronyd - $chrony_6_pid_chronyd; o = $ours_0_pid_ntpd - $ours_6_pid_ntpd + $ours_0_pid_clockd - $ours_6_pid_clockd; \
    printf \"\nntpd + clockd cost %.2f times chronyd per exchange (target 2)\n\", o / c}"

calls=0
while [ $calls -lt 1000 ]; do "$bin/timectl" --runtime-dir "$base/ours-6/run" --json clock >/dev/null; calls=$((calls + 1)); done
sleep 65 # a minute later what the calls took has been given back
echo "a minute after 1,000 calls of timectl clock: ntpd $(pss "$base/ours-6/pid-ntpd") kB (target 20,480), clockd $(pss "$base/ours-6/pid-clockd") kB (target 16,384)"
