"""The commands that same_output.py runs: each a line as one would type it, in a folder where

  models, pictures, coco, pistols, ir   are those of SAKER_ASSETS (left out without them)
  few                                   the first pictures of coco with their annotations, few.json and results.json
  corpus                                the fuzzers' inputs, broken ones among them
  cases                                 a folder of further models and data sets, where one is given
  tiny.onnx, red.png, cut.onnx, ...     small things that are made

A line may begin with NAME=VALUE and end with < FILE.
"""
import os

COMMANDS = ['detect', 'eval', 'bench', 'compare', 'memory', 'inspect', 'quantize', 'doctor', 'backends', 'pull',
            'data', 'data classes', 'data calib', 'data check', 'data convert', 'data sample']

FLOAT = ['yolov5n', 'yolov5n_fp16', 'yolov8n', 'yolo11n', 'yolov10n', 'yolox_nano', 'yolox_nano_unsimplified', 'nanodet_m']
BYTES = ['yolov8n_dynamic_int8', 'yolov8n_qdq_entropy', 'yolov8n_qdq_broken_head', 'yolov5n_pistol_qlinear_hardswish']
LEVELS = ['baseline', 'avx2', 'avx2_vnni', 'avx512', 'avx512_vnni']

USAGE = '''
saker
saker --help
saker --version
saker help
saker detec tiny.onnx
saker --verson
saker tiny.onnx red.png
saker data chek
saker detect tiny.onnx
saker detect red.png tiny.onnx
saker detect tiny.onnx red.png --confg .3
saker detect tiny.onnx red.png --conf
saker detect tiny.onnx red.png --conf 1.5
saker detect tiny.onnx red.png --conf abc
saker detect tiny.onnx red.png --batch 2.5
saker detect tiny.onnx red.png --imgsz 64by64
saker detect tiny.onnx red.png --imgsz 32
saker detect tiny.onnx red.png --format xml
saker detect tiny.onnx red.png --isa sse
saker detect tiny.onnx red.png --head yolo8
saker detect tiny.onnx red.png --head yolox
saker detect tiny.onnx red.png --head nanodet
saker detect tiny.onnx red.png --color gbr
saker detect tiny.onnx red.png --mean 1,2
saker detect tiny.onnx red.png --std 1,0,1
saker detect tiny.onnx red.png --letterbox --stretch
saker detect tiny.onnx red.png --classes zebra
saker detect tiny.onnx red.png --labels missing.txt
saker detect tiny.onnx red.png --allowed-classes-file missing.txt
saker detect tiny.onnx red.png --backend onnxruntime
saker detect tiny.onnx red.png --backend onnx
saker detect tiny.onnx red.png --precision f16
saker detect tiny.onnx red.png --precision f8
saker detect tiny.onnx red.png --json --format yolo
saker detect tiny.onnx --json red.png blue.png
saker detect tiny.onnx red.png --out missing/boxes.txt
saker detect tiny.onnx red.png --out tiny.onnx
saker detect tiny.onnx red.png --save-vis tiny.onnx
saker detect tiny.onnx red.png --save-crop /dev/null/below
saker detect tiny.onnx red.png --save-vis .
saker detect tiny.onnx red.png --max-pixels 1000
saker detect tyni.onnx red.png
saker detect . red.png
saker detect cut.onnx red.png
saker detect foreign.onnx red.png
saker detect weights.pt red.png
saker detect tiny.onnx missing.png no*match.png
saker detect tiny.onnx empty
saker detect tiny.onnx empty.txt
saker detect tiny.onnx - < empty.txt
saker inspect tiny.onnx more
saker inspect tiny.onnx --stop-after nothing
saker inspect tiny.onnx --shape images=1x3x32x32
saker inspect tiny.onnx --shape input=1x3x64x64
saker inspect tiny.onnx --shape images=1x3xax64
saker inspect tiny.onnx --imgsz 32
saker inspect --list-passes
saker inspect red.png
saker bench red.png
saker bench tiny.onnx --thread 2
saker bench tiny.onnx --backend openvino
saker bench tiny.onnx --shape images=1x3x32x32
saker compare tiny.onnx --images few
saker memory missing.onnx
saker eval tiny.onnx
saker eval tiny.onnx --data missing.json
saker eval tiny.onnx --data empty.txt
saker eval tiny.onnx --data data.yaml --split test
saker eval tiny.onnx --data data.yaml --save-json -
saker eval tiny.onnx --data data.yaml --head yolox
saker quantize tiny.onnx
saker quantize tiny.onnx --data-dir missing --out q.onnx
saker quantize tiny.onnx --data-dir empty --out q.onnx
saker quantize tiny.onnx --data-dir shapes --out missing/q.onnx
saker quantize tiny.onnx --data-dir shapes --out q.onnx --max-drop 0.01
saker quantize tiny.onnx --data-dir shapes --out q.onnx --keep-float (
saker quantize tiny.onnx --data-dir shapes --out q.onnx --observer best
saker doctor missing.onnx
saker doctor tiny.onnx --float missing.onnx
saker data classes --from missing.yaml
saker data classes --count 1000
saker data calib --data data.yaml --per-class 1 --out tiny.onnx
saker data convert data.yaml --to voc --out voc
saker data convert data.yaml --to yolo --out tiny.onnx
saker data check missing
saker data check tiny.onnx
saker data sample --out sample.gif
saker pull nothing
saker pull yolox_nano --mirror http://example.org
saker pull --url ftp://example.org/x
'''

