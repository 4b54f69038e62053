#!/bin/bash
# MOTA, IDF1 and HOTA beside Ultralytics' BYTETracker, and the same ids as it has (score.py). Slow; needs Python with
# ultralytics, lap and trackeval (YOLO_PYTHON, else PYTHON, names the interpreter) and build/release/tests/track_mot.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${YOLO_PYTHON:-${PYTHON:-python3}}
if ! "$python" -c 'import ultralytics, lap, trackeval' 2>/dev/null; then
  echo "skipped: $python lacks ultralytics, lap or trackeval (set YOLO_PYTHON, or pip install them)"
  exit 77
fi
"$python" tests/tracking/score.py build/release/tests/track_mot
