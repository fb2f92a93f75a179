#!/bin/sh
# run.sh [RUNS [SEED]] : SharpFuzz on the server's whole step (tests/fuzz/RequestTarget.cs), 10 million mutated requests by default.
# Instruments copies of TimeSuite.Ntp.dll and TimeSuite.Nts.dll, so that what goes a new way is kept in tests/fuzz/corpus/requests; commit what it adds.
set -eu
cd "$(dirname "$0")/../.."
version=2.3.0
tool=out/tools/sharpfuzz
[ -x "$tool" ] || dotnet tool install SharpFuzz.CommandLine --version "$version" --tool-path out/tools >/dev/null
dotnet build bench/fuzz -c Release -o out/fuzz -v q -nologo -clp:ErrorsOnly -m:1
"$tool" out/fuzz/TimeSuite.Ntp.dll
"$tool" out/fuzz/TimeSuite.Nts.dll
exec nice out/fuzz/fuzz tests/fuzz/corpus/requests "${1:-10000000}" "${2:-1}"