SMALL = '''
saker detect tiny.onnx red.png
saker detect tiny.onnx red.png blue.png --json
saker detect tiny.onnx shapes --format jsonl
saker detect tiny.onnx shapes --format yolo --save-conf
saker detect tiny.onnx shapes --format coco --out boxes.json
saker detect tiny.onnx shapes/*.png --out table.txt
saker detect tiny.onnx list.txt --save-vis vis --save-txt txt --save-crop crop --save-conf
saker detect tiny.onnx - --json < red.png
saker detect tiny.onnx broken --json --inter 3
saker detect open.onnx broken --json --batch 4
saker detect tiny.onnx shapes --classes 1 --quiet --json boxes.json
saker detect tiny.onnx shapes --labels names.txt
saker detect tiny.onnx shapes --labels names.txt --allowed-classes-file allowed.txt
saker detect tiny.onnx red.png --stretch --max-det 1 --agnostic --multi-label
saker detect tiny.onnx red.png --color bgr --scale 1 --mean 1,2,3 --std 2
saker eval tiny.onnx --data data.yaml
saker eval tiny.onnx --data data.yaml --json
saker eval tiny.onnx --data data.yaml --report report --save-json boxes.json
saker eval tiny.onnx --data data.yaml --against open.onnx --samples 50
saker inspect tiny.onnx
saker inspect open.onnx --imgsz 64
saker inspect foreign.onnx
saker inspect tiny.onnx --why --json
saker quantize tiny.onnx --data-dir shapes --out q.onnx
saker quantize tiny.onnx --data-dir shapes --out q.onnx --force
saker quantize tiny.onnx --data-dir shapes --out q.onnx --force --report layers.json --eval data.yaml
saker doctor tiny.onnx
saker doctor tiny.onnx --data-dir shapes --float open.onnx
saker bench tiny.onnx --runs 3 --threads 1
saker bench tiny.onnx --runs 3 --threads 1,2 --layers --json bench.json --md bench.md --html bench.html
saker bench open.onnx --runs 3 --batch 1,4 --json
saker bench tiny.onnx --runs 3 --pipeline --input shapes
saker bench tiny.onnx --runs 3 --streams 2 --threads 1
saker bench tiny.onnx foreign.onnx --runs 3 --threads 1
saker compare tiny.onnx open.onnx --runs 3 --threads 1 --data data.yaml
saker memory tiny.onnx --threads 1
saker memory tiny.onnx --threads 1 --json
saker backends
saker backends --json
saker pull --list
saker pull tiny --url file:///missing/tiny.onnx
saker data classes
saker data classes --count 15 --seed 3 --out 15.txt
saker data classes --from data.yaml
saker data sample --out sample.png --size 96x64 --seed 7
saker data sample --out sample.jpg
saker data check data.yaml --decode
saker data check data.yaml --json
saker data convert data.yaml --to coco --out boxes.json
saker data convert data.yaml --to yolo --out yolo --as train --copy
saker data calib --data data.yaml --per-class 1 --out calib --copy
'''

