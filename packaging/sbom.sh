#!/bin/sh
# sbom.sh : a bill of materials (CycloneDX 1.5, JSON) of the shipped programs: what is linked into them, and what built them (scope "excluded"). From the lock files, if it was them that `make publish` restored by
# (out/bin/.restored), else from what was restored (src/*/obj/project.assets.json). The same packages and SOURCE_DATE_EPOCH give the same octets. For tests: SOURCES and RESTORED are other places than src and that file.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
: "${SOURCE_DATE_EPOCH:=$(cat out/bin/.epoch 2>/dev/null || git log -1 --format=%ct 2>/dev/null || date +%s)}"
: "${SOURCES:=src}" "${RESTORED:=out/bin/.restored}"

if [ "$(cat "$RESTORED" 2>/dev/null)" = locked ]; then from=packages.lock.json; else from=obj/project.assets.json; fi
# The programs are those with the compiler ahead of time; the others that have a lock file are their libraries, which have packages that only build.
programs="" libraries=""
for lock in "$SOURCES"/*/packages.lock.json; do
    file=${lock%/*}/$from
    [ -e "$file" ] || { echo "sbom.sh: the programs were not restored by the lock files, and what they were restored by is not there ($file): run 'make publish' first" >&2; exit 1; }
    if grep -q Microsoft.DotNet.ILCompiler "$file"; then programs="$programs $file"; else libraries="$libraries $file"; fi
done
listed() { # listed FILE... : NAME VERSION HASH of each package, once. Both kinds of files have a key on each line.
    [ $# -gt 0 ] || return 0
    case $from in
    packages.lock.json) awk '
        /^      "[^"]+": \{/ { split($0, part, "\""); name = part[2]; version = "" }
        /"resolved":/ { split($0, part, "\""); version = part[4] }
        /"contentHash":/ { split($0, part, "\""); if (name != "" && version != "") print name, version, part[4] }' "$@" ;;
    *) awk '
        /^  "/ { inside = $1 == "\"libraries\":" }
        inside && /^    "[^"]+": \{/ { split($0, part, "\""); split(part[2], of, "/"); hash = "" }
        inside && /^      "sha512":/ { split($0, part, "\""); hash = part[4] }
        inside && /^      "type": "package"/ { print of[1], of[2], hash }' "$@" ;;
    esac | LC_ALL=C sort -u
}
packages=$(listed $programs)
[ -n "$packages" ] || { echo "sbom.sh: no packages in $SOURCES/*/$from" >&2; exit 1; }
tools=$(listed $libraries | awk -v linked="$packages" 'BEGIN { split(linked, words); for (i in words) is[words[i]] = 1 } !($1 in is)')
compiler=$(echo "$packages" | awk '$1 == "Microsoft.DotNet.ILCompiler" { print $2; exit }')
[ -n "$compiler" ] || { echo "sbom.sh: Microsoft.DotNet.ILCompiler is in no $from" >&2; exit 1; }

cat <<JSON
{
  "bomFormat": "CycloneDX",
  "specVersion": "1.5",
  "version": 1,
  "metadata": {
    "timestamp": "$(date -u -d "@$SOURCE_DATE_EPOCH" +%FT%TZ)",
    "component": { "type": "application", "bom-ref": "timesuite", "name": "timesuite", "version": "$version", "licenses": [ { "license": { "id": "Apache-2.0" } } ] }
  },
  "components": [
JSON
component() { # component NAME VERSION SCOPE HASH
    printf '    { "type": "library", "bom-ref": "pkg:nuget/%s@%s", "name": "%s", "version": "%s", "scope": "%s", "purl": "pkg:nuget/%s@%s", "properties": [ { "name": "nuget:contentHash", "value": "%s" } ] },\n' "$1" "$2" "$1" "$2" "$3" "$1" "$2" "$4"
}
echo "$packages" | while read -r name package hash; do
    scope=required
    case $name in *Microsoft.DotNet.ILCompiler | *.Analyzers | Microsoft.NET.ILLink.Tasks) scope=excluded ;; esac
    component "$name" "$package" "$scope" "$hash"
done
echo "$tools" | while read -r name package hash; do [ -z "$name" ] || component "$name" "$package" excluded "$hash"; done
sorting() { sed -n "s|.*<SortingLogGenerator${1:-}>\(.*\)</.*|\1|p" Directory.Build.targets; }
component Microsoft.Extensions.Logging.Abstractions "$(sorting)" excluded "$(sorting Hash)" # a part of the compiler, of another version than what is linked in
# The runtime and ASP.NET Core are linked in as well, in the version of the compiler that came with the SDK.
cat <<JSON
    { "type": "framework", "bom-ref": "dotnet-runtime", "name": "Microsoft.NETCore.App (Native AOT)", "version": "$compiler", "scope": "required" },
    { "type": "framework", "bom-ref": "aspnetcore", "name": "Microsoft.AspNetCore.App", "version": "$compiler", "scope": "required" }
  ]
}
JSON
