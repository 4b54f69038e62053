#!/usr/bin/env bash
# Every command without memory: its allocations fail one at a time, or one and all after it. Then it says so and exits
# with 1, or gets over it with the right result; it never dies by a signal and leaves nothing half-written.
#
#   SAKER_FAILURES=N   so many places a command and way are tried [12]; all: every one
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
: "${FAILING:?the library of failing allocations}"
"$FIXTURE" model tiny.onnx
mkdir pictures
"$FIXTURE" picture pictures/red.ppm 0 2 3
"$FIXTURE" picture pictures/mixed.png 0 1 1 1 6 2 2 4 4
"$FIXTURE" picture pictures/grey.jpg 2 4 4
cat >coco.json <<'J'
{"images":[{"id":1,"file_name":"red.ppm","width":64,"height":64},{"id":2,"file_name":"mixed.png","width":64,"height":64}],
"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[16,24,8,8],"area":64,"iscrowd":0},
{"id":2,"image_id":2,"category_id":2,"bbox":[8,8,8,8],"area":64,"iscrowd":0}],
"categories":[{"id":1,"name":"red"},{"id":2,"name":"green"},{"id":3,"name":"blue/cyan"}]}
J
"$SAKER" quantize tiny.onnx --data-dir pictures --out int8.onnx --force --quiet
runs=0

# Runs "$SAKER" with what was given, in a new folder "made"; its exit code in $code.
run_once() {
  rm -rf made
  mkdir made
  code=0
  LD_PRELOAD=$FAILING timeout 60 "$SAKER" "$@" >out 2>err || code=$?
  runs=$((runs + 1))
}

# fails_well COMMAND...: files go to made/. COMPARE=no: what it says differs each time.
fails_well() {
  local total step=1 how at
  rm -f count
  FAIL_COUNT=count run_once "$@"
  last="saker $*"
  exits 0
  cp out out.right
  rm -rf made.right
  mv made made.right
  total=$(sort -n count | tail -n 1)
  if [ "${SAKER_FAILURES:-12}" != all ]; then step=$((total / ${SAKER_FAILURES:-12} + 1)); fi
  for how in 0 1; do
    for ((at = 1 + RANDOM % step; at <= total; at += step)); do
      FAIL_AT=$at FAIL_ALL=$how run_once "$@"
      last="FAIL_AT=$at FAIL_ALL=$how of $total: saker $*"
      case $code in
        0)
          # A picture that is left out is said to be, and makes another result; an engine that does not start, too.
          if [ "${COMPARE:-yes}" = yes ] && ! grep -q "^saker: left out: " err && ! grep -q "saker_[a-z]*[.]so: " out; then
            cmp -s out out.right || complain "other output than with memory"
            diff -r made made.right >/dev/null || complain "other files than with memory"
          fi
          ;;
        1) [ -s err ] || [ -s out ] || complain "it says nothing" ;;
        *) complain "exit code 0 or 1 expected" ;;
      esac
      # shellcheck disable=SC2012
      if ls -A made | grep -q '\.tmp'; then complain "a temporary file is left"; fi
    done
  done
}

fails_well detect tiny.onnx pictures --format coco --out made/boxes.json --save-vis made/vis --save-txt made/txt
fails_well detect int8.onnx pictures --format yolo --inter 3 --save-crop made/crop
fails_well detect tiny.onnx pictures --format yolo --batch 2
fails_well eval tiny.onnx --data coco.json --images pictures --save-json made/results.json --quiet
COMPARE=no fails_well eval tiny.onnx --data coco.json --images pictures --report made/report --quiet
fails_well inspect tiny.onnx --plan --why --json made/inspect.json
fails_well quantize tiny.onnx --data-dir pictures --out made/q.onnx --force --quiet
COMPARE=no fails_well doctor int8.onnx --float tiny.onnx --data-dir pictures
COMPARE=no fails_well bench tiny.onnx --runs 2 --rounds 1 --warmup 0 --json made/b.json --html made/b.html --md made/b.md
COMPARE=no fails_well memory tiny.onnx
COMPARE=no fails_well compare tiny.onnx int8.onnx --runs 2 --rounds 1 --warmup 0 --data coco.json --images pictures
fails_well backends --json made/backends.json
fails_well data check coco.json --images pictures --decode --json made/check.json
fails_well data convert coco.json --images pictures --to yolo --out made/yolo --copy
fails_well data convert coco.json --images pictures --to coco --out made/again.json
fails_well data calib --data coco.json --images pictures --per-class 1 --out made/calib --copy
fails_well data sample --out made/sample.jpg
fails_well data classes
fails_well pull --list
mkdir run
"$FIXTURE" run run 2
fails_well runs run --out made/runs.html --json made/runs.json
echo "$runs runs"
finish
