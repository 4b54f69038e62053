#!/usr/bin/env bash
# saker sparsify and saker inspect --sparsity, on the model that comes with the source and pictures drawn for it.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
signs=${SAKER_SOURCE:?the checkout}/models/signs.onnx
saker data synth --theme signs --train 12 --val 12 --size 320 --seed 5 --out drawn --quiet
exits 0
calib=drawn/images/train
few=(--calib "$calib" --subset 4 --imgsz 160 --force)  # where the figures do not matter

# share FILE: of the zeros, as saker inspect counts them.
share() {
  saker inspect "$1" --sparsity --json share.json
  exits 0
  "$FIXTURE" get share.json "/sparsity/all/$2"
}
# about VALUE WANTED: within 0.02.
about() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > b - 0.02 && a < b + 0.02) }' || complain "$2 expected, not $1"; }

# ---- one-shot, with pictures ----
saker sparsify "$signs" --sparsity 0.4 --pattern block4 --calib $calib --eval drawn/data.yaml --force --json made.json --out block.onnx
exits 0
silent out
says err "left dense: "
says err "3 input channels are fewer than 4"
says err "AP .50:.95 on 12 pictures: before"
says err "% of the weights are zero, block4 (obs)"
about "$(share block.onnx zeros)" 0.4
about "$(share block.onnx block4)" 0.4
about "$("$FIXTURE" get made.json /zeros)" 0.4
saker inspect block.onnx --sparsity
exits 0
says out "4x4"
says out "all"
saker detect block.onnx "$SAKER_SOURCE/models/signs.jpg"
exits 0
says out "danger"

# In 8 bits: the same zeros, and no fewer.
saker sparsify "$signs" --sparsity 0.4 --pattern 4x4 "${few[@]}" --int8 --out small.onnx
exits 0
about "$(share small.onnx 4x4)" 0.4
saker inspect small.onnx --plan
exits 0
says out "conv_int8"
saker quantize block.onnx --data-dir $calib --out block8.onnx --force --quiet
exits 0
about "$(share block8.onnx block4)" 0.4
saker sparsify small.onnx --sparsity 0.4 --calib $calib --force --out new.onnx
exits 1
says err "quantized already"

# The same bytes again, whatever the number of threads; nothing to say.
for threads in 1 2; do
  saker sparsify "$signs" --pattern 2:4 --method magnitude "${few[@]}" --threads $threads --quiet --out "two$threads.onnx"
  exits 0
  silent err
done
cmp -s two1.onnx two2.onnx || complain "other bytes with another number of threads"
about "$(share two1.onnx zeros)" 0.5

# A bound on what it costs: layers are dense again until it is kept.
saker sparsify "$signs" --sparsity 0.9 --pattern 4x4 --method magnitude "${few[@]}" --eval drawn/data.yaml --max-drop 0.2 --json made.json --out bound.onnx
exits 0
says err "layers dense: AP"
says err "dense again"
drop=$(awk -v a="$("$FIXTURE" get made.json /ap/before)" -v b="$("$FIXTURE" get made.json /ap/after)" 'BEGIN { print a - b }')
awk -v drop="$drop" 'BEGIN { exit !(drop <= 0.2) }' || complain "the bound was not kept: $drop"

# Channels go: a smaller dense model.
saker sparsify "$signs" --sparsity 0.3 --pattern channel "${few[@]}" --eval drawn/data.yaml --json made.json --out thin.onnx
exits 0
says err "of the weights have gone, channel (obs)"
about "$("$FIXTURE" get made.json /zeros)" 0.32
about "$(share thin.onnx zeros)" 0
[ "$(stat -c %s thin.onnx)" -lt $(($(stat -c %s "$signs") * 3 / 4)) ] || complain "thin.onnx is not smaller"
saker detect thin.onnx "$SAKER_SOURCE/models/signs.jpg"
exits 0

# ---- without pictures ----
saker sparsify "$signs" --sparsity 0.3 --pattern unstructured --out plain.onnx
exits 0
says err "unstructured (magnitude)"
about "$(share plain.onnx zeros)" 0.3
saker sparsify "$signs" --sparsity 0.3 --pattern 2x4 --keep-dense 'model.0' --keep-dense '22' --out kept.onnx
exits 0
says err "it was asked to stay dense"

# ---- what cannot be ----
# refused CODE TEXT ARGUMENTS...: that exit code, TEXT on stderr, nothing on stdout, no file new.onnx.
refused() {
  local wanted=$1 text=$2
  shift 2
  saker sparsify "$@"
  exits "$wanted"
  silent out
  says err "$text"
  missing new.onnx
  same "files left behind" 0 "$(find . -name 'new.onnx*' -o -name '*.tmp' | wc -l)"
}
"$FIXTURE" model tiny.onnx
refused 2 "MODEL is missing" --sparsity 0.5 --out new.onnx
refused 2 "--sparsity is missing" tiny.onnx --out new.onnx
refused 2 "--out is missing" tiny.onnx --sparsity 0.5
for sparsity in 85 1.01 -0.1 nan half; do
  refused 2 "--sparsity" tiny.onnx --sparsity $sparsity --out new.onnx
done
refused 2 "--pattern" tiny.onnx --sparsity 0.5 --pattern 8x8 --out new.onnx
refused 2 "no longer fit" tiny.onnx --sparsity 0.5 --pattern channel --calib $calib --eval drawn/data.yaml --max-drop 0.1 --out new.onnx
refused 2 "2:4 is half zeros" tiny.onnx --sparsity 0.7 --pattern 2:4 --out new.onnx
refused 2 "--method obs needs --calib" tiny.onnx --sparsity 0.5 --method obs --out new.onnx
refused 2 "--int8 needs --calib" tiny.onnx --sparsity 0.5 --int8 --out new.onnx
refused 2 "--max-drop needs --eval" tiny.onnx --sparsity 0.5 --calib $calib --max-drop 0.1 --out new.onnx
refused 2 "would overwrite the model" tiny.onnx --sparsity 0.5 --out ./tiny.onnx
refused 2 "would overwrite" tiny.onnx --sparsity 0.5 --out new.onnx --json new.onnx
refused 2 "is no regular expression" tiny.onnx --sparsity 0.5 --out new.onnx --keep-dense '('
refused 2 "nothing.onnx: no such file" nothing.onnx --sparsity 0.5 --out new.onnx
refused 1 "nowhere" tiny.onnx --sparsity 0.5 --calib nowhere --out new.onnx
refused 1 "too few pictures" "$signs" --sparsity 0.5 --calib $calib --out new.onnx
refused 1 "3 input channels are fewer than 4" tiny.onnx --sparsity 0.5 --out new.onnx
saker inspect tiny.onnx --sparsity --plan
exits 2
saker inspect tiny.onnx --sparsity
exits 0
says out "conv8"

# ---- checkpoints, where there is one ----
checkpoint=${SAKER_ASSETS:-$SAKER_SOURCE/../shared/assets}/pt/yolov5n.pt
if [ -e "$checkpoint" ]; then
  saker inspect "$checkpoint" --sparsity
  exits 0
  says out "all"
  saker sparsify "$checkpoint" --sparsity 0.5 --pattern 4x4 --out from_pt.onnx
  exits 0
  about "$(share from_pt.onnx 4x4)" 0.5
else
  echo "no $checkpoint: checkpoints are not tried"
fi

finish
