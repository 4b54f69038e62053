#!/usr/bin/env bash
# saker eval on a tiny model whose boxes are known: numbers, formats, outputs, and what it refuses.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
mkdir -p set/images set/labels
"$FIXTURE" picture set/images/1.png 0 1 1 1 4 4 # red at 8,8; green at 32,32
"$FIXTURE" picture set/images/2.png 0 6 2       # red at 48,16
"$FIXTURE" picture set/images/3.png             # black

pictures='"images":[{"id":1,"file_name":"1.png","width":64,"height":64},{"id":2,"file_name":"2.png","width":64,"height":64},{"id":3,"file_name":"3.png","width":64,"height":64}]'
classes='"categories":[{"id":7,"name":"red"},{"id":9,"name":"Green"}]'
box() { # ID PICTURE CLASS X Y
  echo "{\"id\":$1,\"image_id\":$2,\"category_id\":$3,\"bbox\":[$4,$5,8,8],\"area\":64,\"iscrowd\":0}"
}
truth() { echo "{$pictures,$classes,\"annotations\":[$1]}"; }
truth "$(box 1 1 7 8 8),$(box 2 1 9 32 32),$(box 3 2 7 48 16)" >set/all.json

saker eval tiny.onnx --data set/all.json --json e.json
exits 0
says err "blue/cyan"
says out "AP     .50:.95  all     100   1.0000"
says out "mAP50-95"
json e.json /coco/AP 1
json e.json /coco/APs 1
json e.json /coco/APm -1
json e.json '@/coco' "AP AP50 AP75 APs APm APl AR1 AR10 AR100 ARs ARm ARl"
json e.json /per_class/0/name red
json e.json /per_class/0/boxes 2
json e.json /per_class/1/coco/AP50 1
same "the first keys" "coco yolo per_class" "$("$FIXTURE" get e.json '@' | cut -d' ' -f1-3)"

# A box that nobody finds costs recall; --results gives the same numbers as the model.
truth "$(box 1 1 7 8 8),$(box 2 1 9 32 32),$(box 3 2 7 48 16),$(box 4 3 7 0 0)" >set/missed.json
saker eval tiny.onnx --data set/missed.json --json model.json --save-json boxes.json --quiet
exits 0
silent out
json model.json /per_class/0/coco/AR100 0.66667
saker eval --results boxes.json --data set/missed.json --json results.json --quiet
exits 0
same "results and model" "$("$FIXTURE" get model.json /coco /yolo /per_class)" "$("$FIXTURE" get results.json /coco /yolo /per_class)"

cp boxes.json boxes.txt # whatever it is called
saker eval --results boxes.txt --data set/missed.json --json renamed.json --quiet
exits 0
same "another name" "$("$FIXTURE" get results.json /coco)" "$("$FIXTURE" get renamed.json /coco)"

# YOLO labels and VOC: the same truth, the same numbers.
printf '0 0.1875 0.1875 0.125 0.125\n1 0.5625 0.5625 0.125 0.125\n' >set/labels/1.txt
printf '0 0.8125 0.3125 0.125 0.125\n' >set/labels/2.txt
printf 'path: %s\nval: images\nnames: [red, green]\n' "$PWD/set" >set/data.yaml
saker eval tiny.onnx --data set/data.yaml --json yolo.json --quiet
exits 0
json yolo.json /coco/AP 1
json yolo.json /data/boxes 3

# Against another: intervals, and no winner where there is none.
echo '[]' >nothing.json
saker eval tiny.onnx --data set/all.json --against nothing.json --samples 100 --json against.json
exits 0
says out "A is better"
json against.json /against/differences/AP/value 1
saker eval tiny.onnx --data set/all.json --against tiny.onnx --samples 100
exits 0
says out "no difference shown"

# The report.
saker eval tiny.onnx --data set/all.json --report report
exits 0
for file in report.html PR_curve.png F1_curve.png P_curve.png R_curve.png confusion_matrix.png; do exists "report/$file"; done
says report/report.html "data:image/png;base64,"
says report/report.html "tiny.onnx"

