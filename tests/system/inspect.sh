#!/usr/bin/env bash
# saker inspect on a tiny model.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
"$FIXTURE" model open.onnx open-batch

saker inspect tiny.onnx
exits 0
silent err
says out "input      images  float32 [1, 3, 64, 64]"
says out "output     output0  float32 [1, 7, 84]"
says out "3 classes: red, green, blue/cyan"
says out "operators  8 nodes: Conv 3 Reshape 3"
says out "head       yolov8, 3 classes"
says out "after all passes"
saker inspect open.onnx
exits 0
says out "images  float32 [batch, 3, 64, 64]"
says err "batch = 1"
saker inspect open.onnx --shape images=4x3x64x64
silent err
says out "[4, 7, 84]"
saker inspect open.onnx --shape image=4x3x64x64
exits 1
says err "no input 'image'"
saker inspect tiny.onnx --imgsz 128
exits 1
says err "fixes it at 64"

saker inspect --list-passes
exits 0
says out "fold_constants"
mapfile -t passes < <(cut -d ' ' -f 1 out)
for pass in "${passes[@]}"; do
  saker inspect tiny.onnx --stop-after "$pass"
  exits 0
  says out "outputs"
done
saker inspect tiny.onnx --stop-after fold_constant
exits 2
says err "did you mean fold_constants?"
saker inspect tiny.onnx --stop-after fold_constants --plan
exits 2
saker inspect tiny.onnx --passes
exits 0
says out "nodes"
says out "remove_dead"
saker inspect tiny.onnx --passes --without remove_dead,fold_focus --json
exits 0
json out '#/passes' $((${#passes[@]} - 2))
json out '@/passes/0' "name ms nodes_before nodes_after"
json out /passes/0/name fold_constants
saker inspect tiny.onnx --without fold_focu
exits 2
says err "did you mean fold_focus?"
saker inspect tiny.onnx --passes --plan
exits 2
for pass in "${passes[@]}"; do
  saker inspect tiny.onnx --plan --without "$pass"
  exits 0
done

saker inspect tiny.onnx --plan
exits 0
says out "kernel"
says out "GFLOP"
saker inspect tiny.onnx --why --isa baseline
exits 0
says out "baseline"
saker inspect tiny.onnx --plan --precision bf16 --isa baseline
exits 1
says err "precision bf16"
says err "use precision f32"
saker inspect tiny.onnx --plan --precision f16
exits 2
SAKER_CACHE=$PWD/cache saker inspect tiny.onnx --plan --low-memory --autotune
exits 0
says out "kernel"
saker inspect tiny.onnx --why --json
exits 0
json out '#/inputs' 1
json out /inputs/0/shape '[1,3,64,64]'
json out /operators/Conv 3
json out '@/plan/steps/0' "name what kernel output flops refused"
saker inspect tiny.onnx --json graph.json
says out "after all passes"
json graph.json /graph/outputs/0/shape '[1,7,84]'
json graph.json /metadata/names "{0: 'red', 1: 'green', 2: 'blue/cyan'}"
saker inspect tiny.onnx --stop-after fold_constants --json
json out /graph/inputs/0/name images
finish
