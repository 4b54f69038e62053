#!/usr/bin/env bash
# Sets up `saker train`: LibTorch, and the program saker-train built with it, beside build/release/saker. Debian 12 on
# x86-64. What is there already is left alone.
#
#   scripts/install_training.sh           LibTorch 2.15 out of the Python wheel: 550 MB fetched, 470 MB kept
#   scripts/install_training.sh --small   Debian's LibTorch 1.13 (libtorch-dev): as fast in float32, slower with --amp
#
# SAKER_TRAINING_LIBS: where the wheel's libraries go, default build/training-libs; keep it as long as saker-train.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

torch_version=2.15.0
torch_sha256=48c2d861134c0b5697c7602cb5ffa68f62a2989fdcd1717e593356f67996ca1e
# The wheel's library wants these two at start-up, whether there is a GPU or not.
cuda_version=13.2.86
cuda_runtime_sha256=3498247680dfddce31bad102af7e3e26fc795342a3cac64722bb0fa95e7f60f0
cuda_cupti_sha256=8fa29f15dd8336181f961764d9d95236fc6b931dd0c8fcf8cd70aab0c310b586

# shellcheck source=scripts/fetch_wheel.sh
source scripts/fetch_wheel.sh

small=0
case "${1:-}" in
  '') ;;
  --small) small=1 ;;
  -h | --help)
    sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
    exit 0
    ;;
  *)
    echo "usage: $0 [--small]" >&2
    exit 2
    ;;
esac
if [ "$(uname -m)" != x86_64 ] && [ "$small" -eq 0 ]; then
  fail "The wheel is for x86-64; this is $(uname -m): take --small, or give CMake a LibTorch with -DSAKER_LIBTORCH=FOLDER."
fi

fetch_libtorch() {
  local target=$1
  # Its own headers alone: the wheel has those of fmt and others, too, which would take the place of ours.
  fetch_wheel torch "$torch_version" "$torch_sha256" \
    'torch/lib/(libtorch_cpu|libc10|libgomp)\.so|torch/include/(ATen|c10|torch|caffe2)/'
  fetch_wheel nvidia-cuda-runtime "$cuda_version" "$cuda_runtime_sha256" '.*/libcudart\.so'
  fetch_wheel nvidia-cuda-cupti "$cuda_version" "$cuda_cupti_sha256" '.*/libcupti\.so'
  find "$work/nvidia-cuda-runtime" "$work/nvidia-cuda-cupti" -name '*.so*' -exec mv -t "$work/torch/torch/lib" {} +
  mv "$work/torch/torch" "$target"
}

libtorch=
if [ "$small" -eq 1 ]; then
  scripts/install_packages.sh --also libtorch-dev
else
  scripts/install_packages.sh --also python3 python3-pip
  mkdir -p "${SAKER_TRAINING_LIBS:-build/training-libs}"
  libs=$(cd "${SAKER_TRAINING_LIBS:-build/training-libs}" && pwd)
  libtorch=$libs/torch-$torch_version
  if [ ! -d "$libtorch" ]; then
    work=$(mktemp -d "$libs/fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    fetch_libtorch "$libtorch"
  fi
fi

echo "Building saker and saker-train"
mkdir -p build/release
if ! cmake --preset release -DSAKER_WITH_TRAINING=ON "-DSAKER_LIBTORCH=$libtorch" >build/release/training.log 2>&1; then
  fail "$(tail -n 20 build/release/training.log)" "CMake could not find LibTorch; all it said: build/release/training.log"
fi
scripts/build.sh release saker_cli saker_trainer
build/release/saker train --help >build/release/training.log 2>&1 || fail "saker-train was built but does not start:" "$(tail -n 3 build/release/training.log)"
echo
echo "Ready: build/release/saker train --help"
