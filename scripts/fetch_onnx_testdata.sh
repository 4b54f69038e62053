#!/usr/bin/env bash
# Fetches the conformance data of ONNX's operators: onnx/backend/test/data/node of the Python
# package onnx 1.14.1, models of one node each with inputs and outputs. Does nothing when it is there.
#
#   scripts/fetch_onnx_testdata.sh     into $SAKER_ONNX_TESTDATA, default build/testdata
set -euo pipefail

version=1.14.1
sha256=4b9cd91b85cfbb0d6478f4a1a0aee4d95cf8839adc48c69130a0cf8452f21db4
kept=onnx/backend/test/data/node

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${SAKER_ONNX_TESTDATA:-$root/build/testdata}
if [ -d "$target/$kept" ]; then exit 0; fi

without() {
  echo "The ONNX conformance data is not available ($1); its tests will be skipped." >&2
  exit 1
}

python=$(command -v python3) || without "python3 is missing"
"$python" -m pip --version >/dev/null 2>&1 || without "python3-pip is missing"

mkdir -p "$target"
work=$(mktemp -d "$target/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Any one wheel will do, whatever runs here: the data in all of them is the same.
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$work" \
  --only-binary=:all: --platform manylinux2014_x86_64 --python-version 3.11 "onnx==$version" \
  >"$work/log" 2>&1 || without "pip download onnx==$version failed: $(tail -n 1 "$work/log")"
wheel=$(find "$work" -name '*.whl')
echo "$sha256  $wheel" | sha256sum --check --status || without "the checksum of $(basename "$wheel") is wrong"
"$python" -m zipfile -e "$wheel" "$work/all" || without "the package could not be unpacked"

mkdir -p "$(dirname "$target/$kept")"
mv "$work/all/$kept" "$target/$kept"
