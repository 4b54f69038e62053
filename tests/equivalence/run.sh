#!/bin/bash
# Float outputs and boxes equal to ONNX Runtime's, for every float model found. Slow; needs Python with
# onnxruntime, onnx, numpy, opencv-python-headless and pycocotools (PYTHON names the interpreter).
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
exit $status
