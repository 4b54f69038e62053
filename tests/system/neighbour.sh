#!/usr/bin/env bash
# bench/neighbour on a model that takes no time: that it measures every scene. No times are judged.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
command -v python3 >/dev/null || exit 77
[ "$(nproc)" -ge 2 ] || exit 77
: "${SAKER_SOURCE:?the source tree}"
"$FIXTURE" model tiny.onnx
export SAKER

# neighbour ARGUMENTS...: as saker, for the harness.
neighbour() {
  code=0
  "$SAKER_SOURCE/bench/neighbour" "$@" >out 2>err || code=$?
  last="neighbour $*"
}
neighbour tiny.onnx --rounds 2 --runs 3 --against "$SAKER" --json neighbour.json
exits 0
says out "tiny.onnx, new"
says out "tiny.onnx, old"
says out "busy 2 / busy 1"
json neighbour.json '#/lines' 2
json neighbour.json '#/lines/0/rounds/busy 2' 2
json neighbour.json '#/lines/1/rounds/quiet 1/0/ms' 3
json neighbour.json '#/lines/1/rounds/two sessions/1/ms' 6
neighbour missing.onnx --rounds 1 --runs 1
exits 1
says err "missing.onnx"
neighbour tiny.onnx --cpus 0
exits 1
says err "two CPUs"
finish
