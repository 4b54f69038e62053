#!/usr/bin/env bash
# saker quantize: what it writes, and that nothing half is left when it cannot.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
mkdir pictures void
"$FIXTURE" picture pictures/red.ppm 0 2 3
"$FIXTURE" picture pictures/mixed.png 0 1 1 1 6 2 2 4 4
"$FIXTURE" picture pictures/black.png

saker quantize tiny.onnx --data-dir pictures --out int8.onnx --force
exits 0
silent out
says err "too few pictures"
says err "int8.onnx: 3 convolutions in 8 bits, 0 in float; 3 pictures"
exists int8.onnx
saker detect int8.onnx pictures/red.ppm
exits 0
says out "1 red"
saker inspect int8.onnx --plan
exits 0
says out "conv_int8"
saker bench int8.onnx --batch 1,2 --runs 3 --rounds 1 --json batches.json
exits 0
json batches.json '#/results' 2
json batches.json /results/1/batch 2

# A batch that the file fixes stays, and so do inputs that are no pictures.
"$FIXTURE" model four.onnx batch-of-4
saker quantize four.onnx --data-dir pictures --out four8.onnx --force
exits 0
says err "four8.onnx takes 4 pictures at a time"
saker detect four8.onnx pictures/red.ppm --json
exits 0
json out '#/0/detections' 1
"$FIXTURE" model gain.onnx gain
saker quantize gain.onnx --data-dir pictures --out gain8.onnx --force --input gain=1
exits 0
saker detect gain8.onnx pictures/red.ppm --input gain=1 --json
exits 0
json out '#/0/detections' 1
saker quantize tiny.onnx --data-dir pictures --out other.onnx --force --stretch
exits 0
says err "stretched"
says err "leave --stretch out"
saker quantize tiny.onnx --data-dir pictures --out other.onnx --force --letterbox
exits 0
if grep -q "stretched" err; then complain "as it was trained"; fi

# The same bytes again, whatever the number of threads; nothing to say.
for threads in 1 2; do
  saker quantize tiny.onnx --data-dir pictures --out again.onnx --force --threads $threads --quiet
  exits 0
  silent err
  cmp -s int8.onnx again.onnx || complain "other bytes with $threads threads"
done
for observer in min-max moving-average percentile entropy mse; do
  for how in "--preset mixed" "--preset performance" "--activations per-tensor" "--no-bias-correction" "--weight-bits 7"; do
    # shellcheck disable=SC2086 # several words
    saker quantize tiny.onnx --data-dir pictures --out other.onnx --force --observer $observer $how --quiet
    exits 0
  done
done
# OpenVINO IR: two files, the same boxes, for any number of pictures.
saker quantize tiny.onnx --data-dir pictures --out ir8.xml --force --format openvino
exits 0
says err "ir8.xml: 3 convolutions in 8 bits, 0 in float; 3 pictures"
exists ir8.bin
missing metadata.yaml
saker detect ir8.xml pictures/red.ppm
exits 0
says out "1 red"
saker inspect ir8.xml --plan
exits 0
says out "conv_int8"
saker export int8.onnx --format openvino --out again8.xml
exits 0
saker inspect again8.xml --plan
exits 0
says out "conv_int8"

# The operators of --format qlinear: of one scale a tensor, asked for or not; the same boxes.
for how in "" "--activations per-tensor" "--preset performance"; do
  # shellcheck disable=SC2086 # several words
  saker quantize tiny.onnx --data-dir pictures --out qlinear.onnx --force --format qlinear $how
  exits 0
  says err "qlinear.onnx: 3 convolutions in 8 bits, 0 in float; 3 pictures"
  saker detect qlinear.onnx pictures/red.ppm
  exits 0
  says out "1 red"
done
saker quantize tiny.onnx --data-dir pictures --out other.onnx --force --format qdq --quiet
exits 0
cmp -s int8.onnx other.onnx || complain "--format qdq is not the default"
saker quantize tiny.onnx --data-dir pictures --out other.onnx --force --keep-float 'conv(8|16)$'
exits 0
says err "1 convolutions in 8 bits, 2 in float"
# Commas are a part of the expression; given twice, either matches.
saker quantize tiny.onnx --data-dir pictures --out other.onnx --force --keep-float 'v8{1,2}$' --keep-float 'conv16$'
exits 0
says err "1 convolutions in 8 bits, 2 in float"
saker quantize tiny.onnx --data-dir pictures --out other.onnx --force --subset 2
exits 0
says err "2 pictures"

