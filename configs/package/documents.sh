#!/bin/sh
# documents.sh VERSION MODULES OUT: the changelog as Debian writes it, and whose work is in the package.
#   MODULES   where the console's packages are; nothing of them is in a build without the console
set -eu
version=$1
modules=$2
out=$3
cd "$(dirname "$0")/../.."

date=$(date -R -u -d "@${SOURCE_DATE_EPOCH:-$(stat -c %Y docs/changelog.md)}")
awk -v version="$version" -v date="$date" '
    function sign() { if (entry) printf "\n -- The owners of kwikgate <kwikgate@example.com>  %s\n", date }
    /^## / {
        sign()
        if (entry) print ""
        entry = $2 == "Unreleased" ? version : $2
        printf "kwikgate (%s) unstable; urgency=medium\n\n", entry
    }
    /^- / {
        line = "  *"
        for (i = 2; i <= NF; i++) {
            if (length(line) + length($i) > 78) { print line; line = "   " }
            line = line " " $i
        }
        print line
    }
    END { sign() }' docs/changelog.md | gzip -9nc >"$out/changelog.gz"

{
    printf 'kwikgate\nCopyright 2026 the owners of kwikgate\n\n'
    cat LICENSE
    for module in preact uplot; do
        [ -f "$modules/$module/LICENSE" ] || continue
        printf '\nThe console in /usr/bin/kwikgate has %s in it:\n\n' "$module"
        cat "$modules/$module/LICENSE"
    done
} >"$out/copyright"
