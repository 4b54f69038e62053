#!/usr/bin/env bash
# bench/signs_elsewhere.py on pictures and a model whose boxes are known; what needs Pillow only where that is installed.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
command -v python3 >/dev/null || exit 77
: "${SAKER_SOURCE:?the source tree}"
export PYTHONPATH=$SAKER_SOURCE/bench PYTHONDONTWRITEBYTECODE=1

elsewhere() {
  code=0
  "$SAKER_SOURCE/bench/signs_elsewhere.py" "$@" >out 2>err || code=$?
  last="signs_elsewhere.py $*"
}
python() {
  code=0
  python3 - >out 2>err || code=$?
  last="python3"
}

python <<'END'
import csv
import signs_boxes as s

def box(kind, left, score):
    return {'image_id': 1, 'category_id': kind, 'bbox': [left, 0, 10, 10], 'score': score}

assert abs(s.iou([0, 0, 10, 10], [5, 0, 10, 10]) - 1 / 3) < 1e-12
assert s.iou([0, 0, 10, 10], [10, 0, 10, 10]) == 0
# The better of two on one thing stays, of each class.
assert [b['score'] for b in s.merged([box(1, 1, 0.3), box(1, 0, 0.9), box(1, 9, 0.2), box(2, 0, 0.8)], 0.5)] == [0.9, 0.2, 0.8]
# An object has one box, the best; who comes later found nothing.
pairs, wrong = s.matched([box(1, 0, 0), box(1, 50, 0)], [box(1, 1, 0.3), box(1, 2, 0.9), box(2, 50, 0.5)])
assert [b and b['score'] for _, b in pairs] == [0.9, None] and [b['score'] for b in wrong] == [0.5, 0.3]
# Names of COCO, of our classes, and of neither.
assert [s.class_in(('stop', 'traffic light'), label) for label in ('stop sign', 'amber light', 'cone')] == ['stop', 'traffic light', None]
assert s.class_in(s.CLASSES, 'amber light') == 'amber light'
with open(s.__file__.replace('signs_boxes.py', 'signs_elsewhere.tsv'), encoding='utf-8') as file:
    rows = list(csv.DictReader(file, delimiter='\t'))
assert {row['class'] for row in rows} == set(s.CLASSES) and len({tuple(row.values()) for row in rows}) == len(rows) > 60
END
exits 0

# Lights on two pictures, found; a stop sign that nobody finds; a cone, which COCO does not label, and two pictures without.
"$FIXTURE" model tiny.onnx
printf 'red light\ngreen light\ncone\n' >labels.txt
mkdir -p coco/images
"$FIXTURE" picture coco/images/1.png 0 1 1 1 4 4
"$FIXTURE" picture coco/images/2.png 0 6 2 2 1 1
"$FIXTURE" picture coco/images/3.png 1 3 3
"$FIXTURE" picture coco/images/4.png
picture() { echo "{\"id\":$1,\"file_name\":\"$1.png\",\"width\":64,\"height\":64}"; }
thing() { echo "{\"id\":$1,\"image_id\":$2,\"category_id\":$3,\"bbox\":[$4,$5,8,8],\"area\":64,\"iscrowd\":0}"; }
echo "{\"images\":[$(picture 1),$(picture 2),$(picture 3),$(picture 4)],
  \"categories\":[{\"id\":1,\"name\":\"person\"},{\"id\":10,\"name\":\"traffic light\"},{\"id\":13,\"name\":\"stop sign\"}],
  \"annotations\":[$(thing 1 1 10 8 8),$(thing 2 1 10 32 32),$(thing 3 2 10 48 16),$(thing 4 2 13 0 48),$(thing 5 4 1 0 0)]}" \
  >coco/instances_some.json
elsewhere photographs --coco coco --out set
exits 0
says out "set: 4 pictures, 4 objects"
elsewhere measure set tiny.onnx --out figures --saker "$SAKER" -- --labels labels.txt
exits 0
says out "| stop | 1 | 0.000 | 0.000 | - | 0.000 | 0 | - |"
says out "| traffic light | 3 | 1.000 | 1.000 | 0.750 | 1.000 | 0 | - |"
says out "4 pictures; on the 2 without objects 1 false alarms, 0.50 a picture."
says out "not labelled here: 1 cone."
exists figures/report/report.html
json figures/figures.json /alarms 1

# Without the negatives nothing is wrong.
elsewhere photographs --coco coco --out positive --negatives 0
says out "positive: 2 pictures"

# Bad input: named, and nothing is left.
elsewhere photographs --coco coco --out new --negatives -1
exits 2
says err "--negatives"
elsewhere photographs --coco coco --out set
exits 1
says err "set: is there already"
mkdir empty
elsewhere photographs --coco empty --out new
exits 1
says err "empty: has no instances_*.json"
echo '{"images":[]}' >empty/instances_x.json
elsewhere photographs --coco empty --out new
exits 1
says err 'instances_x.json: has no "annotations"'
rm coco/images/1.png
elsewhere photographs --coco coco --out new
exits 1
says err "coco/images/1.png"
missing new
missing new.part
elsewhere measure set missing.onnx --out figures2 --saker "$SAKER"
exits 1
says err "missing.onnx"

python3 -c 'import signs_pictures' 2>/dev/null || { echo "no Pillow 11: pasting is not tested"; finish; exit; }
elsewhere clipart --packages nowhere --coco coco --out new
exits 1
says err "see --help for how to get it"
missing new
elsewhere clipart --packages nowhere --backgrounds coco --from nonsense --out new
exits 1
says err "nonsense: has no drawings"

# Of a YOLO data set only the pictures without objects are pasted on.
mkdir -p images/yolo/images/val images/yolo/labels/val
touch images/yolo/images/val/{1,2,3}.png images/yolo/labels/val/1.txt
echo '0 0.5 0.5 0.1 0.1' >images/yolo/labels/val/2.txt
python <<'END'
import signs_pictures as p
assert [name[-5:] for name in p.without_objects('images')] == ['1.png', '3.png'], list(p.without_objects('images'))
END
exits 0

# A pasted drawing lies in its box, and whole.
python <<'END'
import random
from PIL import Image, ImageChops
import signs_pictures as p

black, taken = Image.new('RGB', (320, 240)), []
for _ in range(5):
    before = black.copy()
    box = p.paste(black, Image.new('RGBA', (40, 40), 'white'), taken, random.Random(len(taken)))
    left, top, right, bottom = ImageChops.difference(black, before).convert('L').point(lambda v: 255 * (v > 127)).getbbox()
    assert max(abs(a - b) for a, b in zip(box, (left, top, right - left, bottom - top))) <= 1, (box, left, top, right, bottom)
    assert all(p.iou(box, other) == 0 for other in taken)
    taken.append(box)
END
exits 0
elsewhere sheets set figures
exits 0
exists figures/hits.jpg
says out "hits.jpg: 3 of 3"
says out "misses.jpg: 2 of 2"
finish
