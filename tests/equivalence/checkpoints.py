#!/usr/bin/env python3
"""`saker export` of checkpoints against the official exporters' ONNX in ONNX Runtime; our OpenVINO IR in OpenVINO.

    checkpoints.py build/release/saker [NAME...]     default: every family in its two smallest sizes

Networks have random weights and statistics, the same for the same name. Needs torch, onnx, onnxruntime and the packages
of the families: ultralytics; yolov5 (yolov5n and yolov5s as repo5n, repo5s); yolox (PYTHONPATH). Names whose package is
missing are skipped, and IR without openvino. Largest difference relative to the largest value, boxes and scores apart;
the bar is 1e-4.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")

ULTRALYTICS = {name: name for name in (
    "yolov8n yolov8s yolov9t yolov9s yolov10n yolov10s yolo11n yolo11s yolo12n yolo12s yolo26n yolo26s").split()}
ULTRALYTICS.update(yolov3_tinyu="yolov3-tiny", yolov5nu="yolov5n", yolov5su="yolov5s")
REPOSITORY = {"repo5n": "yolov5n", "repo5s": "yolov5s"}
YOLOX = {"yolox_nano": 416, "yolox_tiny": 416, "yolox_s": 640}
SHAPES = ((1, 3, 640, 640), (1, 3, 320, 416), (3, 3, 320, 416))
BAR = 1e-4


def shake(model, seed):
    """Statistics and biases that a training could have left."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    rand = lambda n: torch.rand(n, generator=generator)
    randn = lambda n: torch.randn(n, generator=generator)
    for part in model.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            n = part.num_features
            part.weight.data, part.bias.data = rand(n) + 0.5, randn(n) * 0.3
            part.running_mean.data, part.running_var.data = randn(n) * 0.2, rand(n) + 0.5
        elif isinstance(part, torch.nn.Conv2d) and part.bias is not None:
            part.bias.data = randn(part.bias.shape) * 0.5  # scores near 1/2, where differences show


def torch_export(model, side, path, output):
    import torch

    torch.onnx.export(model, torch.zeros(1, 3, side, side), path, opset_version=12, input_names=["images"],
                      output_names=[output], dynamo=False,
                      dynamic_axes={"images": {0: "batch", 2: "height", 3: "width"}, output: {0: "batch", 1: "anchors"}})


def make_ultralytics(name):
    from ultralytics import YOLO

    net = YOLO(ULTRALYTICS[name] + ".yaml")
    shake(net.model, 7)
    net.save("made_" + name + ".pt")  # a name of its own: known ones are downloaded
    os.rename(YOLO("made_" + name + ".pt").export(format="onnx", imgsz=640, dynamic=True, simplify=False), name + ".onnx")
    os.rename("made_" + name + ".pt", name + ".pt")


def make_repository(name):
    import torch
    import yolov5

    package = os.path.dirname(yolov5.__file__)
    sys.path.insert(0, package)
    from yolov5.models.yolo import Detect, Model

    net = Model("%s/models/%s.yaml" % (package, REPOSITORY[name]))
    shake(net, 7)
    net.names = {i: str(i) for i in range(80)}
    torch.save({"epoch": -1, "model": None, "ema": net.half()}, name + ".pt")
    net = torch.load(name + ".pt", weights_only=False)["ema"].float().fuse().eval()
    for part in net.modules():
        if isinstance(part, Detect):
            part.export, part.inplace, part.dynamic = True, False, True
    net(torch.zeros(1, 3, 640, 640))
    torch_export(net, 640, name + ".onnx", "output0")


def make_yolox(name):
    import torch
    from yolox.exp.build import get_exp_by_name
    from yolox.models.network_blocks import SiLU
    from yolox.utils import replace_module

    net = get_exp_by_name(name.replace("_", "-")).get_model()
    shake(net, 7)
    torch.save({"start_epoch": 1, "model": net.state_dict()}, name + ".pt")
    net = replace_module(net.eval(), torch.nn.SiLU, SiLU)
    net.head.decode_in_inference = False
    torch_export(net, YOLOX[name], name + ".onnx", "output")


def difference(mine, official, axis, part):
    import numpy as np

    a, b = (np.take(values, part, axis) for values in (mine, official))
    return float(np.abs(a - b).max() / np.abs(b).max())


def onnx_run(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda picture: session.run(None, {session.get_inputs()[0].name: picture})[0]


def openvino_run(path, shape=None):
    import openvino

    core = openvino.Core()
    model = core.compile_model(core.read_model(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda picture: None if shape and picture.shape != shape else model(picture)[0]


def exported(saker, name, path, *flags):
    subprocess.run([saker, "export", name + ".pt", "--out", path, *flags], check=True, stdout=subprocess.DEVNULL)
    return path


def our_runs(name, saker):
    """(what it is, picture to output or None where it takes no such size); OpenVINO's where that is installed."""
    import onnx

    onnx.checker.check_model(exported(saker, name, "saker.onnx", "--dynamic"), full_check=True)
    runs = [("onnx", onnx_run("saker.onnx"))]
    try:
        import openvino  # noqa: F401
    except ImportError:
        return runs
    runs.append(("openvino", openvino_run(exported(saker, name, "open.xml", "--format", "openvino", "--dynamic"))))
    fixed = exported(saker, name, "fixed.xml", "--format", "openvino", "--imgsz", "640")
    return runs + [("openvino fixed", openvino_run(fixed, (1, 3, 640, 640)))]


def compare(name, saker):
    import numpy as np

    official_run, runs = onnx_run(name + ".onnx"), our_runs(name, saker)
    sizes = [os.path.getsize(path) / 1e6 for path in ("saker.onnx", name + ".onnx")]
    random, worst = np.random.default_rng(0), 0.0
    for shape in SHAPES:
        picture = random.random(shape, dtype=np.float32)
        official = official_run(picture)
        for what, run in runs:
            mine = run(picture)
            if mine is None:
                continue
            if mine.shape != official.shape:
                print("%-14s %s %s: %s, official %s" % (name, what, shape, mine.shape, official.shape))
                return False
            axis = 1 if official.shape[1] < official.shape[2] else 2
            boxes = difference(mine, official, axis, range(4))
            scores = difference(mine, official, axis, range(4, official.shape[axis]))
            worst = max(worst, boxes, scores)
            print("%-14s %-14s %-14s boxes %.1e scores %.1e" % (name, what, "x".join(map(str, shape)), boxes, scores), flush=True)
    print("%-14s %.1f MB, official %.1f MB%s" % (name, *sizes, "" if worst < BAR else "  DIFFERENT"), flush=True)
    return worst < BAR


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("saker", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    saker, failed = str(arguments.saker.resolve()), 0
    try:
        import torch
    except ImportError:
        print("skipped: torch is missing")
        return 0
    makers = {**dict.fromkeys(ULTRALYTICS, make_ultralytics), **dict.fromkeys(REPOSITORY, make_repository),
              **dict.fromkeys(YOLOX, make_yolox)}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in arguments.names or makers:
            torch.manual_seed(len(name))
            try:
                makers[name](name)
            except ImportError as missing:
                print("%-14s skipped: %s" % (name, missing))
                continue
            failed += not compare(name, saker)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