# What each layer does, and mAP.
echo '{"images":[{"id":1,"file_name":"red.ppm","width":64,"height":64}],"categories":[{"id":7,"name":"red"}],"annotations":[{"id":1,"image_id":1,"category_id":7,"bbox":[16,24,8,8],"area":64,"iscrowd":0}]}' >pictures/truth.json
saker quantize tiny.onnx --data-dir pictures --out other.onnx --force --eval pictures/truth.json --report layers.json
exits 0
says err "AP .50:.95 on 1 pictures: float 1.0000"
json layers.json /calibration_pictures 3
json layers.json /accuracy/float_ap 1
json layers.json /layers/0/float false
json layers.json /layers/0/clipped 0
json layers.json '@/layers/0' "name shape float input_low input_high clipped error error_of_last_layers ap_cost"
saker quantize tiny.onnx --data-dir pictures --out other.onnx --force --data pictures/truth.json --max-drop 1 --report layers.html
exits 0
exists layers.html
grep -q "most sensitive" layers.html || complain "layers.html has no table of layers"
# The same for programs, with what the file is; layers only with --report.
saker quantize tiny.onnx --data-dir pictures --out listed.onnx --force --eval pictures/truth.json --json --quiet
exits 0
says err "AP .50:.95 on 1 pictures"
json out '@' "out bytes float_bytes convolutions seconds model calibration_pictures float_ms int8_ms agreement accuracy layers left_float"
json out /out listed.onnx
json out /bytes "$(stat -c %s listed.onnx)"
json out /float_bytes "$(stat -c %s tiny.onnx)"
json out /convolutions/int8 3
json out /agreement/pictures 3
json out /accuracy/float_ap 1
json out '#/layers' 0
saker quantize tiny.onnx --data-dir pictures --out other.onnx --force --report layers.json --json facts.json --quiet
exits 0
silent out
json facts.json '#/layers' 3

# Where the float model finds nothing, nothing is agreement.
mkdir dark
cp pictures/black.png dark/a.png
cp pictures/black.png dark/b.png
saker quantize tiny.onnx --data-dir dark --out dark.onnx --force --report dark.json
exits 0
says err "warning: nothing found: the float model finds no box in 2 pictures"
says err "saker detect MODEL PICTURE --conf 0.01"
says err "nothing was compared: the float model finds no box in 2 pictures"
if grep -q "boxes agree" err; then complain "there are no boxes to agree"; fi
exists dark.onnx
json dark.json /agreement/float_boxes 0
json dark.json /agreement/share null
saker quantize tiny.onnx --data-dir dark --out dark.onnx --force --report dark.html
grep -q "nothing was compared" dark.html || complain "the report does not say that nothing was compared"
saker doctor dark.onnx --data-dir dark --float tiny.onnx
exits 1
says out "nothing found"
sed 's/"bbox":\[16,24/"bbox":[40,0/' pictures/truth.json >pictures/other.json
saker quantize tiny.onnx --data-dir pictures --out dark.onnx --force --eval pictures/other.json --max-drop 0.1
exits 0
says err "warning: nothing right: AP of the float model is 0 on 1 picture"
sed 's/"iscrowd":0/"iscrowd":1/' pictures/truth.json >pictures/crowds.json
saker quantize tiny.onnx --data-dir pictures --out dark.onnx --force --eval pictures/crowds.json --max-drop 0.1
exits 0
says err "nothing to find"
says err "--crowd-as-object"
saker quantize tiny.onnx --data-dir pictures --out dark.onnx --force --eval pictures/crowds.json --crowd-as-object
exits 0
says err "AP .50:.95 on 1 pictures: float 1.0000"

# A picture that cannot be read is left out.
# (Three pictures: the guard refuses them without --force.)
cp -r pictures some
head -c 60 pictures/mixed.png >some/cut.png
saker quantize tiny.onnx --data-dir some --out other.onnx --force
exits 0
says err "left out: some/cut.png"
says err "3 pictures"

# refused CODE TEXT ARGUMENTS...: that exit code, TEXT on stderr, nothing on stdout, no file new.onnx.
refused() {
  local wanted=$1 text=$2
  shift 2
  saker quantize "$@"
  exits "$wanted"
  silent out
  says err "$text"
  missing new.onnx
  same "files left behind" 0 "$(find . -name 'new.onnx*' -o -name '*.tmp' | wc -l)"
}
refused 2 "MODEL is missing" --data-dir pictures --out new.onnx
refused 2 "--data-dir is missing" tiny.onnx --out new.onnx
refused 2 "--out is missing" tiny.onnx --data-dir pictures
refused 2 "--observer" tiny.onnx --data-dir pictures --out new.onnx --observer best
refused 2 "--max-drop needs --eval" tiny.onnx --data-dir pictures --out new.onnx --max-drop 0.01
refused 2 "--max-drop" tiny.onnx --data-dir pictures --out new.onnx --eval pictures/truth.json --max-drop 2
refused 2 "would overwrite" tiny.onnx --data-dir pictures --out new.onnx --eval pictures/truth.json --report pictures/truth.json
refused 2 "--json pictures/truth.json would overwrite" tiny.onnx --data-dir pictures --out new.onnx --eval pictures/truth.json --json pictures/truth.json
refused 2 "name the same file" tiny.onnx --data-dir pictures --out new.onnx --report l.json --json l.json
refused 2 "ends in .html or .json" tiny.onnx --data-dir pictures --out new.onnx --report layers.txt
refused 2 "--format" tiny.onnx --data-dir pictures --out new.onnx --format ort
refused 2 "ends in .xml" tiny.onnx --data-dir pictures --out new.onnx --format openvino
refused 2 "--format qlinear has one scale a tensor" tiny.onnx --data-dir pictures --out new.onnx --format qlinear \
  --activations per-channel
