#!/usr/bin/env bash
# saker detect: formats and files.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
"$FIXTURE" picture red.ppm 0 2 3
"$FIXTURE" picture 000042.png 0 1 1 0 6 2 2 4 4
mkdir other
cp red.ppm other/

saker detect tiny.onnx red.ppm 000042.png --json
exits 0
silent err
json out '#' 2
json out '@/0' "image width height detections ms"
json out '@/0/ms' "decode preprocess infer postprocess"
json out '@/0/detections/0' "class_id label score box"
json out /0/width 64
json out /0/detections/0/box '[16,24,24,32]'
json out /1/detections/2/label blue/cyan
saker detect tiny.onnx 000042.png red.ppm --format jsonl
same "lines of jsonl" 2 "$(wc -l <out)"
head -n 1 out >first.json
json first.json /image 000042.png

saker detect tiny.onnx red.ppm 000042.png --format coco
json out '#' 4
json out '@/0' "image_id category_id bbox score"
json out /0/image_id red
json out /1/image_id 42
json out /3/category_id 2
json out /0/bbox '[16,24,8,8]'
saker detect tiny.onnx red.ppm --format yolo
same "yolo" "0 0.3125 0.4375 0.125 0.125" "$(cat out)"
saker detect tiny.onnx red.ppm --format yolo --save-conf
same "yolo with the score" "0 0.3125 0.4375 0.125 0.125 1" "$(cat out)"
"$FIXTURE" picture black.png
saker detect tiny.onnx black.png --json
json out '#/0/detections' 0
saker detect tiny.onnx black.png --format coco
json out '#' 0

# Files: --out takes the format away from stdout, --json FILE leaves the table there.
saker detect tiny.onnx red.ppm --format json --out boxes.json
silent out
json boxes.json '#' 1
saker detect tiny.onnx red.ppm --json more.json
says out "1 red"
json more.json '#' 1
saker detect tiny.onnx red.ppm --quiet --json quiet.json
silent out
silent err
json quiet.json '#' 1
saker detect tiny.onnx red.ppm --json --out table.txt
json out '#' 1
says table.txt "1 red"
saker detect tiny.onnx red.ppm --json /dev/null --quiet
exits 0
[ -c /dev/null ] || complain "/dev/null was replaced"

# Pictures, texts, crops. The same name from two folders stays two files.
saker detect tiny.onnx red.ppm other/red.ppm 000042.png --save-vis vis --save-txt txt --save-crop crop --inter 2
exits 0
for file in vis/red.jpg vis/red_2.jpg vis/000042.png txt/red.txt txt/red_2.txt txt/000042.txt \
  crop/red/red.jpg crop/red/red_2_.jpg crop/red/000042.jpg crop/red/000042_2.jpg crop/blue_cyan/000042.jpg; do
  exists $file
done
same "files" 11 "$(find vis txt crop -type f | wc -l)"
same "size of the drawn picture" 64x64 "$("$FIXTURE" size vis/000042.png)"
same "size of a crop" 8x8 "$("$FIXTURE" size crop/red/000042.jpg)"
same "text" "0 0.3125 0.4375 0.125 0.125" "$(cat txt/red.txt)"
same "lines of text" 3 "$(wc -l <txt/000042.txt)"
# A frame lies around the red block.
if [ "$("$FIXTURE" pixel vis/000042.png 8 12)" = "255 0 0" ]; then complain "no frame was drawn"; fi
saker detect tiny.onnx red.ppm --save-txt conf --save-conf
same "text with the score" "0 0.3125 0.4375 0.125 0.125 1" "$(cat conf/red.txt)"
# The second crop of red is not the first of red_2.
"$FIXTURE" picture red.png 0 0 0 0 7 7
"$FIXTURE" picture red_2.png 0 5 5
saker detect tiny.onnx red.png red_2.png --save-crop crop2
same "crops" 3 "$(find crop2 -type f | wc -l)"
finish
