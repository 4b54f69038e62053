#!/usr/bin/env bash
# saker detect with real models on real pictures, where SAKER_ASSETS has them.
set -euo pipefail
assets=$(realpath -m "${SAKER_ASSETS:-${SAKER_SOURCE:?}/../shared/assets}")
if [ ! -f "$assets/models/yolov8n.onnx" ] || [ ! -f "$assets/images/bus.jpg" ]; then
  echo "skipped: no models/yolov8n.onnx and images/bus.jpg in $assets"
  exit 77
fi
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
bus=$assets/images/bus.jpg

# how_many LABEL: detections of that label in out.
how_many() { grep -o "\"label\":\"$1\"" out | wc -l; }
# finds MODEL FLAGS...: it finds 3 to 5 persons and a bus in the picture.
finds() {
  local model=$assets/models/$1
  shift
  if [ ! -f "$model" ]; then return; fi
  saker detect "$model" "$bus" --json "$@"
  exits 0
  local persons buses
  persons=$(how_many person) buses=$(how_many bus)
  if [ "$persons" -lt 3 ] || [ "$persons" -gt 5 ] || [ "$buses" -lt 1 ]; then
    complain "$persons persons and $buses buses"
  fi
}

finds yolov8n.onnx
same "persons" 4 "$(how_many person)"
same "buses" 1 "$(how_many bus)"
json out /0/width 810
json out /0/height 1080
finds yolov8n.onnx --isa baseline --inter 2
for model in yolo11n yolov10n yolov5n yolov5n_fp16 yolox_nano yolox_nano_unsimplified nanodet_m; do
  finds "$model.onnx"
done
if [ -f "$assets/models/yolox_nano.onnx" ]; then  # 416 pixels: the picture is decoded at half its size
  finds yolox_nano.onnx
  sed 's/,"ms":.*//' out >whole
  finds yolox_nano.onnx --jpeg-scale
  json out /0/width 810
  same "the large box" "$(grep -c '"label":"bus"' whole)" "$(grep -c '"label":"bus"' out)"
  if [ "$(cat whole)" = "$(sed 's/,"ms":.*//' out)" ]; then complain "--jpeg-scale changed nothing"; fi
fi

if [ -d "$assets/ir/yolov8n_int8" ]; then  # the folder of an export is the model
  saker detect "$assets/ir/yolov8n_int8" "$bus"
  exits 0
  says out "4 persons"
fi

if [ -f "$assets/pt/yolov5n.pt" ]; then  # with suppression inside: the same boxes
  saker detect "$assets/pt/yolov5n.pt" "$bus" --iou 0.5 --format yolo --save-conf
  exits 0
  cp out outside
  saker export "$assets/pt/yolov5n.pt" --nms --iou 0.5 --out nms.onnx
  exits 0
  saker detect nms.onnx "$bus" --format yolo --save-conf
  exits 0
  same "boxes with suppression inside" "$(cat outside)" "$(cat out)"
fi

saker detect "$assets/models/yolov8n.onnx" "$assets/images" --classes person,dog --save-vis vis --format coco
exits 0
says out '"category_id":18'
if grep -q '"category_id":6,' out; then complain "the bus was not asked for"; fi
same "drawn pictures" "$(find "$assets/images" -name '*.jpg' | wc -l)" "$(find vis -name '*.jpg' | wc -l)"
same "size of the drawn picture" 810x1080 "$("$FIXTURE" size vis/bus.jpg)"
saker inspect "$assets/models/yolov8n.onnx" --why
exits 0
says out "GFLOP"
# Quantized with a picture or two they find the same; the input of float16 stays one.
saker backends --json backends.json
exits 0
json backends.json /backends/2/name openvino
openvino=$("$FIXTURE" get backends.json /backends/2/installed)
mkdir calibration
cp "$bus" calibration/
for model in yolov8n yolov5n_fp16; do
  if [ ! -f "$assets/models/$model.onnx" ]; then continue; fi
  saker quantize "$assets/models/$model.onnx" --data-dir calibration --out int8.onnx --force --quiet
  exits 0
  saker detect int8.onnx "$bus" --json
  exits 0
  if [ "$(how_many person)" -lt 3 ] || [ "$(how_many bus)" -ne 1 ]; then complain "$model finds less in 8 bits"; fi
  if [ "$openvino" = true ]; then
    saker detect int8.onnx "$bus" --json --backend openvino --inter 4 --threads 4
    exits 0
    if [ "$(how_many person)" -lt 3 ] || [ "$(how_many bus)" -ne 1 ]; then complain "$model in OpenVINO on 4 streams"; fi
  fi
done
finish
