#!/usr/bin/env bash
# Special files, closed streams, signals, limits: a clear refusal, nothing half-written, nothing in a file but the result.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
"$FIXTURE" picture red.png 0 2 3

# What is found must be a regular file; nothing waits for a pipe that nobody writes to.
mkdir pictures
cp red.png pictures/b.png
mkfifo pictures/a.png pipe
ln -s /dev/zero pictures/c.png
saker detect tiny.onnx pictures --json boxes.json --quiet
exits 1
says err "pictures/a.png: is not a regular file"
says err "pictures/c.png: is not a regular file"
json boxes.json '#' 1
printf '%s\n' "$PWD/pipe" red.png >list.txt
saker detect tiny.onnx list.txt --json boxes.json --quiet
exits 1
says err "pipe: is not a regular file"
json boxes.json '#' 1
saker bench tiny.onnx --input pictures --runs 1
exits 1
says err "is not a regular file"
echo '{"images":[{"id":1,"file_name":"a.png"}],"annotations":[],"categories":[{"id":1,"name":"dog"}]}' >coco.json
saker data check coco.json --images pictures
exits 1
mkdir voc
mkfifo voc/1.xml
saker data check voc
exits 1
mkdir -p yolo/images yolo/labels
cp red.png yolo/images/1.png
mkfifo yolo/labels/1.txt
printf 'val: images\nnames: [a]\n' >yolo/data.yaml
saker data check yolo/data.yaml
exits 1

# What is named may be a pipe; without an end it is given up by its first bytes or at a limit.
saker detect tiny.onnx <(cat red.png) --json boxes.json --quiet
exits 0
json boxes.json '#' 1
saker detect <(cat tiny.onnx) red.png --quiet
exits 0
saker detect tiny.onnx - --quiet </dev/zero
exits 1
says err "stdin: not a picture"
mkfifo live.json
cat coco.json >live.json &
saker data check live.json --images .
says out "1 picture"
rm live.json
ln -s /dev/zero live.json
saker data check live.json --images .
exits 1
says err "not JSON by its first bytes"
saker inspect /dev/zero
exits 1
says err "neither ONNX, OpenVINO IR nor a checkpoint"

# A closed stream stays closed: what would have gone there stands in no other file.
for closed in 0 1 2; do
  code=0
  case $closed in
    0) "$SAKER" detect tiny.onnx red.png --json boxes.json >out 2>err <&- || code=$? ;;
    1) "$SAKER" detect tiny.onnx red.png --json boxes.json 2>err >&- || code=$? ;;
    2) "$SAKER" detect tiny.onnx red.png missing.png --json boxes.json >out 2>&- || code=$? ;;
  esac
  last="detect with stream $closed closed"
  if [ "$closed" = 0 ]; then exits 0; else exits 1; fi
  if [ "$closed" != 1 ]; then json boxes.json '#' 1; fi
  rm -f boxes.json
done

# A link is written behind, the longest names are written, longer ones refused before any work.
echo old >target.json
ln -s target.json link.json
saker detect tiny.onnx red.png --json link.json --quiet
exits 0
json target.json '#' 1
[ -L link.json ] || complain "the link was replaced"
longest=$(printf 'n%.0s' {1..250}).json
saker bench tiny.onnx --runs 1 --json "$longest"
exits 0
exists "$longest"
saker detect tiny.onnx red.png --quiet --json "n$longest"
exits 1
says err "File name too long"
for flag in --save-vis --save-txt --save-crop; do
  saker detect tiny.onnx red.png --quiet $flag "n$longest"
  exits 1
  says err "$flag: cannot make the folder"
done

# Limits and signals end a run, and leave neither half a file nor a temporary one.
littered() {
  # shellcheck disable=SC2012
  if ls -A "$1" | grep -q tmp; then complain "temporary files are left in $1"; fi
}
mkdir many limited
for i in {1..200}; do ln red.png "many/$i.png"; done
(ulimit -f 1 && exec "$SAKER" detect tiny.onnx many --json limited/boxes.json --quiet) >out 2>err && code=0 || code=$?
last="detect under ulimit -f"
exits 1
says err "limited/boxes.json: cannot write: File too large"
littered limited
missing limited/boxes.json
for signal in INT TERM HUP; do
  mkfifo wait.png
  # Started by a program that leaves SIGINT alone: a shell's background jobs ignore it.
  env --default-signal=INT "$SAKER" detect tiny.onnx red.png wait.png --json limited/boxes.json --quiet >out 2>err &
  process=$!
  for _ in {1..100}; do
    # shellcheck disable=SC2012
    if ls -A limited | grep -q tmp; then break; fi
    sleep 0.05
  done
  kill -s $signal $process
  code=0
  wait $process || code=$?
  last="detect and SIG$signal"
  exits $((128 + $(kill -l $signal)))
  littered limited
  missing limited/boxes.json
  rm wait.png
done
finish
