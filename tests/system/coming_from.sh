#!/usr/bin/env bash
# docs/coming-from.md and README.md: runs each command of the pages, which is every code span, and every line of a code
# block, of "saker " and two words or more, in a folder that has the files the pages name. Training is cut short. TRAINER: saker-train, or nothing; its commands are skipped
# then, as are those for engines that are not installed.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

# ---- the saker that the page's commands find ----
export SAKER_CACHE=$work/cache
if [ -x "${TRAINER:-}" ]; then PATH=$PATH:$(dirname "$TRAINER"); fi
mkdir bin
cat >bin/saker <<END
#!/bin/sh
case \$1 in
  train) exec "$SAKER" "\$@" --epochs 1 --batch 2 --imgsz 32 --threads 1 --workers 1 --multi-scale 0 --plots False ;;
  quantize | sparsify) exec "$SAKER" "\$@" --force ;;  # the guard wants more pictures
  data) if [ "\$2" = synth ]; then exec "$SAKER" "\$@" --size 64 --threads 1; fi ;;
esac
exec "$SAKER" "\$@"
END
chmod +x bin/saker

# ---- the files that the page names ----
# pictures FOLDER COUNT [LABELS]: blocks in changing places, and their boxes
pictures() {
  local i c x y
  mkdir -p "$1" "${3:-$1}"
  for i in $(seq "$2"); do
    c=$((i % 2)) x=$((i * 5 % 7)) y=$((i * 3 % 8))
    "$FIXTURE" picture "$1/p$i.png" $c $x $y $((1 - c)) $((7 - x)) $((7 - y)) 2 $((i % 8)) $((i / 8 + 1))
    if [ $# -lt 3 ]; then continue; fi
    awk -v c=$c -v x=$x -v y=$y 'BEGIN { print c, (x + 0.5) / 8, (y + 0.5) / 8, 1 / 8, 1 / 8 }' >"$3/p$i.txt"
  done
}

# street.mp4, if there is what makes it and what reads it
make_video() {
  ffmpeg -v error -framerate 5 -pattern_type glob -i 'pictures/*.png' -vf scale=96:64 -c:v mpeg4 street.mp4 2>ffmpeg.log || return 0
  "$SAKER" annotate best.onnx --source street.mp4 --no-save --quiet 2>plugin.log || rm street.mp4
  printf 'lines:\n  gate: [[0.5, 0], [0.5, 1]]\n' >gate.yaml
}

make_files() {
  local name
  mkdir -p models cams runs/train/one
  # Eleven layers, of which ten can be frozen, and a head of three scales.
  for name in small_v8.yaml small_v5.yaml; do
    echo 'backbone:' >$name
    printf -- '- [-1, 1, Conv, [8, %s]]\n' '3, 8' 1 1 1 1 1 1 1 1 '3, 2' '3, 2' >>$name
    echo 'head:' >>$name
  done
  echo '- [[8, 9, 10], 1, Detect, [nc]]' >>small_v8.yaml
  printf '%s\n' '- [[8, 9, 10], 1, Detect, [nc, anchors]]' 'anchors: 3' 'depth_multiple: 1' 'width_multiple: 1' >>small_v5.yaml
  printf -- '---\npruning_modifiers:\n  - !GMPruningModifier\n    %s\n---\n' \
    '{params: __ALL_PRUNABLE__, final_sparsity: 0.5, start_epoch: 0, end_epoch: 1}' >prune.md
  for name in best.pt yolov8n.pt; do "$FIXTURE" checkpoint $name small_v8.yaml red green; done
  "$FIXTURE" checkpoint yolov5s.pt small_v5.yaml red green
  mv small_v8.yaml yolov8n.yaml
  cp small_v5.yaml yolov5n.yaml
  mv small_v5.yaml models/yolov5s.yaml
  "$FIXTURE" checkpoint yolox_s.pth yolox red green
  printf 'red\ngreen\n' >classes.txt
  "$FIXTURE" model best.onnx open-batch
  pictures pictures 6
  cp -r pictures calib
  make_video
  for name in cams/a.jpg cams/b.jpg street.jpg; do "$SAKER" data sample --size 96x128 --out $name; done
  ls pictures/*.png >list.txt
  for name in train val test; do pictures images/$name 4 labels/$name; done
  printf 'path: .\ntrain: images/train\nval: images/val\ntest: images/test\nnames: [red, green]\n' >data.yaml
  "$SAKER" data convert data.yaml --split train --to coco --out train.json
  "$SAKER" data convert data.yaml --to coco --out val.json
  "$SAKER" eval best.onnx --data val.json --save-json results.json --quiet
  cp results.json other.json
  "$SAKER" export best.onnx --format openvino --out best.xml
  "$SAKER" export best.onnx --format openvino
  "$SAKER" quantize best.onnx --data-dir calib --force --out int8.onnx --quiet
  "$SAKER" export yolox_s.pth --out yolox_s.onnx
  "$FIXTURE" run runs/train/one 3
  cp best.onnx yolov8n.onnx
  cp train.json instances_train.json
  if [ -x "${TRAINER:-}" ]; then "$work/bin/saker" train --data data.yaml --cfg yolov8n.yaml; fi
  printf 'lr0: 0.01\nmomentum: 0.937\n' >hyp.scratch.yaml
  printf 'depth: 0.33\nwidth: 0.125\nnum_classes: 2\ndata_dir: .\ntrain_ann: train.json\nval_ann: val.json\n' >yolox_s.yaml
}

# ---- running ----
# shellcheck disable=SC2016 # literal backquotes
commands_of() {
  # What follows three spaces in a block is a remark.
  awk '/^```/ { block = !block; next }
    block && /^saker / { sub(/   .*/, ""); print "`" $0 "`"; next }
    { print }' "$1" | grep -oE '`saker [^` ]+ [^`]+`' | tr -d '`' | awk '!seen[$0]++'
}

# rows_without_command PAGE: of tables headed "theirs | saker", those whose second column is no command
rows_without_command() {
  awk -F ' \\| ' '/^\| theirs \| saker \|$/ { table = 1; next }
    !/^\|/ { table = 0 }
    table && !/^\| --- / && ($NF !~ /^`saker [^`]+` \|$/)' "$1"
}

