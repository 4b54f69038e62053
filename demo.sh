#!/usr/bin/env bash
# Fresh machine -> packages, build, boxes on a picture: prints them and draws them into out/demo/.
#
#   ./demo.sh [MODEL [PICTURE]]
#
# Without arguments: the detector of road signs that comes with the source, and a picture for it (models/signs.md).
set -euo pipefail
start=$PWD
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# from_start PATH: what the caller named, seen from anywhere.
from_start() { if [ "${1:0:1}" = / ]; then echo "$1"; else echo "$start/$1"; fi; }

if [ $# -gt 2 ] || [ "${1:-}" = --help ]; then
  echo "usage: $0 [MODEL [PICTURE]]" >&2
  exit 2
fi
model=$root/models/signs.onnx
picture=$root/models/signs.jpg
if [ $# -ge 1 ]; then model=$(from_start "$1"); fi
if [ $# -ge 2 ]; then picture=$(from_start "$2"); fi
for file in "$model" "$picture"; do
  if [ ! -e "$file" ]; then
    echo "$file: no such file" >&2
    exit 1
  fi
done

cd "$root"
if ! mkdir -p build out/demo 2>/dev/null || [ ! -w build ] || [ ! -w out/demo ]; then
  echo "$root: the folders build and out cannot be written; copy the checkout to a place of your own" >&2
  exit 1
fi
scripts/install_packages.sh
scripts/build.sh release saker_cli

build/release/saker detect "$model" "$picture" --save-vis out/demo
cat <<MESSAGE
The picture with its boxes: $root/out/demo/$(basename "$picture")
Next:
  build/release/saker detect models/signs.onnx YOUR_PICTURES/ --save-vis out
  build/release/saker bench models/signs.onnx models/signs.int8.onnx
  build/release/saker --help
MESSAGE
