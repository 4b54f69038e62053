#!/usr/bin/env bash
# saker train: what it says without its program; with it the command lines of three families, what a run leaves behind,
# and going on after Ctrl-C and kill -9 (SAKER_TRAIN_KILLS times, at random moments). TRAINER: saker-train, or nothing.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

# ---- without the program ----
mkdir alone
cp "$SAKER" alone/saker
code=0
env PATH=/usr/bin:/bin alone/saker train --data x >out 2>err || code=$?
last="saker train, alone"
exits 1
says err "scripts/install_training.sh"
if [ ! -x "${TRAINER:-}" ]; then
  echo "not tried: training itself, there is no saker-train in this build"
  finish
  exit
fi

# ---- help and wrong usage ----
saker train --help
exits 0
silent err
says out "Examples:"
says out "--batch-size"
saker train --data set/data.yaml --modle yolov8n
exits 2
says err "did you mean model?"
saker train --data set/data.yaml --model yolov8n --epochs none
exits 2
says err "epochs=none: no whole number from 1"
saker train --model yolov8n --epochs
exits 2
says err "--epochs: its value is missing"
saker train --data set/data.yaml --model yolov8n --copy_paste 0.5
exits 2
says err "it needs outlines"
saker train --model yolov8n
exits 1
says err "no data are named"
saker train --data nowhere.yaml --model yolov8n
exits 1
says err "nowhere.yaml"
saker train --data nowhere.yaml --model yolov9000
exits 1
says err "no model is called so"
saker train --data nowhere.yaml --model yolov8n.pt
exits 1
says err "saker pull yolov8n"
printf 'class Exp:\n  pass\n' >exp.py
saker train -f exp.py
exits 1
says err "a program in Python"
missing runs

# ---- a data set of 12 pictures, in YOLO's form and in COCO's ----
mkdir -p set/images/train set/images/val set/labels/train set/labels/val
for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
  split='train'
  if [ "$i" -ge 8 ]; then split='val'; fi
  "$FIXTURE" picture "set/images/$split/p$i.png" $((i % 2)) $((i % 6)) $((i % 5)) $((i % 2)) $((i % 6 + 1)) $((i % 5))
  awk -v i="$i" 'BEGIN { print i % 2, (i % 6 + 1) / 8, (i % 5 + 0.5) / 8, 2 / 8, 1 / 8 }' >"set/labels/$split/p$i.txt"
done
printf 'path: .\ntrain: images/train\nval: images/val\nnames: [red, green]\n' >set/data.yaml
small=(--epochs 2 --batch 4 --imgsz 64 --threads 1 --workers 1)
saker data convert set/data.yaml --split train --to coco --out train.json
exits 0

# ---- a run and what it leaves ----
saker train data=set/data.yaml model=yolov8n epochs=2 batch=4 imgsz=64 threads=1 workers=1
exits 0
says out "yolov8n: 23 layers"
says out "2/2"
says out "all"
run=runs/train/train
for file in args.yaml results.csv results.png labels.jpg train_batch0.jpg confusion_matrix.png BoxPR_curve.png \
  weights/best.pt weights/last.pt weights/best.onnx weights/best.safetensors weights/last.safetensors; do
  exists "$run/$file"
done
same "rows" 3 "$(wc -l <"$run/results.csv")"
for file in best.onnx best.pt best.safetensors; do
  saker detect "$run/weights/$file" set/images/val/p8.png --conf 0.0001 --imgsz 64
  exits 0
done
saker export "$run/weights/best.safetensors" --format openvino
exits 0
saker runs runs/train
exits 0
says out "train"
saker train --data set/data.yaml --model yolov8n "${small[@]}" --epochs 1
exits 0
exists runs/train/train2/weights/best.pt

# ---- the same again is the same ----
saker train --data set/data.yaml --model yolov8n "${small[@]}" --name again
exits 0
weights_of() { "$TRAINER_STATE" "$1/weights/last.safetensors"; }
same "weights of the same training" "$(weights_of "$run")" "$(weights_of runs/train/again)"

# ---- the other families ----
saker train --cfg ./models/yolov5n.yaml --data set/data.yaml --hyp hyp.scratch.yaml --img 64 --batch-size 4 \
  --optimizer SGD --epochs 1 --project P --name N --threads 1
exits 0
says out "there is no file ./models/yolov5n.yaml; saker's own yolov5n is taken"
exists P/N/weights/best.pt
printf 'depth: 0.33\nwidth: 0.25\ndepthwise: true\nnum_classes: 2\ninput_size: [64, 64]\nmax_epoch: 2\nno_aug_epochs: 1\neval_interval: 1\n' >exp.yaml
saker train -f exp.yaml -d 1 -b 4 -o --data train.json --images set/images/train --val-data train.json --val-images set/images/train --threads 1
exits 0
exists runs/train/train3/weights/best.pt
saker train --data set/data.yaml --model "$run/weights/best.pt" "${small[@]}" --epochs 1 --freeze 10 --name tuned
exits 0
says out "weights taken from $run/weights/best.pt"

