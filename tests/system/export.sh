#!/usr/bin/env bash
# saker export: a checkpoint to ONNX, other exporters' ways to say it, and what is refused.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
cp "$SAKER_SOURCE/tests/fuzz/corpus/checkpoint/v8.pt" best.pt

saker export best.pt
exits 0
silent err
says out "best.onnx  0.0 MB, opset 17"
says out "images float32 [1, 3, 64, 64]"
says out "output0 float32 [1, 6, 256]"
saker inspect best.onnx
exits 0
says out "2 classes: cat, dog"
says out "stride = 4"

saker export best.pt --imgsz 32x64 --batch 2 --opset 12 --out small.onnx
exits 0
says out "small.onnx  0.0 MB, opset 12"
says out "[2, 3, 32, 64]"
saker export best.pt --dynamic --half --out open.onnx
exits 0
says out "images float16 [batch, 3, height, width]"
says out "output0 float16 [batch, 6, anchors]"
saker export best.pt --half --float-io --out ends.onnx
exits 0
says out "images float32 [1, 3, 64, 64]"
saker export best.pt --raw-head --out raw.onnx
exits 0
says out "[1, 10, 16, 16]"
saker export tiny.onnx --out again.onnx
exits 0
saker inspect again.onnx
exits 0
says out "yolov8, 3 classes"
saker export best.pt --out - >/dev/null

# For programs.
saker export best.pt --format onnx,openvino --output-dir told --json
exits 0
silent err
json out /model best.pt
json out '#/exports' 2
json out '@/exports/0' "format path files opset nodes eight_bits input outputs"
json out /exports/0/path told/best.onnx
json out /exports/0/files/0/bytes "$(stat -c %s told/best.onnx)"
json out /exports/1/format openvino
json out '#/exports/1/files' 3
saker export best.pt --out - --json
exits 2
says err "both go to stdout"
saker export best.pt --out same.json --json same.json
exits 2
says err "would overwrite the exported model"
missing same.json

# As others have it.
saker export --weights best.pt --include onnx --imgsz 32 --dynamic --simplify --opset 12
exits 0
says out "best.onnx"
saker export model=best.pt format=onnx imgsz=32,64 half=True simplify=True device=cpu
exits 0
says out "images float16 [1, 3, 32, 64]"

# With suppression inside.
saker export model=best.pt nms=True conf=0.01 iou=0.5 max_det=100
exits 0
says out "output0 float32 [1, 100, 6]"
saker export best.pt --nms --raw-head
exits 2
says err "name one"

saker export --input_model best.pt --data_type FP16 --output_dir made/here
exits 0
says out "made/here/best.onnx"
says out "images float16 [1, 3, 64, 64]"

# OpenVINO IR: a folder of its own, or a named file and its .bin.
saker export best.pt --format openvino,onnx --output-dir made
exits 0
says out "made/best_openvino_model/best.xml"
says out "made/best_openvino_model/best.bin"
says out "made/best_openvino_model/metadata.yaml"
says out "made/best.onnx"
saker inspect made/best_openvino_model
exits 0
says out "2 classes: cat, dog"
says out "float32 [1, 3, 64, 64]"
saker export best.pt --format openvino --half --dynamic --out named.xml
exits 0
says out "images float32 [batch, 3, height, width]"
exists named.bin
missing metadata.yaml
saker inspect named.xml
exits 0
says out "2 classes: cat, dog"
says out "stride = 4"
saker inspect named.xml --json
exits 0
says out "\"file_bytes\": $(($(stat -c %s named.xml) + $(stat -c %s named.bin)))"
saker export named.xml --out from_ir.onnx
exits 0
saker export made/best_openvino_model --out from_folder.onnx
exits 0
saker export named.xml --format openvino --imgsz 32 --out again.xml
exits 0
says out "[1, 3, 32, 32]"
saker export best.pt --format openvino --out best.bin
exits 2
says err "ends in .xml"
missing best.bin

# TorchScript, which any zip reader can open.
saker export best.pt --format onnx,torchscript --output-dir both
exits 0
says out "both/best.onnx"
says out "both/best.torchscript"
exists both/best.onnx
if command -v python3 >/dev/null; then
  python3 - both/best.torchscript >listed <<'PYTHON'
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
print("damaged:", archive.testzip())
for entry in archive.infolist():
    with open(sys.argv[1], "rb") as file:
        file.seek(entry.header_offset + 26)
        name, extra = (int.from_bytes(file.read(2), "little") for _ in range(2))
    assert (entry.header_offset + 30 + name + extra) % 64 == 0, entry.filename
    print(entry.filename)
config = json.loads(archive.read("saker/extra/config.txt"))
print(config["shape"], config["stride"], config["names"])
code = archive.read("saker/code/__torch__/saker.py").decode()
print(code)
PYTHON
  says listed "damaged: None"
  for entry in data.pkl data/0 constants.pkl version code/__torch__/saker.py; do says listed "saker/$entry"; done
  says listed "[1, 3, 64, 64] 4 {'0': 'cat', '1': 'dog'}"
  says listed "torch.conv2d(x, self.w_"
  says listed "def forward(self: __torch__.saker.Net, x: Tensor) -> Tensor:"
fi
saker export best.pt --format torchscript --dynamic --half
exits 0
says out "best.torchscript"
says out "images float16 [batch, 3, height, width]"
saker export best.pt --format torchscript --nms
exits 1
says err "(NonMaxSuppression): it cannot be written as TorchScript"

saker export
exits 2
says err "MODEL is missing"
saker export best.pt other.pt
exits 2
says err "two models"
saker export model=best.pt half=maybe
exits 2
says err "neither True nor False"
saker export model=best.pt workspace=4
exits 2
says err "no setting of saker export"
saker export best.pt --format coreml
exits 2
says err "writes onnx"
saker export best.pt --opset 9
exits 2
saker export model=best.pt opset=9
exits 2
says err "no number from 11 to 20"
saker export tiny.onnx
exits 2
says err "would be overwritten"
saker export best.pt --imgsz 30
exits 1
says err "no multiple of the model's stride 4: take 32x32"
says err "--imgsz"
saker export best.pt --end-to-end
exits 1
says err "no one-to-one head"
saker export tiny.onnx --imgsz 128 --out other.onnx
exits 1
says err "is fixed at"
missing other.onnx
head -c 3000 best.pt >cut.pt
saker export cut.pt
exits 1
says err "cut off"
missing cut.onnx
saker detect "$SAKER_SOURCE/tests/fuzz/corpus/checkpoint/weights.pt" red.png
exits 1
says err "weights without their network"
finish
