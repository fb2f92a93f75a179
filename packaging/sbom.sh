#!/bin/sh
# sbom.sh : a bill of materials (CycloneDX 1.5, JSON) of the shipped programs: what is linked into them, and what built them (scope "excluded"). From the lock files, if it was them that `make publish` restored by
# (out/bin/.restored), else from what was restored (src/*/obj/project.assets.json). The same packages and SOURCE_DATE_EPOCH give the same octets. For tests: SOURCES and RESTORED are other places than src and that file.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
: "${SOURCE_DATE_EPOCH:=$(cat out/bin/.epoch 2>/dev/null || git log -1 --format=%ct 2>/dev/null || date +%s)}"
: "${SOURCES:=src}" "${RESTORED:=out/bin/.restored}"

# NAME VERSION HASH of each package, once. Both kinds of files have a key on each line.
if [ "$(cat "$RESTORED" 2>/dev/null)" = locked ]; then
    from=packages.lock.json
    packages=$(cat "$SOURCES"/*/packages.lock.json | awk '
        /^      "[^"]+": \{/ { split($0, part, "\""); name = part[2]; version = "" }
        /"resolved":/ { split($0, part, "\""); version = part[4] }
        /"contentHash":/ { split($0, part, "\""); if (name != "" && version != "") print name, version, part[4] }' | LC_ALL=C sort -u)
else
    from=obj/project.assets.json
    for lock in "$SOURCES"/*/packages.lock.json; do # beside each program
        [ -e "${lock%/*}/$from" ] || { echo "sbom.sh: the programs were not restored by the lock files, and what they were restored by is not there (${lock%/*}/$from): run 'make publish' first" >&2; exit 1; }
    done
    packages=$(for lock in "$SOURCES"/*/packages.lock.json; do cat "${lock%/*}/$from"; done | awk '
        /^  "/ { inside = $1 == "\"libraries\":" }
        inside && /^    "[^"]+": \{/ { split($0, part, "\""); split(part[2], of, "/"); hash = "" }
        inside && /^      "sha512":/ { split($0, part, "\""); hash = part[4] }
        inside && /^      "type": "package"/ { print of[1], of[2], hash }' | LC_ALL=C sort -u)
fi
[ -n "$packages" ] || { echo "sbom.sh: no packages in $SOURCES/*/$from" >&2; exit 1; }
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
echo "$packages" | while read -r name package hash; do
    scope=required
    case $name in Grpc.Tools | Microsoft.DotNet.ILCompiler | *.Analyzers | Microsoft.NET.ILLink.Tasks) scope=excluded ;; esac
    printf '    { "type": "library", "bom-ref": "pkg:nuget/%s@%s", "name": "%s", "version": "%s", "scope": "%s", "purl": "pkg:nuget/%s@%s", "properties": [ { "name": "nuget:contentHash", "value": "%s" } ] },\n' \
        "$name" "$package" "$name" "$package" "$scope" "$name" "$package" "$hash"
done
# The runtime and ASP.NET Core are linked in as well, in the version of the compiler that came with the SDK.
cat <<JSON
    { "type": "framework", "bom-ref": "dotnet-runtime", "name": "Microsoft.NETCore.App (Native AOT)", "version": "$compiler", "scope": "required" },
    { "type": "framework", "bom-ref": "aspnetcore", "name": "Microsoft.AspNetCore.App", "version": "$compiler", "scope": "required" }
  ]
}
JSON
