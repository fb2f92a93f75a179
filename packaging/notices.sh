#!/bin/sh
# notices.sh SBOM : licences and notices of what is linked into the programs, as their authors ask: each component of the bill of materials (sbom.sh) that is shipped, with the copyright of its nuspec, then the files that came with the packages, each text once,
# and of those that brought none the licence's own text. From where they were restored to. The same packages give the same octets.
set -eu
export LC_ALL=C
sbom=$(realpath "$1")
cd "$(dirname "$0")/.."
: "${NUGET_PACKAGES:=$HOME/.nuget/packages}"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

text() { # text FILE OF : keeps a text under its own sum, and whose it is
    tr -d '\r' <"$1" >"$work/text"
    sum=$(sha256sum <"$work/text" | cut -d' ' -f1)
    [ -e "$work/$sum.text" ] || { mv "$work/text" "$work/$sum.text"; echo "$sum" >>"$work/order"; }
    echo "$2" >>"$work/$sum.of"
}
value() { tr -d '\r' <"$1" | sed -n "s|.*<$2[^>]*>\([^<]*\)</$2>.*|\1|p" | head -1 | sed 's/&lt;/</g; s/&gt;/>/g; s/&#169;\|&copy;/\xc2\xa9/g; s/&amp;/\&/g'; } # value NUSPEC ELEMENT

cat <<TEXT
TimeSuite itself is under the Apache License 2.0. Its programs are compiled ahead of time and have these components linked in, which are their authors' and under their own
licences. The texts follow the list.

TEXT
sed -n 's/.*"name": "\([^"]*\)", "version": "\([^"]*\)", "scope": "required".*/\1|\2/p' "$sbom" >"$work/components"
[ -s "$work/components" ] || { echo "notices.sh: no components in $sbom" >&2; exit 1; }
while IFS='|' read -r name version; do
    case $name in # what the SDK brings is in packages of the system's own
    "Microsoft.NETCore.App (Native AOT)") package=microsoft.netcore.app.runtime.nativeaot.* ;;
    Microsoft.AspNetCore.App) package=microsoft.aspnetcore.app.runtime.* ;;
    *) package=$(echo "$name" | tr '[:upper:]' '[:lower:]') ;;
    esac
    folder=$(ls -d "$NUGET_PACKAGES"/$package/"$version" 2>/dev/null | head -1)
    nuspec=$(ls "$folder"/*.nuspec 2>/dev/null | head -1)
    [ -n "$nuspec" ] || { echo "notices.sh: $name $version is not in $NUGET_PACKAGES: run 'make publish' first" >&2; exit 1; }
    licence=$(value "$nuspec" license) copyright=$(value "$nuspec" copyright)
    [ -n "$copyright" ] || copyright=$(value "$nuspec" authors)
    own=$(cd "$folder" && find . -maxdepth 1 -type f \( -iname 'LICEN[SC]E*' -o -iname 'COPYING*' \) | sort)
    for file in $own $(cd "$folder" && find . -maxdepth 1 -type f \( -iname 'NOTICE*' -o -iname 'THIRD*PARTY*NOTICES*' \) | sort); do text "$folder/$file" "${file#./} of $name $version"; done
    if [ -z "$own" ]; then
        case $licence in Apache-2.0) file=LICENSE ;; *) file=packaging/licences/$licence.txt ;; esac
        [ -e "$file" ] || { echo "notices.sh: $name $version has no licence file, and is under '$licence', of which no text is in packaging/licences" >&2; exit 1; }
        text "$file" "$licence, for $name $version"
    fi
    printf '%s %s\n    Licence: %s\n    Copyright: %s\n' "$name" "$version" "$licence" "$copyright"
done <"$work/components"

while read -r sum; do
    printf '\n%s\n' --------------------------------------------------------------------------------
    cat "$work/$sum.of"
    printf '%s\n\n' --------------------------------------------------------------------------------
    cat "$work/$sum.text"
done <"$work/order"
