#!/usr/bin/env bash
# Draws the pictures, trains the detector of road signs that comes with the source, and makes both its files:
# FOLDER/signs.onnx and FOLDER/signs.int8.onnx, with their mAP. 36 minutes on 2 cores.
#
#   scripts/train_signs.sh FOLDER
#
# Needs build/release/saker with saker-train (scripts/install_training.sh).
set -euo pipefail
if [ $# -ne 1 ] || [ "${1:0:1}" = - ]; then
  echo "usage: $0 FOLDER" >&2
  exit 2
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
saker=$root/build/release/saker
if [ ! -x "$saker" ]; then
  echo "$saker: not built yet: scripts/build.sh release" >&2
  exit 1
fi
mkdir -p "$1"
cd "$1"

step() {
  echo "+ saker $*"
  "$saker" "$@"
}
step data synth --theme signs --train 6000 --val 1000 --size 480 --seed 1 --out pictures
step train --data pictures/data.yaml --model "$root/models/signs.yaml" --epochs 12 --batch 16 --imgsz 320 \
  --optimizer AdamW --lr0 0.002 --nbs 16 --warmup-epochs 1 --fliplr 0 --mosaic 0.3 --scale 0.3 --close-mosaic 3 \
  --seed 0 --project . --name run
step export run/weights/best.pt --dynamic --out signs.onnx
step quantize signs.onnx --data-dir pictures/images/train --subset 300 --out signs.int8.onnx
for model in signs.onnx signs.int8.onnx; do
  step eval "$model" --data pictures/data.yaml
done
