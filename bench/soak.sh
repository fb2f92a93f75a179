#!/bin/sh
# soak.sh SECONDS : an hour (3600) of mixed load on ntpd as a server, in a network of its own: good requests, signed ones, forged ones, junk, a million spoofed
# addresses and a client that asks too often, at a modest rate. Meanwhile each minute who is served changes, by SIGHUP or by timectl, each third its clock is
# slewed, each tenth it is stepped. Writes bench/results/soak.md, and fails if a datagram is unaccounted for. All clocks are shadows.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-}; seconds=${seconds:-3600}
case $seconds in *[!0-9]* | 0* | ???????*) echo "soak.sh: SECONDS must be a whole number from 1 to 999999, such as SECONDS=600, and is '$seconds'" >&2; exit 2 ;; esac
if [ -z "${SOAK_INSIDE:-}" ]; then
    user="--map-root-user"; [ "$(id -u)" != 0 ] || user=""
    SOAK_INSIDE=1 exec unshare --net $user "$0" "$seconds"
fi
ip link set lo up
bin=$PWD/out/bin base=$PWD/out/soak load=$PWD/out/bin/ntp-load
# Signals as at login: whoever starts this in the background may have set SIGHUP and SIGINT to ignored, and children inherit that.
unprivileged="env --default-signal=HUP,INT,TERM setpriv --bounding-set=-sys_time --inh-caps=-sys_time --"
$unprivileged "$bin/clock-error" --assert-cannot-steer
rm -rf "$base"; mkdir -p "$base/reference" "$base/server"; chmod 755 "$base" "$base/reference" "$base/server"
port=11123 every=10 pids="" askers=""
stop() { trap - EXIT INT TERM; for pid in $askers $pids; do kill "$pid" 2>/dev/null || true; done; for pid in $askers $pids; do wait "$pid" 2>/dev/null || true; done; }
trap stop EXIT; trap 'stop; exit 130' INT TERM

