#!/usr/bin/env bash
# saker bench, compare and memory on a tiny model: what they measure, write and say, and that one failure is one failure.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
"$FIXTURE" model open.onnx open-batch
"$FIXTURE" picture red.png 0 2 3
cp tiny.onnx copy.onnx
keys="backend model precision threads streams batch mean_ms p50_ms p90_ms p99_ms min_ms max_ms fps load_ms rss_before_mb rss_loaded_mb rss_warm_mb"

# Values of an input beside the picture.
"$FIXTURE" model gain.onnx gain
saker bench gain.onnx --input red.png --input gain=1 --pipeline --runs 2 --rounds 1
exits 0
saker bench gain.onnx --input red.png --runs 2 --rounds 1
exits 1
says err 'the input "gain" (float32 [1]) is no picture'
saker bench gain.onnx --input gain=1 --runs 2
exits 2
says err "--input NAME=VALUES is for pictures"

# The defaults: saker, the model alone, batch 1.
saker bench tiny.onnx --threads 1 --runs 6 --rounds 3 --warmup 1
exits 0
says out "saker, 1 thread"
says out "p50"
says out "FPS"
says out "the model alone"
saker bench tiny.onnx --runs 6 --rounds 3 --json bench.json
exits 0
says out "p50"
json bench.json '#/results' 1
json bench.json '@' "machine results ratios"
case "$(value bench.json @/results/0)" in
  "$keys "*) ;;
  *) complain "the keys of a result" ;;
esac
json bench.json /results/0/backend saker
json bench.json /results/0/precision f32
json bench.json /results/0/batch 1
json bench.json /results/0/streams 1
json bench.json /results/0/runs 6
json bench.json '#/results/0/round_ms' 3
json bench.json '#/results/0/round_ms/0' 2
json bench.json /results/0/input '[1,3,64,64]'
json bench.json /results/0/error null
json bench.json '#/ratios' 0
json bench.json /machine/cpus "$(nproc)"
for key in $keys rss_peak_mb first_ms file_mb weights_mb activations_mb; do
  case $key in backend | model | precision) ;; *) positive bench.json "/results/0/$key" ;; esac
done
# Order of the figures.
awk -v a="$(value bench.json /results/0/min_ms)" -v b="$(value bench.json /results/0/p50_ms)" \
  -v c="$(value bench.json /results/0/p99_ms)" -v d="$(value bench.json /results/0/max_ms)" \
  'BEGIN { exit !(a <= b && b <= c && c <= d) }' || complain "min <= p50 <= p99 <= max"
saker bench tiny.onnx --runs 2 --json
exits 0
json out '#/results' 1

# Every combination, and who is compared with whom.
saker bench open.onnx --threads 1,2 --batch 1,2 --runs 6 --rounds 3 --json grid.json
exits 0
json grid.json '#/results' 4
json grid.json /results/0/threads 1
json grid.json /results/1/threads 2
json grid.json /results/2/batch 2
json grid.json /results/2/input '[2,3,64,64]'
json grid.json '#/ratios' 3
json grid.json /ratios/0/figure p50_ms
json grid.json /ratios/1/figure fps
json grid.json /ratios/0/reference/threads 1
json grid.json /ratios/0/rounds 3
positive grid.json /ratios/0/ratio /ratios/0/low /ratios/0/high
saker bench tiny.onnx --backend saker,saker --runs 2 --rounds 2
exits 0
says out "too few rounds to tell"
saker bench tiny.onnx copy.onnx --runs 2 --json two.json
exits 0
json two.json /results/1/model copy.onnx
json two.json '#/ratios' 0

# Streams, seconds, pictures, the pipeline, layers.
saker bench tiny.onnx --streams 3 --threads 1 --runs 4 --rounds 2 --json streams.json
exits 0
json streams.json /results/0/streams 3
json streams.json /results/0/runs 12
saker bench tiny.onnx --hint throughput --runs 2 --json auto.json
exits 0
positive auto.json /results/0/streams
json auto.json /results/0/hint throughput
# With streams of the engine's choice, threads are those of all of them.
saker bench tiny.onnx --streams auto --threads 3 --runs 2 --json auto.json
exits 0
json auto.json /results/0/streams 3
json auto.json /results/0/threads 1
saker bench tiny.onnx --seconds 0.05 --rounds 2 --json seconds.json
exits 0
positive seconds.json /results/0/runs
saker bench tiny.onnx --seconds 0.001 --rounds 200 --warmup 0 --json short.json
exits 0
json short.json '#/results/0/round_ms' 200
saker bench tiny.onnx --input red.png --runs 2 --json picture.json
exits 0
json picture.json /results/0/what model
saker bench open.onnx --pipeline --input red.png --batch 2 --runs 3 --json pipeline.json
exits 0
says out "picture to boxes"
says out "fit into the input"
json pipeline.json /results/0/what "picture to boxes"
json pipeline.json /results/0/batch 2
positive pipeline.json /results/0/stages_ms/model /results/0/stages_ms/preprocess
saker bench tiny.onnx --pipeline --runs 2 --streams 2 --threads 1
exits 0
saker bench open.onnx --runs 2 --layers --json --isa baseline
exits 0
json out /results/0/isa baseline
json out '@/results/0/layers/0' "name kernel arithmetic output ms flops bytes gflops_per_s share_of_peak"
positive out /results/0/layers/0/bytes
saker bench tiny.onnx --runs 2 --layers
says out "GFLOP/s"
says out "% of peak"

