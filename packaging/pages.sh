#!/bin/sh
# pages.sh DIRECTORY : the manual pages for man(1), in DIRECTORY/manN, made by pandoc. Those of daemons have timesuite- before their names: timesuite's ntpd(8) must not hide another package's.
# Units and pages name them so, too (tests/system/PackageTests.cs).
# A page begins with a heading of its own name, which is the title here: so NAME is a section, as apropos(1) wants it.
# Lines end where words do: narrow columns of long words cannot be adjusted to both sides.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
for page in docs/man/*.md; do
    file=$(basename "$page" .md); section=${file##*.}
    case $file in timectl.1 | timesuite.toml.5) ;; *) file=timesuite-$file ;; esac
    mkdir -p "$1/man$section"
    pandoc -s -f gfm+definition_lists -t man --shift-heading-level-by=-1 -V title="$(echo "${file%.*}" | tr '[:lower:]' '[:upper:]')" -V section="$section" -V header=TimeSuite -V adjusting=l -V footer="TimeSuite $version" "$page" | gzip -9n >"$1/man$section/$file.gz"
done
