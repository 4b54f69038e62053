#!/usr/bin/env bash
# Makes the Python environment with Ultralytics and ONNX Runtime that saker's package is compared with:
# build/ultralytics-venv, or FOLDER; some 7 GB, as PyTorch comes with libraries for GPUs. What is there is left alone.
#
#   bench/python/setup.sh [FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
venv=${1:-build/ultralytics-venv}

# Those that the scripts were written with.
packages=(ultralytics==8.4.190 onnxruntime==1.32.0 torch torchvision onnx pandas supervision)

if [ ! -x "$venv/bin/python" ]; then python3 -m venv "$venv"; fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" || {
  echo "pip could not install ${packages[*]}; with a working network, run this again" >&2
  exit 1
}
"$venv/bin/python" -c 'import onnxruntime, torch, ultralytics
for one in (ultralytics, onnxruntime, torch): print(one.__name__, one.__version__)'
