#!/bin/sh
# test.sh [PROJECT...] : runs the built tests, the small ones side by side, then the ones that own the machine one by one; beside all of them,
# on what they leave of the processors, those in virtual machines (debian, and of tests/system what is called machine here): their time is virtual and does not mind.
# Ends with "N skipped" and "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
logs=out/test
alone="interop system" beside="debian machine" long="discipline scenarios ntpd clockd ctl"

run() { # run NAME [NICE MINUTES]
    began=$(date +%s) of=$1 which="FullyQualifiedName~."
    case $1 in
    machine) of=system which="FullyQualifiedName~.Vm." ;;
    system) which="FullyQualifiedName!~.Vm." ;;
    esac
    # A test that hangs is named and ended; no test is silent for so long.
    nice -n "${2:-0}" dotnet test "tests/$of" --filter "$which" --no-build --nologo -v q --logger "console;verbosity=normal" --results-directory "$logs" \
        --blame-hang-timeout "${3:-10}m" --blame-hang-dump-type none >"$logs/$1.log" 2>&1
    echo $? >"$logs/$1.exit"
    echo "$1 ran for $(($(date +%s) - began)) s"
}

if [ "${1:-}" = --run ]; then run "$2"; exit 0; fi
rm -rf "$logs"; mkdir -p "$logs"

report() { # report NAME
    summary=$(grep -E '^(Passed!|Failed!) ' "$logs/$1.log" | tail -1)
    [ -n "$summary" ] || summary=$(awk '/^ +Passed: /{p=$2} /^ +Failed: /{f=$2} /^ +Skipped: /{s=$2} END{printf "Failed: %d, Passed: %d, Skipped: %d,", f, p, s}' "$logs/$1.log")
    failed=$(echo "$summary" | sed -n 's/.*Failed: *\([0-9]*\),.*/\1/p'); passed=$(echo "$summary" | sed -n 's/.*Passed: *\([0-9]*\),.*/\1/p'); skipped=$(echo "$summary" | sed -n 's/.*Skipped: *\([0-9]*\),.*/\1/p')
    failed=${failed:-0}; passed=${passed:-0}; skipped=${skipped:-0}
    # A run that ended badly without naming a test (a crash, nothing found) is a failure of its own.
    if [ "$(cat "$logs/$1.exit")" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
    if [ "$passed$failed$skipped" = 000 ]; then failed=1; fi
    printf '%-14s %5d passed %3d failed %3d skipped\n' "$1" "$passed" "$failed" "$skipped"
    if [ "$failed" != 0 ]; then
        grep -vE '^ +Passed ' "$logs/$1.log" | tail -80
        # Said again at the end, for whoever sees no more than the last lines: the test, and the first lines of what it says.
        grep -A 6 -E '^ +Failed [^:]' "$logs/$1.log" | grep -vE '^ +Passed |^ *Stack Trace:|^--$' | cut -c 1-240 | head -20 | sed "s/^ */$1: /" >>"$logs/failed"
        echo "$1: $failed failed, whole in out/test/$1.log" >>"$logs/failed"
    fi
    total_passed=$((total_passed + passed)); total_failed=$((total_failed + failed)); total_skipped=$((total_skipped + skipped))
}

if [ $# -gt 0 ]; then projects=$*; else projects=$(ls tests/*/*.Tests.csproj | cut -d/ -f2 | sort | paste -sd' '); fi # tests/simulation is a library
case " $projects " in *" system "*) projects="$projects machine" ;; esac
total_passed=0 total_failed=0 total_skipped=0
together="" background=""
for project in $projects; do
    case " $alone $beside " in *" $project "*) ;; *) together="$together $project" ;; esac
    case $project in # the one that takes longest, on one processor, before the others
    debian) run debian 15 30 & background="$background $!" ;;
    machine) run machine 19 30 & background="$background $!" ;;
    esac
done
# Two at a time, those that take long first.
for project in $long; do case " $together " in *" $project "*) echo "$project" ;; esac; done >"$logs/order"
for project in $together; do case " $long " in *" $project "*) ;; *) echo "$project" ;; esac; done >>"$logs/order"
xargs -r -P 2 -n 1 build/test.sh --run <"$logs/order"
for project in $together; do report "$project"; done
for project in $projects; do
    case " $alone " in *" $project "*) run "$project"; report "$project" ;; esac
done
if [ -n "$background" ]; then wait $background; fi
for project in $projects; do
    case " $beside " in *" $project "*) report "$project" ;; esac
done
if [ -e "$logs/failed" ]; then cat "$logs/failed"; fi
echo "$total_skipped skipped"
echo "$total_passed passed, $total_failed failed"
[ "$total_failed" = 0 ]
