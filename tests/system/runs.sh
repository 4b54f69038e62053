#!/usr/bin/env bash
# saker runs: runs of Ultralytics, YOLOv5 and our own side by side; and that Python's tools read our run folders.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
: "${SAKER_SOURCE:?the source tree}"
cp -r "$SAKER_SOURCE/src/runs/testdata" theirs

# ---- help and wrong usage ----
saker runs --help
exits 0
silent err
says out "Usage: saker runs DIR..."
says out "Examples:"
saker runs
exits 2
says err "DIR is missing"
saker runs theirs --colour
exits 2
says err "unknown flag --colour"
saker runs theirs/ultralytics --out - --json -
exits 2
says err "--out and --json both go to stdout"
saker runs theirs/ultralytics --out theirs/ultralytics/sgd/results.csv
exits 2
says err "--out would overwrite theirs/ultralytics/sgd/results.csv"
saker runs nowhere
exits 1
says err "nowhere: no such file or folder"
saker runs theirs
exits 1
says err "theirs: no run: there is no results.csv in it or in the folders in it"
mkdir -p broken/run
printf 'epoch,time\n1,2\n2,soon\n' >broken/run/results.csv
saker runs broken --out broken.html
exits 1
says err "broken/run/results.csv:3: 'soon' in the column time is not a number"
missing broken.html
saker runs theirs/ultralytics --out nowhere/page.html
exits 1

# ---- the table ----
mkdir ours
"$FIXTURE" run ours 5
saker runs theirs/ultralytics theirs/yolov5 ours
exits 0
silent err
same "the first lines" "4 runs

run    epochs  best epoch  mAP50-95   mAP50  precision  recall    time
adamw      40          39    0.4797  0.8691     0.8703  0.8000  16.2 s" "$(head -n 4 out | sed 's/16\.[0-9] s/16.2 s/')"
says out "ours        5           5    0.0500  0.1000     0.5000  0.2500  50.0 s"
says out "exp        12          10    0.0004  0.0019     0.0024  0.1818       -"
says out "train/obj_loss"
same "an argument that differs" "optimizer AdamW SGD SGD -" "$(grep "^optimizer" out | xargs)"

# ---- the page ----
saker runs theirs/ultralytics theirs/yolov5/exp --out runs.html
exits 0
for title in mAP50-95 mAP50 train/box_loss val/dfl_loss "learning rate (of the weights)" "Arguments that differ"; do
  says runs.html "$title"
done
if grep -qE '(src|href)="?http' runs.html; then complain "the page should load nothing"; fi
saker runs theirs/ultralytics --out -
exits 0
says out "</html>"

# ---- JSON ----
saker runs theirs/ultralytics/sgd theirs/yolov5/exp/results.csv ours --json
exits 0
json out '#/runs' 3
json out /runs/0/name sgd
json out /runs/0/epochs 30
json out /runs/1/best_epoch 10
json out /runs/1/seconds null
json out /runs/2/val_losses/box_loss 1
json out /runs/2/args/name "x: y"
json out /differing_args/epochs/2 5

# ---- a run that goes on: a row that is half written, then killed and resumed ----
printf '6,60,0.6' >>ours/results.csv
saker runs ours --json
json out /runs/0/epochs 5
"$FIXTURE" run ours 6 3
saker runs ours --json
json out /runs/0/epochs 6
same "epochs" "1 2 3 4 5 6" "$(cut -d, -f1 ours/results.csv | tail -n +2 | xargs)"

# ---- killed at any moment: whole rows ----
mkdir killed
for seconds in 0.01 0.02 0.03 0.05 0.08; do
  timeout -s KILL "$seconds" "$FIXTURE" run killed 100000 2>/dev/null || true
  [ -e killed/results.csv ] || continue
  same "the last byte" 0a "$(tail -c 1 killed/results.csv | od -An -tx1 | tr -d ' ')"
  same "fields of each line" 15 "$(awk -F, '{ print NF }' killed/results.csv | sort -u | xargs)"
done

# ---- Python's tools ----
python=${PYTHON:-python3}
has() { "$python" -c "import $1" 2>/dev/null; }
if has tensorboard; then
  "$python" - <<'END' >listed 2>&1 || complain "TensorBoard should read the events: $(tail -n 3 listed)"
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator("ours")
events.Reload()
with open("ours/results.csv") as file:
    rows = [line.strip().split(",") for line in file]
columns = rows.pop(0)
assert sorted(events.Tags()["scalars"]) == sorted(columns[2:]), events.Tags()
for i, column in enumerate(columns[2:], 2):
    seen = [(s.step, s.value) for s in events.Scalars(column)]
    expected = [(int(row[0]), float(row[i])) for row in rows]
    assert len(seen) == len(expected), (column, seen)  # the epochs of before the kill are void
    for (step, value), (epoch, number) in zip(seen, expected):
        assert step == epoch and abs(value - number) <= 1e-5 * abs(number), (column, seen)
END
else
  echo "not tried: $python has no tensorboard"
fi
if has pandas; then
  same "pandas" "6 15 0.06" "$("$python" -c "
import pandas
table = pandas.read_csv('ours/results.csv')
print(*table.shape, table['metrics/mAP50-95(B)'].max())")"
else
  echo "not tried: $python has no pandas"
fi
finish
