#!/usr/bin/env bash
# The Python of docs/c-api.md, as it stands there, with libsaker.so of this build.
#   python.sh LIBSAKER.so SOURCE_FOLDER
set -euo pipefail
library=$1
cd "$2"
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2016 # literal backquotes
sed -n '/^```python$/,/^```$/{/^```/d;p}' docs/c-api.md >"$work/detect.py"
[ -s "$work/detect.py" ] || { echo "no Python in docs/c-api.md"; exit 1; }
run() { LD_LIBRARY_PATH=$(dirname "$library") python3 "$work/detect.py" "$@"; }
run models/signs.int8.onnx models/signs.jpg >"$work/found"
grep -qE '^danger +0\.[0-9]+ +[0-9]' "$work/found" || { cat "$work/found"; exit 1; }
if run models/none.onnx models/signs.jpg >"$work/found" 2>&1; then
  echo "a missing model should fail"
  exit 1
fi
grep -q 'models/none.onnx' "$work/found" || { cat "$work/found"; exit 1; }
