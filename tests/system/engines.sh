#!/usr/bin/env bash
# Other engines behind detect and eval: chosen by name or by "auto", the same boxes; what is said without them.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
"$FIXTURE" model foreign.onnx foreign
"$FIXTURE" picture mixed.png 0 1 1 1 4 4 0 6 2
"$FIXTURE" picture red.ppm 0 2 3

# None installed: a copy of the command that has no plug-ins beside it.
mkdir -p alone empty
cp "$SAKER" alone/saker
bare() {
  SAKER=$PWD/alone/saker SAKER_BACKENDS=$PWD/empty saker "$@"
}
bare detect tiny.onnx red.ppm
exits 0
silent err
bare detect tiny.onnx red.ppm --backend onnxruntime
exits 1
says err "scripts/install_backends.sh onnxruntime"
bare detect tiny.onnx red.ppm --backend onnxrumtime
exits 2
says err "'onnxrumtime' is not one of auto, saker, onnxruntime"
bare detect foreign.onnx red.ppm
exits 1
says err "RandomUniformLike (first at node"
says err "No other engine takes it"
says err "scripts/install_backends.sh"
bare detect foreign.onnx red.ppm --backend saker
exits 1
says err "RandomUniformLike (first at node"
# One that is broken does not keep the next from taking it.
mkdir broken
echo "not a library" >broken/saker_onnxruntime.so
cp "$(dirname "$FIXTURE")/fake_backends/saker_onnxruntime.so" broken/saker_openvino.so
SAKER=$PWD/alone/saker SAKER_BACKENDS=$PWD/broken saker bench foreign.onnx --backend auto --runs 1 --json
exits 0
json out /results/0/backend openvino
# Where "auto" is to hand a file over, the engine tries it in a process of its own first.
fakes=$(dirname "$FIXTURE")/fake_backends
SAKER=$PWD/alone/saker SAKER_BACKENDS=$PWD/broken saker detect foreign.onnx red.ppm
exits 1
says err "$PWD/broken/saker_trial: not found"
says err "scripts/install_backends.sh openvino builds it anew"
cp foreign.onnx crash.onnx
SAKER=$PWD/alone/saker SAKER_BACKENDS=$fakes saker detect crash.onnx red.ppm
exits 1
says err "saker: crash.onnx: "
says err "RandomUniformLike (first at node"
says err "onnxruntime was tried on it in a process of its own, which ended with signal 6"
says err "--backend onnxruntime runs it all the same"
SAKER=$PWD/alone/saker SAKER_BACKENDS=$fakes saker bench crash.onnx --backend auto --runs 1
exits 1
says err "the engine's process ended: signal 6"
# A checkpoint: other engines are given what it exports, which is kept.
cp "$SAKER_SOURCE/tests/fuzz/corpus/checkpoint/v8.pt" best.pt
for _ in 1 2; do
  SAKER=$PWD/alone/saker SAKER_BACKENDS=$fakes SAKER_CACHE=$PWD/cache saker bench best.pt --backend saker,onnxruntime --runs 1
  exits 0
  says err "onnxruntime runs $PWD/cache/exports/best-"
  says err "exported from best.pt"
done
same "exported files" 1 "$(find cache -type f | wc -l)"
printf '<net/>' >net.xml
bare detect net.xml red.ppm
exits 1
says err "scripts/install_backends.sh openvino"
bare detect tiny.onnx red.ppm --precision f16
exits 1
says err "f32"
bare detect tiny.onnx red.ppm --precision int3
exits 2

# What is wrong beside the foreign operator is found before another engine sees the file.
head -c 3000 foreign.onnx >cut.onnx
bare detect cut.onnx red.ppm --backend onnxruntime
exits 1
"$SAKER" backends --json >list.json
installed=()
for i in 1 2; do
  if [ "$("$FIXTURE" get list.json "/backends/$i/installed")" = true ]; then
    installed+=("$("$FIXTURE" get list.json "/backends/$i/name")")
  fi
done
if [ ${#installed[@]} -eq 0 ]; then
  finish
  echo "the rest skipped: no other engine is built (scripts/install_backends.sh)"
  exit 0
fi

# The boxes alone, with numbers as the fixture rounds them.
boxes() {
  local i
  for i in 0 1 2; do
    "$FIXTURE" get "$1" "/0/detections/$i/label" "/0/detections/$i/score" "/0/detections/$i/box/0" "/0/detections/$i/box/3"
  done
}
saker detect tiny.onnx mixed.png --json own.json --quiet --backend saker
exits 0
json own.json '#/0/detections' 3
for engine in "${installed[@]}"; do
  saker detect tiny.onnx mixed.png red.ppm --json "$engine.json" --quiet --backend "$engine" --inter 2 --threads 2
  exits 0
  silent err
  json "$engine.json" '#/0/detections' 3
  json "$engine.json" '#/1/detections' 1
  same "boxes of $engine" "$(boxes own.json)" "$(boxes "$engine.json")"
done
saker detect foreign.onnx mixed.png --json auto.json
exits 0
says err "note: ${installed[0]} runs it"
says err "RandomUniformLike"
same "boxes of auto" "$(boxes own.json)" "$(boxes auto.json)"
saker detect cut.onnx mixed.png --backend "${installed[0]}"
exits 1
says err "cut.onnx"
finish
