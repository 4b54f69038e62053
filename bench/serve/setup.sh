#!/usr/bin/env bash
# Makes the Python environment of the servers that saker-serve is compared with: build/serve-venv, or FOLDER. What is
# there already is left alone.
#
#   bench/serve/setup.sh [FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
venv=${1:-build/serve-venv}

# Those that the scripts were written with.
packages=(fastapi==0.165.0 uvicorn==0.54.0 onnxruntime==1.32.0 openvino==2026.4.1 opencv-python-headless==5.0.0.93 numpy==2.4.6)

if [ ! -x "$venv/bin/python" ]; then python3 -m venv "$venv"; fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" || {
  echo "pip could not install ${packages[*]}; with a working network, run this again" >&2
  exit 1
}
"$venv/bin/python" -c 'import cv2, fastapi, numpy, onnxruntime, openvino, uvicorn
for one in (fastapi, uvicorn, onnxruntime, openvino, cv2, numpy): print(one.__name__, one.__version__)'
