#!/usr/bin/env bash
# Runs the module's fuzz targets one after another, each with the given -fuzztime.
set -euo pipefail
cd "$(dirname "$0")/.."
fuzztime=$1

listing=$(go test -list '^Fuzz' ./...)
# go test prints the targets of a package before the package itself.
targets=$(awk '/^Fuzz/ { names[n++] = $1 } /^ok/ { for (i = 0; i < n; i++) print $2, names[i]; n = 0 }' <<<"$listing")
if [[ -z $targets ]]; then
  echo "No fuzz targets found." >&2
  exit 1
fi

while read -r package target; do
  echo "== $target in $package, $fuzztime"
  go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" "$package" </dev/null
done <<<"$targets"