printf '[serve]\nlisten = ["127.0.0.1:11122"]\nthreads = 1\n\n[local]\nstratum = 1\n' >"$base/reference/timesuite.toml"
printf '7 AES128 HEX:000102030405060708090A0B0C0D0E0F\n' >"$base/server/keys"; chmod 600 "$base/server/keys"
configure() { # configure OFFSET DENIED : what the reference is taken to be off by, and who is not served
    cat >"$base/server/new.toml" <<TOML
[[source]]
server = "127.0.0.1"
port = 11122
min-poll = 0
max-poll = 0
offset = "$1"

[selection]
jump-limit = "24 h"
jump-wait = "0 s"

[clock]
max-slewed-phase-per-day = "1 h"
later-steps-per-day = 100
max-later-step = "2 s"

[serve]
listen = ["127.0.0.1:$port"]
threads = 2
allow = ["127.0.0.0/8"]
deny = ["127.$2.0.0/16"]

[rate-limit]
interval = "0.1 s"

[keys]
file = "$base/server/keys"
TOML
    chmod 644 "$base/server/new.toml"; mv "$base/server/new.toml" "$base/server/timesuite.toml"
}
start() { # start DIRECTORY PROGRAM ARGS...
    directory=$base/$1 program=$2; shift 2
    cp "$bin/$program" "$directory" # of its own, so that its memory is not shared with the others'
    $unprivileged "$directory/$program" --config "$directory/timesuite.toml" --runtime-dir "$directory/run" --state-dir "$directory/state" "$@" 2>"$directory/$program.log" & pids="$pids $!"
}
configure "0 s" 8
start reference clockd --clock shadow --same-uid-roles; start reference ntpd
start server clockd --clock shadow --same-uid-roles --shadow-offset 50ms --shadow-frequency 30ppm; clockd=$!
start server ntpd; ntpd=$!
ctl() { "$bin/timectl" --runtime-dir "$base/server/run" "$@"; }
timeout 60 sh -c "until '$bin/timectl' --runtime-dir '$base/server/run' waitsync --timeout 30 >/dev/null 2>&1; do sleep 0.2; done" || { tail -n 5 "$base"/*/*.log >&2; exit 1; }

# name, and what it asks for; the load is the same for as long as it lasts
asker() { name=$1; shift; "$load" soak --port $port --seconds "$seconds" --patience 5 "$@" >"$base/$name.count" & askers="$askers $!"; }
asker good --rate 1000 --clients 1000
asker signed --rate 200 --clients 500 --key 7:000102030405060708090A0B0C0D0E0F
asker forged --rate 100 --clients 100 --key 7:FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF
asker spoofed --rate 1000 --clients 1000000
asker pushy --rate 200 --clients 1
asker junk --rate 300 --clients 1000 --junk 1000

total() { grep -o "\"count\":[0-9]*" "$base/statistics" | awk -F: '{sum += $2} END{print sum + 0}'; }
replied() { awk 'BEGIN{RS="{"} /"replied":true/ {match($0, /"count":[0-9]+/); sum += substr($0, RSTART + 8, RLENGTH - 8)} END{print sum + 0}' "$base/statistics"; }
pss() { awk '/^Pss:/{print $2}' "/proc/$1/smaps_rollup"; }
logged() { cat "$base"/server/*.log | wc -c; }
dropped() { awk -v port=":$(printf %04X $port)" 'index($2, port) {sum += $NF} END{print sum + 0}' /proc/net/udp; } # at the server's sockets
kernel() { awk -v name="$1" '/^Udp:/ {if (!column) {for (i = 2; i <= NF; i++) if ($i == name) column = i} else print $column}' /proc/net/snmp; }

echo "second pss-kib threads clockd-pss-kib log-octets requests replies" >"$base/samples"
began=$(date +%s) minute=0 offset="0 s" failures=0 reloads=0
try() { "$@" >>"$base/deeds" 2>&1 || { failures=$((failures + 1)); echo "$*: failed at second $((now - began))" >>"$base/deeds"; }; }
reloaded() { grep -c 'Configuration: ' "$base/server/ntpd.log" || true; }
heeded() { for _ in 1 2 3 4 5 6 7 8 9 10; do [ "$(reloaded)" -gt $((reloads)) ] && return; sleep 0.5; done; return 1; } # the first is of the start
deeds() { # once a minute
    case $((minute % 10)) in
        5 | 6) offset="500 ms" ;;
        7) offset="0 s" ;;
        *) if [ $((minute % 3)) = 0 ]; then if [ "$offset" = "0 s" ]; then offset="3 ms"; else offset="0 s"; fi; fi ;;
    esac
    configure "$offset" $((8 + minute % 2)); reloads=$((reloads + 1))
    if [ $((minute % 2)) = 0 ]; then kill -HUP "$ntpd"; try heeded; try ctl deny 127.10.0.0/16; else try ctl reload; try ctl access reset; fi
    case $((minute % 10)) in 5 | 7) sleep 10; try ctl step ;; esac
}
now=$began
while now=$(date +%s); [ $((now - began)) -lt "$seconds" ]; do
    ctl --json serverstats >"$base/statistics"
    echo "$((now - began)) $(pss $ntpd) $(find /proc/$ntpd/task -mindepth 1 -maxdepth 1 | wc -l) $(pss $clockd) $(logged) $(total) $(replied)" >>"$base/samples"
    if [ $(((now - began) / 60)) -gt $minute ]; then minute=$(((now - began) / 60)); deeds; fi
    sleep $every
done
for pid in $askers; do wait "$pid"; done
askers=""
ctl --json serverstats >"$base/statistics"; ctl --json clock >"$base/clock.json"
sent=$(awk '{sum += $2} END{print sum}' "$base"/*.count) answered=$(awk '{sum += $4} END{print sum}' "$base"/*.count)
wrong=$(awk '{sum += $8} END{print sum}' "$base"/*.count) inconsistent=$(awk '{sum += $10} END{print sum}' "$base"/*.count)
at_server=$(dropped) everywhere=$(kernel RcvbufErrors)
unheard=$((sent - $(total) - at_server)) unreturned=$(($(replied) - answered - wrong - everywhere + at_server))
policy=$((sent - at_server - $(replied)))
from=$((seconds / 6)) # memory is flat from then on, if ever
slope() { awk -v column="$1" -v from="${2:-$from}" -v until="${3:-$seconds}" 'NR > 1 && $1 >= from && $1 <= until {n++; x += $1; y += $column; xx += $1 * $1; xy += $1 * $column} END{d = n * xx - x * x; printf "%.1f", (d > 0 ? 3600 * (n * xy - x * y) / d : 0)}' "$base/samples"; }
by_minute() { awk 'NR > 1 {m = int($1 / 60); if (m != last) {printf "%d ", sum / n; sum = n = 0; last = m} sum += $2; n++} END{if (n) printf "%d", sum / n}' "$base/samples"; }
figure() { grep -o "\"$1\":[0-9.]*" "$base/clock.json" | head -1 | cut -d: -f2; }
middle() { awk -v column="$1" 'NR > 1 {print $column}' "$base/samples" | sort -n | awk '{all[NR] = $1} END{print all[int((NR + 1) / 2)] " (" all[1] "-" all[NR] ")"}'; }
{
    sed -n '1,/^<!-- figures -->$/p' bench/results/soak.md
    echo
    echo "$(date -u +%Y-%m-%d), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, $(uname -sr); $seconds s, $reloads changes of the configuration, $(figure steps) steps of the clock, $(figure slewed_last_day_s) s slewed in $(figure adjustments) adjustments, $failures commands failed; load of others on the machine at the end: $(cut -d' ' -f1 /proc/loadavg)."
    echo
    echo "| | sent | answered | without a reply | wrong replies | inconsistent stamps |"
    echo "|---|---|---|---|---|---|"
    for name in good signed forged spoofed pushy junk; do awk -v name=$name '{print "| " name " | " $2 " | " $4 " | " $2 - $4 " | " $8 " | " $10 " |"}' "$base/$name.count"; done
    echo
    echo "| | |"
    echo "|---|---|"
    echo "| datagrams sent to the server | $sent |"
    echo "| dropped by the kernel at the server's sockets | $at_server |"
    echo "| judged by the server | $(total) |"
    echo "| **lost beyond the kernel's, on the way in** | $unheard |"
    echo "| got silence, by rule | $policy |"
    echo "| replies | $(replied) |"
    echo "| dropped by the kernel at the generator's sockets | $((everywhere - at_server)) |"
    echo "| **lost beyond the kernel's, on the way back** | $unreturned |"
    echo "| replies with inconsistent stamps | $inconsistent |"
    echo "| ntpd: Pss in KiB, median (least-most); slope after $from s, KiB an hour | $(middle 2); $(slope 2) |"
    echo "| ntpd: Pss, slope of the first half and of the second, KiB an hour | $(slope 2 0 $((seconds / 2))); $(slope 2 $((seconds / 2))) |"
    echo "| clockd: Pss in KiB, median (least-most); slope after $from s, KiB an hour | $(middle 4); $(slope 4) |"
    echo "| ntpd's threads | $(middle 3) |"
    echo "| logs of ntpd and clockd, octets; an hour | $(logged); $(slope 5) |"
    echo
    echo "ntpd's Pss in KiB, mean of each minute: $(by_minute)."
    echo
    echo "What became of them, by the server's own count:"
    echo
    grep -o '"name":"[^"]*","meaning":"[^"]*","count":[1-9][0-9]*' "$base/statistics" | sed 's/"name":"\([^"]*\)","meaning":"\([^"]*\)","count":\(.*\)/- \1: \3 (\2)/; s/.u0027/'"'"'/g'
} >"$base/soak.md"
cp "$base/soak.md" bench/results/soak.md
cat bench/results/soak.md
[ "$unheard" = 0 ] && [ "$unreturned" = 0 ] && [ "$inconsistent" = 0 ] && [ "$failures" = 0 ]
