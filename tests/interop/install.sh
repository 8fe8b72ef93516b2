#!/bin/sh
# Installs what package-lock.json names, unless it is there already. Nothing of theirs is run at that.
set -eu
[ node_modules/.package-lock.json -nt package-lock.json ] && exit 0
exec npm ci --ignore-scripts --no-audit --no-fund
