#!/usr/bin/env bash
# In a bare system, without a package: the archive that is unpacked beside this file works.
set -euo pipefail
fail() {
  echo "FAILED: $1"
  exit 1
}
cd "$(dirname "${BASH_SOURCE[0]}")"
here=$(echo "$PWD"/saker-*)
models=$here/share/saker/models
"$here/bin/saker" --version
cd /
"$here/bin/saker" detect "$models/signs.int8.onnx" "$models/signs.jpg" --format jsonl >/tmp/found
grep -q '"label"' /tmp/found || fail "saker detect finds nothing"
LD_LIBRARY_PATH=$here/lib "$here/../detect" "$models/signs.int8.onnx" "$models/signs.jpg" >/tmp/found
[ -s /tmp/found ] || fail "libsaker.so.0 finds nothing"

# Programs of their own, and plug-ins, are looked for beside the command.
"$here/bin/saker" serve --help >/tmp/help
grep -q '^Usage: saker serve' /tmp/help || fail "saker serve"
mkdir -p "$here/lib/saker/backends"
echo "not a library" >"$here/lib/saker/backends/saker_onnxruntime.so"
"$here/bin/saker" backends >/tmp/backends 2>&1 || true
grep -qF "$here/lib/saker/backends/saker_onnxruntime.so" /tmp/backends || { cat /tmp/backends; fail "plug-ins are not looked for in lib/saker/backends"; }
