#!/bin/sh
# run.sh [RUNS [SEED]] : SharpFuzz on the server's whole step (tests/fuzz/RequestTarget.cs) and on PTP ports (tests/fuzz/PtpTarget.cs, PtpModesTarget.cs, PtpUnicastTarget.cs) and on NTS (tests/fuzz/NtsTarget.cs), 10 million mutated datagrams each by default.
# Instruments copies of the assemblies, so that what goes a new way is kept in tests/fuzz/corpus; commit what it adds.
set -eu
cd "$(dirname "$0")/../.."
version=2.3.0
tool=out/tools/sharpfuzz
[ -x "$tool" ] || dotnet tool install SharpFuzz.CommandLine --version "$version" --tool-path out/tools >/dev/null
dotnet build bench/fuzz -c Release -o out/fuzz -v q -nologo -clp:ErrorsOnly -m:1
"$tool" out/fuzz/TimeSuite.Ntp.dll
"$tool" out/fuzz/TimeSuite.Nts.dll
"$tool" out/fuzz/TimeSuite.Ptp.dll
for corpus in ${CORPORA:-requests ptp ptp-modes ptp-unicast nts}; do nice out/fuzz/fuzz "tests/fuzz/corpus/$corpus" "${1:-10000000}" "${2:-1}"; done