# lacks COMMAND: what has to be installed for it and is not
lacks() {
  if [[ $1 == "saker train "* && ! -x ${TRAINER:-} ]]; then echo "saker-train"; fi
  if [[ $1 == "saker serve "* && ! -x $(dirname "$SAKER")/saker-serve ]]; then echo "saker-serve"; fi
  if [[ $1 =~ ^saker\ annotate\ .*(--camid|--source\ [0-9]|--source\ [a-z]+://) ]]; then
    echo "a camera"
  elif [[ $1 =~ ^saker\ annotate\ .*\.mp4 && ! -s files/street.mp4 ]]; then
    echo "ffmpeg, or the plug-in for videos"
  fi
  local engine
  for engine in onnxruntime openvino torchscript; do
    if [[ $1 =~ --backend\ [a-z,]*$engine ]] && ! grep -q "^$engine .*/" engines; then echo "$engine"; fi
  done
}

# As a person's shell would run it, in a fresh copy of the files; leaves code, out and err. A server is told to end
# after a while, and has to end well.
run_command() {
  local limit=(120)
  if [[ $1 == "saker serve "* ]]; then limit=(--preserve-status 5); fi
  rm -rf here
  cp -r files here
  code=0
  last=$1
  (cd here && PATH=$work/bin:$PATH timeout "${limit[@]}" bash -c "exec $1") >out 2>err </dev/null || code=$?
}

# run_page PAGE: leaves how many commands were `ran`, and those that were skipped and that failed, a line each.
run_page() {
  local command missing
  ran=0
  : >skipped
  rows_without_command "$1" | sed 's/^/no command in: /' >failed
  while read -r command; do
    missing=$(lacks "$command")
    if [ -n "$missing" ]; then
      echo "$command ($(paste -sd, <<<"$missing"))" >>skipped
      continue
    fi
    run_command "$command"
    ran=$((ran + 1))
    if [ "$code" -ne 0 ]; then
      printf '%s: exit code %s\n' "$command" "$code" >>failed
      head -n 5 err | sed 's/^/    /' >>failed
    fi
  done < <(commands_of "$1")
}

mkdir files
(cd files && make_files) >out
"$SAKER" backends >engines 2>err

# ---- what it must notice ----
cat >wrong.md <<'END'
| theirs | saker |
| --- | --- |
| `detect.py` | `saker detect best.onnx street.jpg --confg 0.4` |
| `val.py` | `saker eval nowhere.onnx --data data.yaml` |
| `val.py` | saker eval best.onnx --data data.yaml |
| `detect.py` | `saker detect best.onnx street.jpg` |

Text has commands, too: `saker detect street.jpg`, but `saker detect` is only a name.
END
run_page wrong.md
last="a page with four mistakes"
same "commands" 4 "$ran"
same "what is wrong with them" 4 "$(grep -c -v '^    ' failed)"
says failed "did you mean --conf"
says failed "no command in: | \`val.py\` | saker eval best.onnx"

# ---- the pages ----
all=0
for page in docs/coming-from.md README.md; do
  run_page "$SAKER_SOURCE/$page"
  last="the commands of $page"
  cat failed >&2
  same "failed commands" 0 "$(grep -c -v '^    ' failed)"
  if [ "$ran" -lt 10 ]; then complain "only $ran commands were found"; fi
  echo "$page: $ran commands run, $(wc -l <skipped) skipped for what is not installed"
  sed 's/^/  skipped: /' skipped
  all=$((all + ran))
done
if [ "$all" -lt 80 ]; then complain "only $all commands were found"; fi
finish
