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
bin=${TIMESUITE_BIN:-$PWD/out/bin}
port=${TIMESUITE_RUN_PORT:-11123}
base=${TIMESUITE_RUN_DIR:-$PWD/out/run}
reference=$base/reference client=$base/client

if [ -n "$config" ]; then
    [ -f "$config" ] && [ -r "$config" ] || { echo "run.sh: CONFIG: there is no file $config that can be read (a relative path begins at $PWD)" >&2; exit 2; }
    mistakes=$("$bin/timectl" config check "$config" 2>&1) || { echo "run.sh: CONFIG: nothing was started:" >&2; echo "$mistakes" >&2; exit 2; }
fi

# Two in one directory would pull it from under each other. The lock goes when this shell does, however it ends.
mkdir -p "$(dirname "$base")"
exec 9>>"$base.lock"
flock --nonblock 9 || { echo "run.sh: process $(tail -n 1 "$base.lock") runs the suite in $base already: end that one, or set TIMESUITE_RUN_DIR to another directory" >&2; exit 1; }
echo $$ >"$base.lock"

# A server shares its port with others of the same user, so nobody but us would notice.
owner() { # owner INODE : who has this socket, as far as we may know
    for process in $(find /proc/[0-9]*/fd -maxdepth 1 -lname "socket:\[$1\]" 2>/dev/null | cut -d/ -f3 | sort -un); do
        echo "$(cat "/proc/$process/comm" 2>/dev/null), process $process"; return
    done
    echo "another user's process"
}
taken=$(awk -v port="$(printf %04X "$port")" '{ split($2, local, ":") } local[2] == port && local[1] ~ /^(0100007F|0+)$/ { print $10; exit }' /proc/net/udp /proc/net/udp6 2>/dev/null || true)
[ -z "$taken" ] || { echo "run.sh: UDP port $port is taken by $(owner "$taken"): end it, or use another port: make run TIMESUITE_RUN_PORT=$((port + 1))" >&2; exit 1; }

# Without CAP_SYS_TIME, in the bounding set too, so that no child can have it either. An ordinary user has no say in the bounding set, but can see
# to it that no exec gives more rights than there are. Whatever ends this shell ends the children.
unprivileged="setpriv --pdeathsig TERM"
if [ "$(id -u)" = 0 ]; then unprivileged="$unprivileged --bounding-set=-sys_time --inh-caps=-sys_time --"; else unprivileged="$unprivileged --no-new-privs --"; fi
$unprivileged "$bin/clock-error" --assert-cannot-steer || { echo "run.sh: refusing to start where a clock could be set" >&2; exit 1; }

pids="" front=""
stop() {
    trap - EXIT HUP INT TERM
    pids="$front $pids"
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

[nts-server]
listen = ["127.0.0.1:$port"]
ntp-port = $port
[[nts-server.certificate]]
chain = "$reference/chain.pem"
key = "$reference/key.pem"
TOML
cat >"$client/timesuite.toml" <<TOML
[[source]]
server = "127.0.0.1"
nts = true
nts-port = $port
nts-trust = "$reference/chain.pem"
min-poll = 0
max-poll = 2
iburst = true
TOML
if [ -n "$config" ]; then
    cp "$config" "$client/timesuite.toml"
    ! [ -d "$(dirname "$config")/conf.d" ] || cp -R "$(dirname "$config")/conf.d" "$client/"
fi
chmod -R u=rwX,go=rX "$reference" "$client"
"$bin/ntskeyd" make-certificate "$reference" 127.0.0.1

start() { # start DIRECTORY PROGRAM ARGS...
    directory=$1 program=$2; shift 2
    [ "$program" = lookupd ] || set -- --config "$directory/timesuite.toml" --state-dir "$directory/state" "$@"
    $unprivileged "$bin/$program" --runtime-dir "$directory/run" "$@" \
        2>"$directory/$program.log" 9>&- &
    pids="$pids $!"
}

attend() { # attend COMMAND... : a shell hears no signal until the command before it has ended, unless it waits for it
    $unprivileged "$@" 9>&- &
    front=$!
    ended=0
    wait "$front" || ended=$?
    front=""
    return $ended
}

start "$reference" lookupd
start "$reference" clockd --clock shadow --same-uid-roles
start "$reference" ntskeyd
start "$reference" ntpd
start "$client" lookupd
start "$client" clockd --clock shadow --same-uid-roles --shadow-offset 50ms --shadow-frequency 30ppm
start "$client" ntskeyd
start "$client" ntpd

timectl="$bin/timectl --runtime-dir $client/run"
tries=0
until $timectl status >/dev/null 2>&1; do
    tries=$((tries + 1))
    ended=""
    for pid in $pids; do kill -0 "$pid" 2>/dev/null || ended=1; done
    if [ -n "$ended" ] || [ $tries -ge 100 ]; then
        echo "run.sh: the suite did not come up; its logs:" >&2
        tail -n 5 "$reference"/*.log "$client"/*.log >&2
        exit 1
    fi
    attend sleep 0.1
done

if [ -z "$seconds" ]; then
    echo "Logs: $client/*.log. Ctrl-C ends."
    attend $timectl watch || true
    exit 0
fi

[ "$seconds" -ge 15 ] || echo "run.sh: synchronising takes some 10 s; what is printed after $seconds s may not be synchronised yet" >&2
last=20
[ "$seconds" -gt 25 ] || last=$(((seconds + 4) / 5))
[ "$seconds" -le $last ] || attend $timectl watch --seconds $((seconds - last)) || true
verdict=0
if [ -z "$config" ]; then
    attend "$bin/clock-error" "$client/run/clockd/clock" "$reference/run/clockd/clock" $last || verdict=1
else
    attend sleep $last
fi
$timectl sources
$timectl status
$timectl waitsync --timeout 1 >/dev/null 2>&1 || { echo "not synchronised: $client/ntpd.log and 'timectl selection' say why" >&2; verdict=1; }
exit $verdict
