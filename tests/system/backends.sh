#!/usr/bin/env bash
# saker backends: what is listed with and without plug-ins.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
fakes=$(dirname "$FIXTURE")/fake_backends

saker backends --help
exits 0
says out "Usage: saker backends [FLAGS]"
says out "Examples:"

export SAKER_BACKENDS=$fakes
saker backends
exits 0
silent err
says out "saker        0."
says out "built in"
says out "onnxruntime  0.0.fake"
says out "$fakes/saker_onnxruntime.so"

saker backends --json
exits 0
silent err
json out /backends/0/name saker
json out /backends/0/installed true
json out /backends/1/name onnxruntime
json out /backends/1/version 0.0.fake
json out /backends/1/file "$fakes/saker_onnxruntime.so"
saker backends --json list.json
exits 0
says out "onnxruntime  0.0.fake"
json list.json /backends/3/name torchscript

# A copy of the command that has no plug-ins beside it.
mkdir -p alone/bin empty
cp "$SAKER" alone/bin/saker
SAKER=$PWD/alone/bin/saker
SAKER_BACKENDS=$PWD/empty saker backends
exits 0
silent err
says out "openvino     -"
says out "not available"
says out "no saker_openvino.so in $PWD/empty or $PWD/alone/bin/backends or $PWD/alone/lib/saker/backends"
says out "scripts/install_backends.sh openvino installs it"

# Installed in ../lib, found without being told.
unset SAKER_BACKENDS
mkdir -p alone/lib/saker/backends
cp "$fakes/saker_onnxruntime.so" alone/lib/saker/backends
saker backends
exits 0
says out "$PWD/alone/lib/saker/backends/saker_onnxruntime.so"

# A file that is no plug-in is told apart from none.
echo "not a library" >empty/saker_openvino.so
SAKER_BACKENDS=$PWD/empty saker backends
exits 0
says out "$PWD/empty/saker_openvino.so: cannot be loaded"
cp "$fakes/saker_wrong_abi.so" empty/saker_openvino.so
SAKER_BACKENDS=$PWD/empty saker backends
exits 0
says out "is of another build"
says out "scripts/install_backends.sh openvino builds it anew"

saker backends --jsn
exits 2
says err "did you mean --json?"
saker backends extra
exits 2
finish
