#!/usr/bin/env bash
# Bad pictures among good ones, broken models, outputs that cannot be written.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
mkdir pictures
for i in 1 2 3; do "$FIXTURE" picture pictures/good$i.png 0 $i 3; done
head -c 60 pictures/good1.png >pictures/cut.png
echo "not a picture" >pictures/text.jpg
: >pictures/empty.png
cp pictures/good1.png pictures/really_png.jpg

for how in "" "--inter 3" "--batch 4"; do
  # shellcheck disable=SC2086 # several words
  saker detect tiny.onnx pictures --json $how
  exits 1
  json out '#' 4
  says err "saker: pictures/cut.png"
  says err "saker: pictures/text.jpg"
  says err "saker: pictures/empty.png"
  says err "3 of 7 pictures failed"
done
saker detect tiny.onnx pictures --save-vis vis --quiet
exits 1
same "drawn pictures" 4 "$(find vis -type f | wc -l)"
saker detect tiny.onnx pictures/good1.png missing.png 'no*match.png' "$work/vis-is-not" --json
exits 1
json out '#' 1
says err "missing.png: no such file"
says err "no*match.png: no file matches"
mkdir void
saker detect tiny.onnx void
exits 1
says err "void: no pictures in this folder"
: >list.txt
saker detect tiny.onnx list.txt
exits 1
says err "list.txt: lists no pictures"
code=0
last="saker detect tiny.onnx - </dev/null"
"$SAKER" detect tiny.onnx - --json </dev/null >out 2>err || code=$?
exits 1
json out '#' 0
says err "stdin"
saker detect tiny.onnx pictures/good1.png --max-pixels 1000
exits 1
says err "more than the limit of 1000 pixels (--max-pixels)"

# Nothing is done, and nothing is on stdout, when a result could not be written.
: >file
refused() {
  saker detect tiny.onnx pictures "$@"
  exits 1
  silent out
  says err "$1"
  if grep -q "not a picture" err; then complain "pictures were read"; fi
}
refused --out nowhere/boxes.txt
says err "try: mkdir -p nowhere"
refused --json nowhere/boxes.json
refused --json pictures
refused --save-vis file
refused --save-txt file/below
refused --save-crop /dev/null/below
refused --save-vis pictures
says err "would overwrite the picture pictures/"
refused --out tiny.onnx
says err "would overwrite tiny.onnx"
"$FIXTURE" model again.onnx
cmp -s tiny.onnx again.onnx || complain "the model was changed"
refused --out pictures/good2.png
refused --labels nowhere.txt
refused --allowed-classes-file nowhere.txt
same "nothing is left behind" 0 "$(find . -name '*.tmp' | wc -l)"
if [ -w /dev/full ]; then
  saker detect tiny.onnx pictures/good1.png --out /dev/full
  exits 1
  says err "/dev/full"
fi

# Broken models: a message with the file's name, and no crash.
size=$(stat -c %s tiny.onnx)
for part in 0 1 20 100 $((size / 2)) $((size - 1)); do
  head -c "$part" tiny.onnx >cut.onnx
  for command in "detect cut.onnx pictures/good1.png" "bench cut.onnx" "inspect cut.onnx"; do
    # shellcheck disable=SC2086 # several words
    saker $command
    exits 1
    says err "cut.onnx"
    silent out
  done
done
finish