# Bad input: named with file and place; --skip-bad goes on and counts.
truth "$(box 1 1 7 8 8),$(box 2 5 9 32 32)" >set/orphan.json
saker eval tiny.onnx --data set/orphan.json
exits 1
says err "orphan.json"
says err "annotations[1]"
says err "--skip-bad"
saker eval tiny.onnx --data set/orphan.json --skip-bad --json skipped.json
exits 0
json skipped.json /data/skipped 1
json skipped.json /data/boxes 1
printf '0 0.5\n' >set/labels/2.txt
saker eval tiny.onnx --data set/data.yaml
exits 1
says err "2.txt:1"
saker eval tiny.onnx --data set/data.yaml --split test
exits 1
says err "no \`test\`; it has val"
if grep -q skip-bad err; then complain "--skip-bad would not help"; fi
echo '[{"image_id":99,"category_id":7,"bbox":[0,0,1,1],"score":0.5}]' >stray.json
saker eval --results stray.json --data set/all.json
exits 1
says err "stray.json"
says err "99"
saker eval --results stray.json --data set/all.json --skip-bad
exits 1
says err "stray.json: nothing is left of its boxes: 1 box left out"
echo '[{"image_id":99,"category_id":7,"bbox":[0,0,1,1],"score":0.5},{"image_id":1,"category_id":7,"bbox":[0,0,1,1],"score":0.5}]' >stray.json
saker eval --results stray.json --data set/all.json --skip-bad --against stray.json --samples 100 --json stray.out
exits 0
says out "left out of stray.json: 1 entry"
json stray.out /data/skipped 0
json stray.out /found_skipped 1
json stray.out /against/found_skipped 1
echo "no picture" >set/images/3.png
saker eval tiny.onnx --data set/all.json
exits 1
says err "3.png"
saker eval tiny.onnx --data set/all.json --skip-bad --json broken.json
exits 0
json broken.json /data/pictures 2
json broken.json /data/skipped 1
mkdir unreadable
for i in 1 2 3; do echo "no picture" >"unreadable/$i.png"; done
saker eval tiny.onnx --data set/all.json --images unreadable --skip-bad
exits 1
says err "none of its pictures can be read"
saker eval tiny.onnx --data set/none.json
exits 1
says err "none.json"
printf '{"images":[],"annotations":[],"categories":[{"id":1,"name":"car"}]}' >set/cars.json
saker eval tiny.onnx --data set/cars.json
exits 1
says err "--labels"

# What detect writes is read again: pictures by their files' names, classes counted from 0.
mkdir cams
cp set/images/1.png cams/cam_a.v2.png
cp set/images/2.png cams/cam_b.png
sed 's/"file_name":"1.png"/"file_name":"D:\\\\set\\\\cam_a.v2.png"/; s/"file_name":"2.png"/"file_name":"cam_b.png"/; s/"id":7/"id":1/; s/"id":9/"id":2/; s/"category_id":7/"category_id":1/g; s/"category_id":9/"category_id":2/g' \
  set/all.json >cams/truth.json
saker detect tiny.onnx cams/cam_a.v2.png cams/cam_b.png --conf 0.001 --format coco --out cams.json
exits 0
saker eval --results cams.json --data cams/truth.json --json cams.out
exits 0
says err "image_id is not the pictures' id"
says err "category_id is counted from 0"
json cams.out /coco/AP 1
saker eval tiny.onnx --data cams/truth.json --skip-bad --json moved.out
exits 0
says err "1 of 3 file names are another machine's"
json moved.out /coco/AP 1

# Results alone need no pictures, wherever they were.
sed 's|"file_name":"|&/home/me/set/|g' set/all.json >foreign.json
saker eval --results boxes.json --data foreign.json --json foreign.out --quiet
exits 0
silent err
json foreign.out /coco/AP 1

# Nothing but crowds: a warning, and a way to count them.
sed 's/"iscrowd":0/"iscrowd":1/g' set/all.json >set/crowds.json
saker eval tiny.onnx --data set/crowds.json --skip-bad --json crowds.out
exits 0
says err "every box is a crowd"
says err "--crowd-as-object"
json crowds.out /coco/AP -1
saker eval tiny.onnx --data set/crowds.json --skip-bad --crowd-as-object --json crowds.out
exits 0
json crowds.out /coco/AP 1
if grep -q "crowd" err; then complain "they are objects now"; fi

# Usage.
saker eval tiny.onnx
exits 2
saker eval --data set/all.json
exits 2
says err "--results"
saker eval boxes.json --data set/all.json
exits 2
says err "--results boxes.json"
saker eval tiny.onnx --data set/all.json --save-json -
exits 2
says err "--save-json"
missing ./-
saker eval --help
exits 0
says out "--single-label   "
saker eval tiny.onnx --data set/all.json --skip-bad --single-label --json single.json
exits 0
json single.json /coco/AP 1
saker eval tiny.onnx --data set/all.json --json set/all.json
exits 2
says err "would be overwritten"
saker eval tiny.onnx --data set/all.json --json missing/x.json
exits 1
missing missing
finish
