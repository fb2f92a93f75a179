#!/bin/sh
# ptp.sh : what it costs to follow a PTP master, beside ptp4l in interleaved rounds on this machine: processor time and memory, at 8 and 16 Syncs a second, software
# stamps, in network namespaces of its own. Writes bench/results/ptp-cost.md. BENCH_ROUNDS (5) rounds of BENCH_SECONDS (20) each. Root alone; nothing may set a clock.
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "ptp.sh makes network namespaces: run it as root" >&2; exit 1; }
build/peers.sh
rounds=${BENCH_ROUNDS:-5} seconds=${BENCH_SECONDS:-20} settle=${BENCH_SETTLE:-10}
bin=$PWD/out/bin base=$PWD/out/bench-ptp raw=$PWD/out/bench-ptp.txt ptp4l=$PWD/out/peers/root/usr/sbin/ptp4l
confined="setpriv --bounding-set=-sys_time --inh-caps=-sys_time --"
here=ptpbench-$$-a there=ptpbench-$$-b
rm -rf "$base" "$raw"; mkdir -p "$base"; : >"$raw"
pids=""
quit() { for pid in $pids; do kill "$pid" 2>/dev/null || true; done; for pid in $pids; do wait "$pid" 2>/dev/null || true; done; pids=""; }
stop() { trap - EXIT INT TERM; quit; ip netns del $here 2>/dev/null || true; ip netns del $there 2>/dev/null || true; }
trap stop EXIT; trap 'stop; exit 130' INT TERM
ip netns add $here; ip netns add $there
ip -n $here link add bench0 type veth peer name bench0 netns $there
ip -n $here addr add 10.124.240.1/24 dev bench0; ip -n $there addr add 10.124.240.2/24 dev bench0
for name in $here $there; do ip -n $name link set lo up; ip -n $name link set bench0 up; done

# Nanoseconds on a processor, of all threads of a process.
used() { cat /proc/"$1"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f", sum }'; }
pss() { awk '/^Pss:/ { print $2 }' "/proc/$1/smaps_rollup"; }
config() { printf '[global]\nfree_running 1\nuds_address %s\nlogSyncInterval %s\nlogMinDelayReqInterval %s\n' "$base/$1.uds" "$2" "$2" >"$base/$1.cfg"; }
start() { # start NAMESPACE LOG PROGRAM...
    namespace=$1 log=$2; shift 2
    ip netns exec "$namespace" $confined "$@" >"$log" 2>&1 & # exec's all the way: the process is the program's
    pids="$pids $!"; last=$!
}
measure() { # measure KIND LOG2 NAME=PID... : after it has settled
    kind=$1 log2=$2; shift 2
    sleep "$settle"
    before=""
    for one in "$@"; do before="$before $(used "${one#*=}")"; done
    sleep "$seconds"
    for one in "$@"; do
        first=${before# }; before=${first#* }; first=${first%% *}
        echo "$kind $log2 ${one%=*} $(( ($(used "${one#*=}") - first) / seconds )) $(pss "${one#*=}")" >>"$raw"
    done
}

round=1
while [ $round -le "$rounds" ]; do
    for log2 in -3 -4; do
        config master $log2
        start $there "$base/master.log" "$ptp4l" -i bench0 -S -4 -E -m -f "$base/master.cfg" --masterOnly 1
        config slave $log2
        start $here "$base/slave.log" "$ptp4l" -i bench0 -S -4 -E -m -f "$base/slave.cfg" -s; slave=$last
        measure ptp4l $log2 "ptp4l=$slave"
        quit
        grep -q "to UNCALIBRATED on RS_SLAVE" "$base/slave.log" || { echo "ptp4l does not follow: $base/slave.log" >&2; exit 1; } # it writes when it ends; free running, that is all that it says

        mkdir -p "$base/ours"
        printf '[ptp]\ninterfaces = ["bench0"]\nsync-interval = %s\ndelay-interval = %s\narbitrary-timescale = "utc"\n' $log2 $log2 >"$base/ours/timesuite.toml"
        start $there "$base/master.log" "$ptp4l" -i bench0 -S -4 -E -m -f "$base/master.cfg" --masterOnly 1
        directories="--config $base/ours/timesuite.toml --runtime-dir $base/ours/run --state-dir $base/ours/state"
        start $here "$base/clockd.log" "$bin/clockd" $directories --clock shadow --same-uid-roles; clockd=$last
        start $here "$base/ptpd.log" "$bin/ptpd" $directories; ptpd=$last
        start $here "$base/ntpd.log" "$bin/ntpd" $directories; ntpd=$last # who asks ptpd, as on every host
        measure ours $log2 "ptpd=$ptpd" "clockd=$clockd" "ntpd=$ntpd"
        "$bin/timectl" --runtime-dir "$base/ours/run" ptp --json | grep -q '"slave"' || { echo "ptpd does not follow: $base/ptpd.log" >&2; exit 1; }
        quit
    done
    round=$((round + 1))
done

python3 - "$raw" "$rounds" "$seconds" >bench/results/ptp-cost.md <<'PYTHON'
import os, platform, statistics, sys
rows = {}
for line in open(sys.argv[1]):
    kind, log2, name, used, pss = line.split()
    rows.setdefault((kind, int(log2), name), []).append((int(used), int(pss)))
median = lambda key, at: statistics.median(value[at] for value in rows[key])
print(f"""# What it costs to follow a PTP master

Made by `make bench-ptp` (bench/ptp.sh): {sys.argv[2]} interleaved rounds of {sys.argv[3]} s each, medians, {os.cpu_count()} processors, Linux {platform.release()}. A slave behind a veth pair follows Debian's ptp4l, with software stamps, UDP over IPv4, end to end, as
many Delay_Reqs as Syncs. Of ours ptpd and clockd count; ntpd, which listens to ptpd and steers as chronyd or phc2sys would beside ptp4l, is shown apart. Processor time is that of all threads (schedstat), in the time measured.

| Syncs a second | ptp4l | ptpd | clockd | ptpd + clockd | of ptp4l's (target: at most 2) | ntpd beside | Pss of ptp4l | Pss of ptpd (target: at most 20 MiB) | Pss of clockd |
|---|---|---|---|---|---|---|---|---|---|""")
for log2 in (-3, -4):
    theirs, ptpd, clockd, ntpd = (("ptp4l", log2, "ptp4l"), *(("ours", log2, name) for name in ("ptpd", "clockd", "ntpd")))
    both = median(ptpd, 0) + median(clockd, 0)
    share = lambda used: f"{used / 1e7:.3f} %"
    print(f"| {2 ** -log2} | {share(median(theirs, 0))} | {share(median(ptpd, 0))} | {share(median(clockd, 0))} | **{share(both)}** | {both / median(theirs, 0):.1f} | {share(median(ntpd, 0))} "
          f"| {median(theirs, 1) / 1024:.1f} MiB | {median(ptpd, 1) / 1024:.1f} MiB | {median(clockd, 1) / 1024:.1f} MiB |")
PYTHON
cat bench/results/ptp-cost.md