# Reports.
saker bench tiny.onnx --threads 1,2 --runs 6 --rounds 3 --md bench.md --html bench.html
exits 0
says bench.md "| saker, 2 threads |"
says bench.html "<html"
says bench.html "data:image/png;base64,"

# Names with bytes that are not UTF-8, or with what Markdown and HTML would obey.
latin=$'gr\xfcn'
mkdir "$latin"
cp tiny.onnx "$latin/$latin.onnx"
cp red.png "$latin/$latin.png"
saker bench "$latin/$latin.onnx" --input "$latin" --runs 1
exits 0
says out 'gr\xfcn/gr\xfcn.onnx: the model alone'
saker memory "$latin/$latin.onnx"
exits 0
saker compare "$latin/$latin.onnx" tiny.onnx --runs 1
exits 0
saker bench tiny.onnx --input "$latin/none.png" --runs 1
exits 1
saker bench "$latin/$latin.png" --runs 1
exits 1
says err 'saker: gr\xfcn/gr\xfcn.png: the file is a picture'
hostile='<img src=x onerror=alert(5)>.onnx'
cp tiny.onnx "$hostile"
saker bench "$hostile" --runs 1 --md hostile.md
exits 0
if grep -q '<img' hostile.md; then complain "a name is HTML in Markdown"; fi
says hostile.md '&lt;img src=x'

# Small stacks; and without /proc, where whoever may do that.
(
  ulimit -s "${SAKER_SANITIZED:+10}64"  # sanitizers take ten times as much
  saker bench tiny.onnx --runs 1
  exits 0
  [ "$failures" -eq 0 ]
) || complain "it needs a larger stack"
if unshare -rm mount -t tmpfs none /proc 2>/dev/null; then
  code=0
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare -rm sh -c 'mount -t tmpfs none /proc && exec "$0" bench tiny.onnx' "$SAKER" >out 2>err || code=$?
  last="saker bench without /proc"
  exits 1
  says err "/proc is not mounted"
fi

# A backend that fails, beside one that works.
saker bench tiny.onnx --backend saker,no-such-engine --runs 3 --json mixed.json
exits 1
says err "no-such-engine"
says out "Failed"
json mixed.json '#/results' 2
positive mixed.json /results/0/p50_ms
json mixed.json /results/1/p50_ms null
json mixed.json /results/1/fps null
case "$(value mixed.json /results/1/error)" in *no-such-engine*) ;; *) complain "the error names the engine" ;; esac
saker bench tiny.onnx --batch 1,2 --runs 3 --json fixed.json
exits 1
says err "--batch asks for batch 2, but the file fixes it at 1"
positive fixed.json /results/0/p50_ms
saker bench red.png --runs 2
exits 1
says err "red.png"
saker bench tiny.onnx --input tiny.onnx --runs 2
exits 1
saker bench tiny.onnx --precision bf16 --isa baseline --runs 2
exits 1
says err "precision bf16"
saker bench tiny.onnx --precision f16 --runs 2
exits 1
says err "f32"

# The process that measures dies: an error of its line, told with how it ended.
child_of() { # child_of PID: one of its children, once it has one
  local child=
  until [ -n "$child" ] || ! kill -0 "$1" 2>/dev/null; do
    child=$(awk -v parent="$1" '{ sub(/^.*\) /, ""); if ($2 == parent) { split(FILENAME, p, "/"); print p[3]; exit } }' \
      /proc/[0-9]*/stat 2>/dev/null || true)
  done
  echo "$child"
}
last="a child that is killed"
code=0
"$SAKER" bench tiny.onnx --seconds 60 --rounds 2 --json killed.json >out 2>err &
bench=$!
child=$(child_of "$bench")
kill -KILL "$child"
wait "$bench" || code=$?
exits 1
says err "signal 9"
json killed.json /results/0/p50_ms null

# SIGINT ends the command and its children, and leaves nothing half-written. (A shell's background
# jobs ignore SIGINT; timeout's do not.)
last="SIGINT"
code=0
timeout --signal=INT --preserve-status 2 "$SAKER" bench tiny.onnx --seconds 600 --json interrupted.json >out 2>err || code=$?
exits 130
missing interrupted.json
for file in interrupted.json.*; do missing "$file"; done
children_left() {
  local process
  for process in /proc/[0-9]*; do
    if [ "$(readlink "$process/cwd" 2>/dev/null)" = "$work" ] && grep -qs "bench-child" "$process/cmdline"; then return 0; fi
  done
  return 1
}
for _ in $(seq 100); do # they are killed at once, but not in no time
  children_left || break
  sleep 0.1
done
if children_left; then complain "a child is left"; fi

