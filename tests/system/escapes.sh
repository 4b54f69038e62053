#!/usr/bin/env bash
# Names that somebody else chose are shown, never obeyed: no byte that a terminal acts on reaches stdout or stderr.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
"$FIXTURE" picture red.png 0 2 3

evil=$'\e[31m\e]0;title\a\r'
turned=$'\u202e'

# Line feeds and tabs aside, no C0 controls; no DEL, no C1 controls, nothing that turns the direction of writing.
tame() {
  if LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c' out err; then
    complain "a terminal would obey it"
  fi
  if ! iconv -f UTF-8 -t UTF-8 out err >/dev/null 2>&1; then complain "not UTF-8"; fi
}

# File names.
mkdir pictures
cp red.png "pictures/good$evil.png"
cp red.png "pictures/latin"$'\xfc'".png"
echo "not a picture" >"pictures/bad$evil$turned.png"
cp tiny.onnx "model$evil.onnx"
saker detect tiny.onnx pictures
exits 1
tame
says out 'good\x1b[31m\x1b]0;title\x07\x0d.png'
says out 'latin\xfc.png'
says err '\u202e.png'
saker detect tiny.onnx pictures --format yolo
exits 1
tame
saker detect tiny.onnx pictures --json
exits 1
tame
json out '#' 2
saker inspect "model$evil.onnx"
exits 0
tame
says out 'model\x1b[31m'
saker inspect "missing$evil.onnx"
exits 1
tame
saker bench "model$evil.onnx" --runs 1 --rounds 1 --warmup 0
exits 0
tame
saker memory "model$evil.onnx"
exits 0
tame

# What the program of another engine answers.
cat >answers.sh <<'SCRIPT'
while read -r line; do
  case $line in
    *load*) printf '{"backend": "\\u001b[31mX\\u009b", "note": "n\\u0007\\u202e", "isa": "\\r", "assumed": ["\\u001b[2m"],
"threads": 1, "streams": 1, "batch": 1, "shape": [1], "load_ms": 1, "first_ms": 1, "rss_before_mb": 1,
"rss_loaded_mb": 1, "rss_warm_mb": 1, "file_mb": 1, "weights_mb": 0, "activations_mb": 0}' | tr '\n' ' ' ;;
    *round*) printf '{"ms": [1], "wall_ms": 1, "preprocess": 0, "infer": 0, "boxes": 0}' ;;
    *memory*) printf '{"rss_peak_mb": 7}' ;;
    *backends*) printf '{"\\u001b[31mX\\u009b": "1\\u001b"}' ;;
  esac
  echo
done
SCRIPT
printf 'read -r line; echo "{\\"error\\": \\"\\\\u001b[31m\\\\u202e\\"}"\n' >complains.sh
printf 'read -r line; printf "\\033[31mdying\\007" >&2; exit 3\n' >dies.sh
shown=('note: tiny.onnx: n\x07\u202e' 'x: \x1b[31m\u202e' '\x1b[31mdying\x07')
for script in answers complains dies; do
  saker bench tiny.onnx --backend x --engine-command "x=sh $script.sh" --runs 1 --md report.md
  if [ $script = answers ]; then exits 0; else exits 1; fi
  tame
  says err "${shown[0]}"
  shown=("${shown[@]:1}")
  if LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' report.md; then complain "the report, too"; fi
done

# Labels, and annotations that would forge a line.
printf 'names: ["a\\e[31m", "b\\u202Eevil", "c\\x9Bm"]\n' >names.yaml
saker detect tiny.onnx red.png --labels names.yaml
exits 0
tame
"$FIXTURE" picture three.png 0 2 3 1 5 5 2 1 1
saker detect tiny.onnx three.png --labels names.yaml
exits 0
tame
says out 'b\u202eevil'
saker data classes --from names.yaml
exits 0
tame
cat >coco.json <<'JSON'
{"images": [{"id": 1, "file_name": "\u001b[31m\nsaker: 0 errors.jpg"}], "annotations": [],
 "categories": [{"id": 1, "name": "d\u009bm"}]}
JSON
saker data check coco.json --images pictures
exits 1
tame
if grep -q '^saker: 0 errors' out; then complain "a name has forged a line"; fi
saker eval tiny.onnx --data coco.json --images pictures
exits 1
tame
printf '%s\n' "$evil" >allowed.txt
saker detect tiny.onnx red.png --allowed-classes-file allowed.txt
exits 1
tame

# Names in models.
LC_ALL=C sed $'s/level16/lev\x1b\xff16/g; s/blue.cyan/b\xe2\x80\xae31mcy/' tiny.onnx >names.onnx
for how in --plan --why; do
  saker inspect names.onnx $how
  exits 0
  tame
done
saker inspect names.onnx
exits 0
tame
says out 'lev\x1b\xff16'
saker detect names.onnx three.png
exits 0
tame

# What is typed.
for word in "--flag$evil" "--conf=$evil" "more$evil$turned"; do
  saker detect tiny.onnx red.png "$word"
  [ "$code" -ne 0 ] || complain "it should be refused"
  tame
done
saker "detec$evil"
exits 2
tame
saker inspect tiny.onnx "more$evil"
exits 2
tame
says err 'more\x1b[31m'
finish
