#!/usr/bin/env bash
# libsaker.so shows the names, and saker.h has the layouts, that were recorded: a program that was compiled before goes
# on working. What was added is accepted once it is recorded, too: --record writes the file.
#   abi.sh LIBSAKER.so LAYOUT_PROGRAM ABI.txt [--record]
set -euo pipefail
library=$1 layout=$2 recorded=$3
now=$(mktemp)
trap 'rm -f "$now"' EXIT
{
  echo "soname $(objdump -p "$library" | awk '$1 == "SONAME" { print $2 }')"
  nm -D --defined-only --with-symbol-versions "$library" | awk '$2 != "A" { print "symbol", $3 }' | LC_ALL=C sort
  "$layout"
} >"$now"
if [ "${4:-}" = --record ]; then
  cp "$now" "$recorded"
  exit 0
fi
if ! diff -u --label recorded "$recorded" --label "this build" "$now"; then
  echo "Lines with - break programs that exist: restore them, or give the library another soname."
  echo "Lines with + alone are additions: a function of a new level goes into a new node of cmake/capi.map, a field"
  echo "to the end of its struct (behind padding, not into it), SAKER_API_LEVEL goes up by one; then $0 $library $layout $recorded --record"
  exit 1
fi
# Every function of the header is in the library, and the other way round.
header=$(dirname "$0")/../../include/saker.h
declared=$(grep -oE '\bsaker_[a-z_]+\(' "$header" | tr -d '(' | LC_ALL=C sort -u)
shown=$(nm -D --defined-only "$library" | awk '$2 == "T" { print $3 }' | sed 's/@.*//' | LC_ALL=C sort -u)
if [ "$declared" != "$shown" ]; then
  echo "saker.h and $library differ:"
  diff <(echo "$declared") <(echo "$shown")
  exit 1
fi