refused 2 "--subset" tiny.onnx --data-dir pictures --out new.onnx --subset 0
refused 2 "would overwrite the model" tiny.onnx --data-dir pictures --out ./tiny.onnx
refused 1 "too few pictures" tiny.onnx --data-dir pictures --out new.onnx
refused 1 "nowhere" tiny.onnx --data-dir nowhere --out new.onnx
refused 1 "void" tiny.onnx --data-dir void --out new.onnx
refused 2 "nothing.onnx: no such file" nothing.onnx --data-dir pictures --out new.onnx
refused 2 "is no regular expression" tiny.onnx --data-dir pictures --out new.onnx --force --keep-float 'model.(24'
refused 2 "is no regular expression" tiny.onnx --data-dir nowhere --out new.onnx --keep-float conv --keep-float '('
refused 1 "no convolution" tiny.onnx --data-dir pictures --out new.onnx --force --keep-float .
refused 1 "quantized already" int8.onnx --data-dir pictures --out new.onnx
refused 1 "quantized already" qlinear.onnx --data-dir pictures --out new.onnx
mkdir cut
head -c 60 pictures/mixed.png >cut/a.png
refused 1 "no picture that can be read" tiny.onnx --data-dir cut --out new.onnx

# ---- doctor ----
saker doctor int8.onnx --data-dir pictures --float tiny.onnx
says err "3 pictures: the float model finds"
cp pictures/red.ppm cut/red.ppm
saker doctor int8.onnx --data-dir cut
exits 0
says err "left out: cut/"
rm cut/red.ppm
printf 'a diary\nof two lines\n' >diary.txt
for folder in cut diary.txt void; do
  saker doctor int8.onnx --data-dir $folder
  exits 1
  silent out
  says err "--data-dir: "
  says err "$folder"
done
saker doctor int8.onnx --float nothing.onnx
exits 1
silent out
says err "--float: nothing.onnx: no such file"
saker doctor int8.onnx --float tiny.onnx
exits 2
says err "--float needs --data-dir"
"$FIXTURE" model again.onnx
cmp -s tiny.onnx again.onnx || complain "the model was changed"

# A picture of --eval that cannot be read, and what to do about it.
mkdir broken
cp pictures/red.ppm broken/red.ppm
echo "no picture" >broken/text.ppm
sed 's|"categories"|"x":0,"categories"|; s|"images":\[|&{"id":2,"file_name":"text.ppm","width":64,"height":64},|' pictures/truth.json >two.json
saker quantize tiny.onnx --data-dir pictures --out new.onnx --force --eval two.json --images broken
exits 1
says err "text.ppm: not a picture"
says err "--skip-bad goes on without such pictures"
missing new.onnx
saker quantize tiny.onnx --data-dir pictures --out skipped.onnx --force --eval two.json --images broken --skip-bad
exits 0
says err "AP .50:.95 on 1 pictures: float 1.0000"
refused 1 "--images" tiny.onnx --data-dir pictures --out new.onnx --force --eval two.json
refused 2 "--images and --skip-bad are for --eval" tiny.onnx --data-dir pictures --out new.onnx --skip-bad

# Names that cannot be read are said.
LC_ALL=C sed "s/{0: 'red'/{x: 'red'/" tiny.onnx >nameless.onnx
saker detect nameless.onnx pictures/red.ppm --head yolov8  # its scores are no probabilities: auto would not take it
exits 0
says err "note: nameless.onnx: the model's names are not a Python dict"
says err "--labels names the classes"

# Outputs that cannot be written, before any work where that can be known.
saker quantize tiny.onnx --data-dir pictures --out nowhere/new.onnx
exits 1
says err "nowhere"
if [ -w /dev/full ]; then
  saker quantize tiny.onnx --data-dir pictures --out /dev/full --force
  exits 1
  says err "/dev/full"
  [ -c /dev/full ] || complain "/dev/full was replaced"
fi
# What was there stays when the run fails.
cp int8.onnx kept.onnx
saker quantize int8.onnx --data-dir pictures --out kept.onnx
exits 1
cmp -s int8.onnx kept.onnx || complain "the file was changed by a run that failed"
finish
