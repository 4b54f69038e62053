#!/usr/bin/env bash
# Fresh machine -> packages, build, boxes on a picture: prints them and draws them into out/demo/.
#
#   ./demo.sh [MODEL.onnx [PICTURE]]
#
# Without arguments: the model in models/, else a model of SAKER_ASSETS (default ../shared/assets).
set -euo pipefail
start=$PWD
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$root"

# first_file PATH...: the first that is a file, as an absolute path; nothing if none is.
first_file() {
  local path
  for path in "$@"; do
    if [ -f "$path" ]; then
      realpath "$path"
      return
    fi
  done
}

if [ $# -gt 2 ]; then
  echo "usage: $0 [MODEL.onnx [PICTURE]]" >&2
  exit 2
fi
assets=${SAKER_ASSETS:-../shared/assets}
models=(models/*.onnx "$assets/models/yolov8n.onnx")
pictures=("$assets/images/bus.jpg" models/*.jpg)
# What is named is used or refused; paths are relative to where the caller stands.
from_start() { if [ "${1:0:1}" = / ]; then echo "$1"; else echo "$start/$1"; fi; }
if [ $# -ge 1 ]; then models=("$(from_start "$1")"); fi
if [ $# -ge 2 ]; then pictures=("$(from_start "$2")"); fi
model=$(first_file "${models[@]}")
picture=$(first_file "${pictures[@]}")
if [ $# -ge 1 ] && [ -z "$model" ]; then
  echo "$1: no such file" >&2
  exit 1
fi
if [ $# -ge 2 ] && [ -z "$picture" ]; then
  echo "$2: no such file" >&2
  exit 1
fi

scripts/install_packages.sh
scripts/build.sh release saker_cli

if [ -z "$model" ] || [ -z "$picture" ]; then
  if [ -z "$model" ]; then
    echo "saker is built (build/release/saker), but there is no model to run: neither models/*.onnx nor $assets/models/yolov8n.onnx."
  else
    echo "saker is built (build/release/saker), but there is no picture to look at: neither $assets/images/bus.jpg nor models/*.jpg."
  fi
  cat <<MESSAGE
Any YOLO detector exported to ONNX and any picture will do:
  ./demo.sh path/to/model.onnx path/to/picture.jpg
or name a folder that has models/yolov8n.onnx and images/bus.jpg:
  SAKER_ASSETS=path/to/folder ./demo.sh
MESSAGE
  exit 0
fi

build/release/saker detect "$model" "$picture" --save-vis out/demo
echo "The picture with its boxes: $root/out/demo/$(basename "$picture")"
