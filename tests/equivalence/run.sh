#!/bin/bash
# Float outputs and boxes equal to ONNX Runtime's, for every float model found; scores equal to pycocotools' and to the
# YOLO frameworks'. Slow; needs Python with onnxruntime, onnx, numpy, opencv-python-headless and pycocotools (PYTHON names
# the interpreter); the last comparison is skipped without ultralytics and yolov5 (YOLO_PYTHON: an interpreter with them).
#   tests/equivalence/run.sh [MODEL.onnx...]      default: the float models of SAKER_ASSETS
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
assets=${SAKER_ASSETS:-../shared/assets}
if ! "$python" -c 'import onnxruntime, onnx, numpy, cv2, pycocotools' 2>/dev/null; then
  echo "skipped: $python lacks onnxruntime, onnx, numpy, cv2 or pycocotools (set PYTHON, or pip install them)"
  exit 0
fi
if [ ! -d "$assets/models" ]; then
  echo "skipped: no models at $assets (set SAKER_ASSETS)"
  exit 0
fi
models=("$@")
if [ ${#models[@]} -eq 0 ]; then
  for name in yolov5n yolov5n_fp16 yolov8n yolo11n yolov10n yolox_nano yolox_nano_unsimplified nanodet_m; do
    models+=("$assets/models/$name.onnx")
  done
fi
status=0
"$python" tests/equivalence/compare.py build/release/tests/run_model "${models[@]}" --images "$assets/images" || status=1
"$python" tests/equivalence/boxes.py build/release/saker "$assets" || status=1
"$python" tests/equivalence/coco_eval.py build/release/tests/score_results --saker build/release/saker --assets "$assets" || status=1
"${YOLO_PYTHON:-$python}" tests/equivalence/yolo_metrics.py build/release/tests/yolo_numbers --saker build/release/saker --assets "$assets" || status=1
"${YOLO_PYTHON:-$python}" tests/equivalence/checkpoints.py build/release/saker || status=1
"${YOLO_PYTHON:-$python}" tests/equivalence/written_checkpoints.py build/release/tests/write_checkpoint build/release/saker || status=1
exit $status
