#!/usr/bin/env bash
# saker detect on a tiny model: boxes, sources, classes, and the ways of doing the work.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
"$FIXTURE" model open.onnx open-batch
"$FIXTURE" picture red.ppm 0 2 3
"$FIXTURE" picture mixed.png 0 1 1 1 4 4 0 6 2
"$FIXTURE" picture black.png

saker detect tiny.onnx red.ppm
exits 0
says out "red.ppm  64x64  1 red"
says out "  red    1.000     16.0     24.0     24.0     32.0"
silent err
saker detect tiny.onnx mixed.png black.png
says out "mixed.png  64x64  2 reds, 1 green"
says out "black.png  64x64  nothing found"
says out "2 pictures, 3 boxes"

# Every kind of source, in order.
mkdir -p folder/deeper lists
for i in 1 2 10; do cp mixed.png folder/p$i.png; done
cp red.ppm folder/deeper/hidden.ppm
echo "no picture" >folder/notes.md
images() {
  grep -o '"image":"[^"]*"' out | sed 's/"image"://; s/"//g' | tr '\n' ' '
}
saker detect tiny.onnx folder --json
exits 0
same "order in a folder" "folder/p1.png folder/p2.png folder/p10.png " "$(images)"
saker detect tiny.onnx 'folder/p*.png' red.ppm red.ppm --json
same "a glob, and a picture twice" "folder/p1.png folder/p2.png folder/p10.png red.ppm red.ppm " "$(images)"
printf '# a list\r\n../red.ppm\n\n  %s/black.png  \nmixed.png\n../folder/p1*.png\n' "$PWD" >lists/list.txt
saker detect tiny.onnx lists/list.txt --json
exits 0
same "a list" "lists/../red.ppm $PWD/black.png mixed.png lists/../folder/p1.png lists/../folder/p10.png " "$(images)"
code=0
last="saker detect tiny.onnx - <mixed.png"
"$SAKER" detect tiny.onnx - --json <mixed.png >out 2>err || code=$?
exits 0
json out /0/image -
json out '#/0/detections' 3

# Classes by name, by id, from a file.
saker detect tiny.onnx mixed.png --classes green --json
json out '#/0/detections' 1
json out /0/detections/0/label green
saker detect tiny.onnx mixed.png --classes 0,blue/cyan --json
json out '#/0/detections' 2
saker detect tiny.onnx mixed.png --classes 1 --classes red --json
json out '#/0/detections' 3
printf '# allowed\ngreen # this one\n\n2\n' >allowed.txt
saker detect tiny.onnx mixed.png --allowed-classes-file allowed.txt --json
json out '#/0/detections' 1
saker detect tiny.onnx mixed.png --classes grean
exits 1
says err "--classes: no class 'grean': did you mean 'green'?"
saker detect tiny.onnx mixed.png --classes 7
exits 1
says err "7"
printf 'apple\npear\nplum\n' >labels.txt
saker detect tiny.onnx mixed.png --labels labels.txt --classes pear
says out "1 pear"

saker detect tiny.onnx mixed.png --max-det 1 --json
json out '#/0/detections' 1
saker detect tiny.onnx mixed.png --conf 1 --json
exits 0
# Red and blue change places.
saker detect tiny.onnx red.ppm --color bgr --json
json out /0/detections/0/label blue/cyan
saker detect tiny.onnx red.ppm --mean 0 --std 2,2,2 --scale 0.00392156862745098 --json
exits 0
json out /0/detections/0/score 0.5
# A second input that is no picture.
"$FIXTURE" model gain.onnx gain
saker detect gain.onnx red.ppm
exits 1
says err 'the input "gain" (float32 [1]) is no picture'
says err "give its values (--input)"
saker detect gain.onnx red.ppm --input gain=0.5 --json
exits 0
json out /0/detections/0/score 0.5
saker detect gain.onnx red.ppm --input gain=1,2
exits 1
says err "takes 1 values, 2 are given"
saker detect gain.onnx red.ppm --input gain=1 --input other=1
exits 1
says err '--input has values of "other"'
saker detect gain.onnx red.ppm --input gain
exits 2
says err "write name=1,2.5"
saker detect tiny.onnx red.ppm --head yolov5
exits 1
says err "--head yolov5 does not fit"
says err "saker inspect tiny.onnx"
saker detect tiny.onnx red.ppm --imgsz 96
exits 1
says err "64"

# JPEG pictures decoded smaller: sizes and boxes are those of the file.
"$FIXTURE" copy red.ppm large.jpg 4 0
"$FIXTURE" copy red.ppm uneven.jpg 9 3
for how in "" --jpeg-scale; do
  # shellcheck disable=SC2086 # no word or one
  saker detect tiny.onnx large.jpg uneven.jpg --json $how --save-txt txt
  exits 0
  json out /0/width 256
  json out /0/detections/0/box '[64,96,96,128]'
  json out /1/height 573
  same "large.txt $how" "0 0.3125 0.4375 0.125 0.125" "$(cat txt/large.txt)"
  same "uneven.txt $how" "0 0.3125 0.4375 0.125 0.125" "$(cat txt/uneven.txt)"
done
saker detect tiny.onnx large.jpg --jpeg-scale --save-vis drawn
exits 2
says err "--save-vis"

# However the work is done, the result is the same.
export SAKER_CACHE="$work/cache"
strip() { sed 's/"ms":.*//' "$1"; }
saker detect open.onnx folder red.ppm black.png --json
cp out expected
for how in "--batch 2" "--batch 4 --inter 2" "--inter 3 --threads 3" "--inter 8 --warmup 1" "--isa baseline" \
  "--intra 1" --low-memory --autotune; do
  # shellcheck disable=SC2086 # several words
  saker detect open.onnx folder red.ppm black.png --json $how
  exits 0
  same "$how" "$(strip expected)" "$(strip out)"
done
saker detect tiny.onnx folder --batch 3 --json
exits 0
says err "runs it 3 times"
json out '#' 3
finish
