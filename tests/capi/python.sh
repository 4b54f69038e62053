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

# Among a system's libraries it looks for plug-ins in lib/saker/backends.
mkdir -p "$work/lib/x86_64-linux-gnu"
cp "$library" "$work/lib/x86_64-linux-gnu/libsaker.so.0"
cat >"$work/plugin.py" <<'CODE'
import ctypes
import struct
import sys

saker = ctypes.CDLL(sys.argv[1])
saker.saker_error_message.restype = ctypes.c_char_p
options = ctypes.create_string_buffer(80)
saker.saker_options_init(options, ctypes.c_size_t(80))
backend = ctypes.c_char_p(b"openvino")
options[8:16] = struct.pack("P", ctypes.cast(backend, ctypes.c_void_p).value)
detector = ctypes.c_void_p()
status = saker.saker_detector_load(sys.argv[2].encode(), options, ctypes.byref(detector))
print(status, saker.saker_error_message().decode())
CODE
python3 "$work/plugin.py" "$work/lib/x86_64-linux-gnu/libsaker.so.0" models/signs.int8.onnx >"$work/found"
grep -qF "$work/lib/saker/backends" "$work/found" || { cat "$work/found"; exit 1; }