# memory
saker memory tiny.onnx --threads 1
exits 0
says out "activations"
says out "tiny.onnx, saker, 1 thread"
saker memory tiny.onnx --json memory.json
exits 0
for key in file_mb rss_before_mb rss_loaded_mb rss_warm_mb rss_peak_mb weights_mb activations_mb; do
  positive memory.json "/results/0/$key"
done
saker memory tiny.onnx copy.onnx --threads 1
exits 0
if grep -q "copy.onnx, copy.onnx" out; then complain "a model's name twice in its line"; fi
saker memory tiny.onnx --low-memory --json memory.json
exits 0
json memory.json /results/0/low_memory true
SAKER_CACHE=$work/cache saker bench tiny.onnx --runs 3 --rounds 3 --autotune --low-memory --json bench.json
exits 0
json bench.json /results/0/autotune true
json bench.json /results/0/low_memory true
saker memory nothing.onnx
exits 1
says err "nothing.onnx: no such file"

# compare
saker compare tiny.onnx copy.onnx --runs 6 --rounds 3 --json compare.json --md compare.md --html compare.html
exits 0
says out "times as fast"
says out "copy.onnx"
json compare.json '#/results' 2
json compare.json '#/ratios' 1
json compare.json /ratios/0/reference/model tiny.onnx
says compare.md "copy.onnx"
says compare.html "<html"
mkdir val
cp red.png val/red.png
cat >val.json <<'JSON'
{"images": [{"id": 1, "file_name": "red.png", "width": 64, "height": 64}],
 "categories": [{"id": 1, "name": "red"}, {"id": 2, "name": "green"}, {"id": 3, "name": "blue/cyan"}],
 "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [16, 24, 8, 8], "area": 64, "iscrowd": 0}]}
JSON
saker compare tiny.onnx copy.onnx --runs 2 --data val.json --images val --json map.json
exits 0
says out "mAP50-95"
json map.json /results/0/map50 "$(value map.json /results/1/map50)"
positive map.json /results/0/map50
saker compare open.onnx --batch 1,2 --runs 2 --data val.json --images val --json map.json
exits 0
positive map.json /results/0/map50
json map.json /results/1/map50 "$(value map.json /results/0/map50)"
saker compare tiny.onnx copy.onnx --runs 2 --data nothing.json --json
exits 1
says err "--data nothing.json: no such file"
silent out
echo '{' >broken.json
saker compare tiny.onnx copy.onnx --runs 2 --data broken.json --json
exits 1
says err "broken.json"
positive out /results/0/p50_ms
json out /results/0/map50 null
echo "no picture" >val/text.png
sed 's|"images": \[|&{"id": 2, "file_name": "text.png", "width": 64, "height": 64},|' val.json >two.json
saker compare tiny.onnx copy.onnx --runs 2 --data two.json --images val
exits 1
says err "--skip-bad goes on without such pictures"
saker compare tiny.onnx copy.onnx --runs 2 --data two.json --images val --skip-bad --json map.json
exits 0
positive map.json /results/0/map50
saker compare tiny.onnx copy.onnx --data val.json --json val.json
exits 2
says err "--json would overwrite val.json"
saker compare tiny.onnx copy.onnx --images val
exits 2
says err "--images, --split, --skip-bad and --crowd-as-object are for --data"
saker compare tiny.onnx
exits 2
says err "nothing to compare"
# An engine for each file.
saker compare tiny.onnx copy.onnx tiny.onnx --backend saker,auto,saker --pairwise --runs 2 --json pairs.json
exits 0
json pairs.json '#/results' 3
json pairs.json /results/1/model copy.onnx
json pairs.json /results/2/model tiny.onnx
saker compare tiny.onnx copy.onnx --backend saker --pairwise --runs 2
exits 2
says err "--pairwise: 2 files and 1 engines; name an engine for each file"

# wrong FLAG VALUE MESSAGE
wrong() {
  saker bench tiny.onnx "$1" "$2"
  exits 2
  says err "$3"
  silent out
}
wrong --runs 0 "--runs: 0 is not between"
wrong --rounds 100000 "--rounds: 100000 is not between"
wrong --seconds -1 "--seconds: -1 is not between"
wrong --batch 1,0 "--batch: 0 is not between"
wrong --threads 1,x "--threads: 'x' is not a whole number"
wrong --streams 0 "--streams: '0' is not a number from 1 to 256"
wrong --hint speed "--hint: 'speed' is not one of latency, throughput"
wrong --precision int8 "--precision: 'int8' is not one of f32"
wrong --md tiny.onnx "--md would overwrite tiny.onnx"
wrong --json tiny.onnx "--json would overwrite tiny.onnx"
saker bench tiny.onnx --json same.json --html same.json
exits 2
says err "name the same file"
saker bench tiny.onnx --threads "$(seq -s, 1 20)" --batch "$(seq -s, 1 20)"
exits 2
says err "400 combinations"
saker bench tiny.onnx --pipeline --shape images=1x3x64x64
exits 2
saker bench tiny.onnx --json nowhere/bench.json
exits 1
silent out
saker bench tiny.onnx --input nothing.png
exits 1
says err "nothing.png"
cmp -s tiny.onnx copy.onnx || complain "the model was changed"
finish
