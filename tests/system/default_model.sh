#!/usr/bin/env bash
# The model that comes with the source: on pictures it has not seen, in both its files and on every ISA level.
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
models=${SAKER_SOURCE:?the checkout}/models

# The card names the files as they are.
for file in signs.onnx signs.int8.onnx; do
  grep -qF "$(sha256sum <"$models/$file" | cut -d' ' -f1)" "$models/signs.md" || complain "signs.md has another SHA-256 of $file"
  if [ "$(stat -c %s "$models/$file")" -gt 4000000 ]; then complain "$file has more than 4 MB"; fi
done

# Drawn with another seed than those of training.
saker data synth --theme signs --train 0 --val 120 --size 480 --seed 77 --out drawn --quiet
exits 0
for file in signs.onnx signs.int8.onnx; do
  saker eval "$models/$file" --data drawn/data.yaml --json eval.json --quiet
  exits 0
  ap=$("$FIXTURE" get eval.json /yolo/mAP50)
  awk -v ap="$ap" 'BEGIN { exit !(ap > 0.85) }' || complain "$file: mAP50 $ap, more than 0.85 expected"
done

# The picture of the demo, on every CPU.
for isa in baseline avx2 avx512; do
  for file in signs.onnx signs.int8.onnx; do
    code=0
    SAKER_ISA=$isa "$SAKER" detect "$models/$file" "$models/signs.jpg" >out 2>err || code=$?
    last="SAKER_ISA=$isa saker detect $file signs.jpg"
    exits 0
    says out "1 yield, 1 priority road, 1 danger, 1 cone, 1 barrier"
  done
done
finish
