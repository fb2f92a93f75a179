#!/bin/sh
# run.sh SECONDS CONFIG : the main job, on a machine whose own clock stays as it is. Two instances, both with a shadow clock and
# without the right to touch any other: a reference that is right by definition, and a client that begins 50 ms and 30 ppm wrong.
set -eu
case ${1:-} in
*[!0-9]* | 0* | ???????*) echo "run.sh: SECONDS must be a whole number from 1 to 999999, such as SECONDS=60, and is '$1'" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.."
seconds=${1:-}
config=${2:-}
bin=$PWD/out/bin
port=11123
base=${TIMESUITE_RUN_DIR:-$PWD/out/run}
reference=$base/reference client=$base/client

[ -z "$config" ] || { [ -f "$config" ] && [ -r "$config" ]; } || { echo "run.sh: CONFIG: there is no file $config that can be read (a relative path begins at $PWD)" >&2; exit 2; }

# Without CAP_SYS_TIME, in the bounding set too, so that no child can have it either. An ordinary user has no say in the bounding set, but can see
# to it that no exec gives more rights than there are.
if [ "$(id -u)" = 0 ]; then unprivileged="setpriv --bounding-set=-sys_time --inh-caps=-sys_time --"; else unprivileged="setpriv --no-new-privs --"; fi
$unprivileged "$bin/clock-error" --assert-cannot-steer || { echo "run.sh: refusing to start where a clock could be set" >&2; exit 1; }

pids=""
stop() {
    trap - EXIT HUP INT TERM
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    for pid in $pids; do wait "$pid" 2>/dev/null || true; done
}
trap 'stop' EXIT
trap 'stop; exit 129' HUP
trap 'stop; exit 130' INT
trap 'stop; exit 143' TERM

rm -rf "$base"; mkdir -p "$reference" "$client"; chmod 755 "$base"
cat >"$reference/timesuite.toml" <<TOML
[serve]
listen = ["127.0.0.1:$port"]

[local]
stratum = 1
TOML
cat >"$client/timesuite.toml" <<TOML
[[source]]
server = "127.0.0.1"
port = $port
min-poll = 0
max-poll = 2
iburst = true
TOML
if [ -n "$config" ]; then
    cp "$config" "$client/timesuite.toml"
    ! [ -d "$(dirname "$config")/conf.d" ] || cp -R "$(dirname "$config")/conf.d" "$client/"
fi
chmod -R u=rwX,go=rX "$reference" "$client"

start() { # start DIRECTORY PROGRAM ARGS...
    directory=$1 program=$2; shift 2
    $unprivileged "$bin/$program" --config "$directory/timesuite.toml" --runtime-dir "$directory/run" --state-dir "$directory/state" "$@" \
        2>"$directory/$program.log" &
    pids="$pids $!"
}

start "$reference" clockd --clock shadow --same-uid-roles
start "$reference" ntpd
start "$client" clockd --clock shadow --same-uid-roles --shadow-offset 50ms --shadow-frequency 30ppm
start "$client" ntpd

timectl="$bin/timectl --runtime-dir $client/run"
tries=0
until $timectl status >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -ge 100 ]; then
        echo "run.sh: the suite did not come up; its logs:" >&2
        tail -n 5 "$reference"/*.log "$client"/*.log >&2
        exit 1
    fi
    sleep 0.1
done

if [ -z "$seconds" ]; then
    echo "Logs: $client/*.log. Ctrl-C ends."
    $timectl watch || true
    exit 0
fi

[ "$seconds" -ge 15 ] || echo "run.sh: synchronising takes some 10 s; what is printed after $seconds s may not be synchronised yet" >&2
last=20
[ "$seconds" -gt 25 ] || last=$(((seconds + 4) / 5))
[ "$seconds" -le $last ] || $timectl watch --seconds $((seconds - last)) || true
verdict=0
if [ -z "$config" ]; then
    "$bin/clock-error" "$client/run/clockd/clock" "$reference/run/clockd/clock" $last || verdict=1
else
    sleep $last
fi
$timectl sources
$timectl status
$timectl waitsync --timeout 1 >/dev/null 2>&1 || { echo "not synchronised: $client/ntpd.log and 'timectl selection' say why" >&2; verdict=1; }
exit $verdict