# A network that only its checkpoint describes, with weights in float16.
{
  echo 'backbone:'
  printf -- '- [-1, 1, Conv, [8, 3, %s]]\n' 8 2 2
  printf 'head:\n- [[0, 1, 2], 1, Detect, [nc]]\n'
} >own.yaml
"$FIXTURE" checkpoint own.pt own.yaml red green
saker train --data set/data.yaml --model own.pt "${small[@]}" --epochs 1 --name own
exits 0
exists runs/train/own/weights/best.pt

# ---- sizes, arithmetic, activations ----
saker train --data set/data.yaml --model yolo11n "${small[@]}" --rect --name rect
exits 0
saker train --data set/data.yaml --model yolov8n "${small[@]}" --multi-scale --imgsz 96 --amp --activation ReLU --name sizes
exits 0
same "sizes" 2 "$(grep -c -E '^(multi_scale: 0.5|activation: ReLU)$' runs/train/sizes/args.yaml)"
if ! grep -q amx_bf16 /proc/cpuinfo; then
  SAKER_BF16_RATE=0.5 saker train --data set/data.yaml --model yolov8n "${small[@]}" --epochs 1 --amp --name amp
  exits 0
  says out "amp: this CPU computes bfloat16 no faster than float32"
fi
saker train --data set/data.yaml --model yolov8n "${small[@]}" --epochs 2 --eval-interval 2 --close-mosaic 0 --name interval
exits 0
same "no mAP of the first epoch, one of the second" "nan number" \
  "$(cut -d, -f9 runs/train/interval/results.csv | sed -n '2p;3s/^[0-9].*/number/p' | paste -sd' ')"
saker train --data set/data.yaml --model yolov8n "${small[@]}" --imgsz 70 --noval --epochs 1 --name plain
exits 0
says out "imgsz 70 is no multiple of 32: 96 is taken"
exists runs/train/plain/weights/best.pt

# ---- recipes ----
cat >r.md <<'END'
<!-- a licence -->
---
num_epochs: &num_epochs 30
target: 0.75
training_modifiers:
  - !EpochRangeModifier {start_epoch: 0.0, end_epoch: *num_epochs}
  - !SetLearningRateModifier {start_epoch: 0, learning_rate: 0.001}
pruning_modifiers:
  - !GMPruningModifier
    params: __ALL_PRUNABLE__
    init_sparsity: 0.05
    final_sparsity: eval(target)
    start_epoch: 0
    end_epoch: 2
    update_frequency: 0.5
    mask_type: block4
---
END
sparse=(--data set/data.yaml --model yolov5n --recipe r.md --batch 4 --imgsz 64 --threads 1 --workers 1)
saker train "${sparse[@]}" --recipe-args '{"num_epochs": 3}' --name sparse
exits 0
says out "3/3"
says out "model.0.conv.weight stays dense: 3 input channels are fewer than 4"
says out "model.1.conv.weight              4608      75.0"
saker inspect --sparsity runs/train/sparse/weights/best.onnx
exits 0
says out "model.1.conv                   4608     75.0     75.0"
mv r.md gone.md
saker train --resume runs/train/sparse --epochs 4 # the recipe is in the checkpoint
exits 0
says out "4/4"
says out "model.1.conv.weight              4608      75.0"
mv gone.md r.md
saker train "${sparse[@]}" --one-shot --recipe-args '{"target": 0.5}' --name once
exits 0
says out "model.1.conv.weight              4608      50.0"
missing runs/train/once/results.csv
saker train "${sparse[@]}" --recipe-args '{"targe": 0.5}' --name bad
exits 1
says err "r.md: the recipe has no variable 'targe' to give a value; it has num_epochs, target"
sed 's/__ALL_PRUNABLE__/"re:model.99.*"/' r.md >none.md
saker train "${sparse[@]}" --recipe none.md --name bad
exits 1
says err "none.md, line 10: GMPruningModifier, params: re:model.99.* matches no weight of a convolution"
sed 's/!GMPruningModifier/!GMPruning/' r.md >unknown.md
saker train "${sparse[@]}" --recipe unknown.md --name bad
exits 1
says err "unknown.md, line 9: GMPruning is no modifier that saker knows"
missing runs/train/bad
saker train --data set/data.yaml --model yolov5n --one-shot
exits 1
says err "no recipe is named"

# ---- sparse transfer: zeros stay zeros with other classes ----
cat >transfer.md <<'END'
---
pruning_modifiers:
  - !ConstantPruningModifier {params: __ALL_PRUNABLE__, start_epoch: 0}