REAL = '''
saker detect models/yolov8n.onnx pictures --format table --save-vis vis --save-txt txt --save-crop crop
saker detect models/yolov8n.onnx pictures --json --inter 2 --classes person,bus
saker detect models/yolov8n.onnx pictures --stretch --format coco --low-memory
saker detect models/yolov8n.onnx pictures/bus.jpg --jpeg-scale --format yolo
saker detect models/yolov5n.onnx pictures --batch 2 --imgsz 320 --format jsonl
saker detect models/yolov5n.onnx pictures/bus.jpg --imgsz 320x480 --multi-label --iou .6
saker detect models/yolov5n_pistol_qlinear_hardswish.onnx pistols/valid/images --quiet --json boxes.json
saker detect ir/yolov8n_int8/yolov8n.xml pictures --json
saker eval models/yolox_nano.onnx --data few.json --images few --json
saker eval models/yolox_nano.onnx --data few.json --images few --report report --save-json boxes.json
saker eval models/yolov8n.onnx --data few.json --images few --batch 1 --single-label
saker eval models/yolov8n_qdq_entropy.onnx --data few.json --images few --against models/yolov8n.onnx --samples 100
saker eval --results results.json --data few.json
saker eval models/yolox_nano.onnx --data few.json --images few --scale 1 --threads 1
saker quantize models/yolox_nano.onnx --data-dir few --out q.onnx
saker quantize models/yolox_nano.onnx --data-dir few --subset 4 --seed 5 --out q.onnx --format qlinear --preset performance
saker quantize models/yolov5n.onnx --data-dir few --subset 4 --imgsz 320 --out q.onnx --activations per-tensor
saker quantize models/yolov5n.onnx --data-dir few --subset 4 --imgsz 320 --out q.onnx --observer entropy --keep-float model.24.* --no-bias-correction
saker quantize models/yolox_nano.onnx --data-dir few --subset 4 --out q.onnx --eval few.json --max-drop 0.01 --report layers.html
saker quantize models/yolox_nano.onnx --data-dir few --subset 4 --out q.onnx --report layers.json
saker quantize models/yolox_nano.onnx --data-dir few --subset 4 --out q.onnx --scale 0.00392156862
saker doctor models/yolov8n_qdq_broken_head.onnx
saker doctor models/yolov8n_qdq_broken_head.onnx --data-dir few --float models/yolov8n.onnx
saker doctor models/yolov8n_qdq_entropy.onnx
saker doctor models/yolov8n_dynamic_int8.onnx
saker bench models/yolox_nano.onnx --runs 2 --threads 1 --layers
saker compare models/yolox_nano.onnx models/nanodet_m.onnx --runs 2 --threads 1
saker memory models/yolox_nano.onnx models/yolov8n_qdq_entropy.onnx --threads 1
saker inspect models/yolov5n.onnx --imgsz 416 --plan --json plan.json
saker inspect models/yolov5n.onnx --shape images=2x3x320x320 --plan
saker inspect models/yolov5n.onnx --why
saker inspect ir/yolov8n_int8/yolov8n.xml --why
saker data check few.json --images few --decode
saker data check coco/instances_val.json --images coco/images --json
saker data convert few.json --images few --to yolo --out yolo
saker data convert pistols/data.yaml --to coco --out boxes.json
saker data calib --data coco/instances_val.json --images coco/images --per-class 2 --classes person,dog --out calib
saker data check pistols/data.yaml --split train
'''


def lines(text):
    return [line.removeprefix('saker').strip() for line in text.splitlines() if line]


def passes(saker):
    return [line.split()[0] for line in saker('inspect', '--list-passes').splitlines()]


def below(folder, *endings):
    found = []
    for where, _, names in sorted(os.walk(folder, followlinks=True)):
        found += [os.path.join(where, name) for name in sorted(names) if name.endswith(endings)]
    return found


def all_commands(saker):
    """`saker`: runs the old build and returns what it said. The current folder is as told above."""
    out = lines(USAGE) + lines(SMALL) + [f'{command} --help' for command in COMMANDS]
    out += [f'inspect tiny.onnx --stop-after {name}' for name in passes(saker)]
    for model in below('corpus/onnx', '.onnx') + below('corpus/ir', '.xml'):
        out += [f'inspect {model} --plan', f'SAKER_ISA=baseline detect {model} red.png']
    out += [f'detect tiny.onnx {picture}' for picture in below('corpus/picture', '')]
    out += [f'detect tiny.onnx red.png --labels {labels}' for labels in below('corpus/labels', '')]
    out += [f'data check {file} --images few' for file in below('corpus/coco', '')]
    for file in below('cases', '.onnx', '.xml'):
        out += [f'inspect {file}', f'detect {file} red.png --json', f'eval {file} --data data.yaml']
    out += [f'data check {file}' for file in below('cases', '.json', 'data.yaml')]
    if os.path.isdir('models'):
        out += lines(REAL)
        for name in FLOAT + BYTES:
            out += [f'inspect models/{name}.onnx', f'detect models/{name}.onnx pictures/bus.jpg --json']
            out += [f'SAKER_ISA={level} inspect models/{name}.onnx --why' for level in LEVELS]
            out.append(f'inspect models/{name}.onnx --plan --threads 1 --json')
        for name in 'yolov8n', 'yolov8n_qdq_entropy':
            out += [f'inspect models/{name}.onnx --stop-after {a_pass}' for a_pass in passes(saker)]
            out += [f'detect models/{name}.onnx pictures/zidane.jpg --json --isa {level}' for level in LEVELS]
    return out
