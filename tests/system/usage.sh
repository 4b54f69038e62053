#!/usr/bin/env bash
# Help, versions, wrong flags and wrong arguments: exit codes and suggestions.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
"$FIXTURE" picture red.png 0 2 3

saker
exits 2
says err "Usage: saker COMMAND"
silent out
saker --help
exits 0
says out "detect"
silent err
saker --version
exits 0
says out "saker 0."

for command in detect bench inspect; do
  saker $command --help
  exits 0
  says out "Usage: saker $command MODEL"
  says out "Examples:"
  says out "--json [FILE]"
  saker help $command
  exits 0
  says out "Usage: saker $command MODEL"
  saker $command
  exits 2
  says err "MODEL is missing"
  silent out
done

saker detec tiny.onnx red.png
exits 2
says err "saker: unknown command detec: did you mean detect?"
saker --verson
exits 2
says err "did you mean --version?"
saker tiny.onnx red.png
exits 2
says err "saker detect tiny.onnx red.png"

saker detect tiny.onnx red.png --confg .3
exits 2
says err "unknown flag --confg: did you mean --conf?"
saker detect tiny.onnx red.png --save_vis=out
exits 2
says err "did you mean --save-vis?"
saker detect --confidence .3
exits 2
says err "did you mean --conf?"
saker bench tiny.onnx --thread 2
exits 2
says err "did you mean --threads?"
saker inspect tiny.onnx --qqqqqqqq
exits 2
says err "unknown flag --qqqqqqqq"
if grep -q "did you mean" err; then complain "nothing is near --qqqqqqqq"; fi

saker detect tiny.onnx
exits 2
says err "SOURCE is missing"
saker inspect tiny.onnx more
exits 2
says err "too many arguments: more"

# What is written into nowhere has not been written.
for words in "--help" "help detect" "data --help" "data check --help" "--version"; do
  code=0
  # shellcheck disable=SC2086 # several words
  "$SAKER" $words >/dev/full 2>err || code=$?
  last="saker $words >/dev/full"
  exits 1
  says err "standard output: cannot write"
done

# Empty values: variables that are not set, lists of commas.
saker detect tiny.onnx red.png --classes ,,,, --threads 1
exits 2
says err "saker: --classes ,,,,: empty name"
saker bench tiny.onnx --threads ""
exits 2
says err "--threads : empty name"
for flag in --out --json --save-vis --save-txt --save-crop --labels --allowed-classes-file; do
  saker detect tiny.onnx red.png $flag ""
  exits 2
  says err "saker: $flag needs a f"
  saker detect tiny.onnx red.png $flag=
  exits 2
  says err "saker: $flag needs a f"
done
for flag in --json --md --html --input; do
  saker bench tiny.onnx --runs 1 $flag ""
  exits 2
  says err "saker: $flag needs a "
done
saker eval tiny.onnx --data ""
exits 2
says err "saker: --data needs a file or folder"
saker bench tiny.onnx --shape =
exits 2
says err "--shape: '=': write input=1x3x640x640"
saker inspect tiny.onnx --shape nonsense
exits 2
saker detect tiny.onnx - - --inter 2
exits 2
says err "- twice"

# wrong FLAG VALUE MESSAGE
wrong() {
  saker detect tiny.onnx red.png "$1" "$2"
  exits 2
  says err "$3"
  silent out
}
wrong --conf 1.5 "--conf: 1.5 is not between 0 and 1"
wrong --conf abc "--conf: 'abc' is not a number"
wrong --iou -1 "--iou: -1 is not between 0 and 1"
wrong --max-det 0 "--max-det: 0 is not between"
wrong --batch 2.5 "--batch: '2.5' is not a whole number"
wrong --imgsz 64by64 "--imgsz: '64by64' is not a size"
wrong --imgsz 0 "--imgsz: '0' is not a size"
wrong --imgsz 0 "each 1 to 8192"
wrong --imgsz 100000 "each 1 to 8192"
wrong --format xml "--format: 'xml' is not one of table, json"
wrong --head yolo8 "--head: 'yolo8' is not one of auto, yolov5"
wrong --isa sse "--isa: no level 'sse'"
wrong --color gbr "--color: 'gbr' is not one of rgb, bgr"
wrong --mean 1,2 "--mean: '1,2' is not three numbers"
wrong --std 1,0,1 "--std: pixels cannot be divided by 0"
wrong --threads 0 "--threads: 0 is not between"
saker detect tiny.onnx red.png --conf
exits 2
says err "--conf needs a value"
saker detect tiny.onnx red.png --letterbox --stretch
exits 2
saker detect tiny.onnx red.png --json --format yolo
exits 2
says err "both go to stdout"
saker detect red.png tiny.onnx
exits 2
says err "the model comes first: saker detect tiny.onnx red.png"

# What follows --json is its FILE, but never a picture that would be lost.
cp red.png other.png
saker detect tiny.onnx --json red.png other.png
exits 2
says err "--json would overwrite red.png"
cmp -s red.png other.png || complain "red.png was changed"
saker detect tiny.onnx --json red.png
exits 0
json out /0/image red.png

saker detect tyni.onnx red.png
exits 1
says err "tyni.onnx: no such file"
says err "did you mean tiny.onnx?"
mkdir models
cp tiny.onnx models/
saker detect models red.png
exits 1
says err "models: is a folder"
says err "try: saker detect models/tiny.onnx"
mkdir several_openvino_model
touch several_openvino_model/{a,b}.xml
saker detect several_openvino_model red.png
exits 1
says err "several .xml files"
saker bench red.png
exits 1
says err "red.png"
: >weights.pt
saker detect weights.pt red.png
exits 1
says err "weights.pt: saker reads ONNX, OpenVINO IR and PyTorch checkpoints"
finish