---
END
few=(--data set/data.yaml --single-cls --batch 4 --imgsz 64 --threads 1 --workers 1 --epochs 1)
saker train "${few[@]}" --model runs/train/sparse/weights/best.safetensors --recipe transfer.md --name transfer
exits 0
says out "left out: model.24.m.0.weight"
says out "model.1.conv.weight              4608      75.0"
# Of SparseML: weights and a description, trained for 8 bits; its network is none that has a name.
theirs=$(dirname "${BASH_SOURCE[0]}")/../fuzz/corpus/checkpoint/sparseml_quantized.pt
saker train "${few[@]}" --weights "$theirs" --name theirs --noautoanchor
exits 0
says out "finds 2 classes and the data have 1: the layers that give the scores begin anew"
exists runs/train/theirs/weights/best.onnx
saker inspect "$theirs"
exits 0
says out "quantized  trained for 8 bits; the scales beside the weights are left"
says out "recipe     kept in the file, 13 bytes"

# ---- distillation ----
cat >distil.md <<'END'
---
distillation_modifiers:
  - !DistillationModifier {hardness: 0.5, temperature: 2.0}
  - !PerLayerDistillationModifier {gain: 0.1, student_layer_names: ["model.4", "model.9.cv2.conv"]}
---
END
for teacher in runs/train/transfer/weights/best.pt self; do
  saker train "${few[@]}" --model yolov5n --recipe distil.md --teacher "$teacher" --name distilled
  exits 0
done
saker train "${few[@]}" --model yolov5n --recipe distil.md --name untaught
exits 0
says out "distil.md, line 3: DistillationModifier does nothing: no teacher is named"
saker train "${few[@]}" --model yolov5n --recipe distil.md --teacher runs/train/sparse/weights/best.pt --name bad
exits 1
says err "distil.md, line 3: DistillationModifier: the teacher finds"
sed 's/model.9.cv2.conv/model.99/' distil.md >none.md
saker train "${few[@]}" --model yolov5n --recipe none.md --teacher self --name bad
exits 1
says err "none.md, line 4: PerLayerDistillationModifier, student_layer_names: there is no layer 'model.99'"
saker train "${few[@]}" --model yolov5n --teacher self --name bad
exits 1
says err "no recipe that says what to learn from it"
missing runs/train/bad

# ---- going on: Ctrl-C, kill -9, and no file is ever half there ----
kills=${SAKER_TRAIN_KILLS:-3}
long=(--data set/data.yaml --model yolov8n --epochs $((kills * 4)) --close-mosaic $((kills * 2)) --patience 0 --batch 4 --imgsz 64 --threads 1 --workers 1)
saker train "${long[@]}" --name whole
exits 0
"$SAKER" train "${long[@]}" --name stopped >out 2>err &
pid=$!
for _ in $(seq 600); do
  if [ -e runs/train/stopped/weights/last.safetensors ]; then break; fi
  sleep 0.1
done
kill -INT "$pid"
code=0
wait "$pid" || code=$?
last="saker train, Ctrl-C"
if [ "$code" -ne 0 ]; then  # else it was done before
  exits 130
  says out "saker train --resume runs/train/stopped"
  saker train --resume runs/train/stopped
  exits 0
fi
same "weights after Ctrl-C" "$(weights_of runs/train/whole)" "$(weights_of runs/train/stopped)"

"$SAKER" train "${long[@]}" --name killed >out 2>err &
pid=$!
for _ in $(seq "$kills"); do
  sleep "$((RANDOM % 2)).$((RANDOM % 9 + 1))"
  kill -9 "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  if [ -e runs/train/killed/weights/last.safetensors ]; then
    "$TRAINER_STATE" runs/train/killed/weights/last.safetensors >state 2>err || complain "the state should be whole"
    "$SAKER" train --resume runs/train/killed >out 2>err &
  else
    "$SAKER" train "${long[@]}" --name killed --exist-ok >out 2>err &
  fi
  pid=$!
done
code=0
wait "$pid" || code=$?
last="saker train --resume, after kill -9"
exits 0
same "weights after kill -9" "$(weights_of runs/train/whole)" "$(weights_of runs/train/killed)"
same "rows" $((kills * 4 + 1)) "$(wc -l <runs/train/killed/results.csv)"
saker train --resume nowhere
exits 1
saker train --resume "$run/weights/best.safetensors"
exits 1
says err "no state of a training"

# ---- data that are broken ----
cp -r set broken
printf '0 0.5 0.5 1.5 0.2\n' >broken/labels/train/p0.txt
printf 'not a picture' >broken/images/train/p1.png
printf '7 0.5 0.5 0.2 0.2\n' >broken/labels/train/p2.txt
saker train --data broken/data.yaml --model yolov8n "${small[@]}" --epochs 1 --name broken
exits 0
says out "p0.txt"
says out "p2.txt"
saker train --data broken/data.yaml --model yolov8n "${small[@]}" --epochs 1 --skip-bad False
exits 1
says err "p0.txt"
rm -r broken/labels
saker train --data broken/data.yaml --model yolov8n "${small[@]}"
exits 1
says err "none of the 8 pictures has a label file"
saker train --data set/data.yaml --model yolov8x --batch 4096 --imgsz 8192
exits 1
says err "GB are free"

finish
