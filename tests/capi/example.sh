#!/usr/bin/env bash
# The example in C finds what the command finds, and fails with the library's words.
#   example.sh EXAMPLE SAKER SOURCE_FOLDER
set -euo pipefail
example=$1 saker=$2
cd "$3"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$example" models/signs.int8.onnx models/signs.jpg models/signs.jpg >"$work/found"
"$saker" detect models/signs.int8.onnx models/signs.jpg --format jsonl >"$work/expected"
boxes=$(grep -o '"label"' "$work/expected" | wc -l)
if [ "$boxes" -lt 2 ] || [ "$(wc -l <"$work/found")" -ne $((2 * boxes)) ]; then
  echo "expected twice $boxes boxes:"
  cat "$work/found" "$work/expected"
  exit 1
fi
status=0
"$example" models/signs.int8.onnx "$work/none.jpg" models/signs.jpg >"$work/found" 2>"$work/error" || status=$?
[ "$status" -eq 1 ] || { echo "exit code 1 expected, not $status"; exit 1; }
grep -q 'none.jpg' "$work/error" || { echo "the error does not name the file"; exit 1; }
[ "$(wc -l <"$work/found")" -eq "$boxes" ] || { echo "the second picture is missing after the error"; exit 1; }
