#!/usr/bin/env bash
# Configures and builds a preset, quietly while all is well.
#
#   scripts/build.sh PRESET [TARGET...]
set -euo pipefail

preset=${1:?usage: scripts/build.sh PRESET [TARGET...]}
shift
cd "$(dirname "${BASH_SOURCE[0]}")/.."

launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi

mkdir -p "build/$preset"
log=build/$preset/configure.log
if ! cmake --preset "$preset" "${launcher[@]}" >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi

targets=()
if [ $# -gt 0 ]; then targets=(--target "$@"); fi
cmake --build "build/$preset" --parallel "$(nproc)" "${targets[@]}"
