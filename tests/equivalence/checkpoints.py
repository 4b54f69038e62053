#!/usr/bin/env python3
"""`saker export` of checkpoints against the official exporters' ONNX in ONNX Runtime; our OpenVINO IR in OpenVINO.

    checkpoints.py build/release/saker [NAME...]     default: every family in its two smallest sizes

Networks have random weights and statistics, the same for the same name. Needs torch, onnx, onnxruntime and the packages
of the families: ultralytics; yolov5 (yolov5n and yolov5s as repo5n, repo5s); yolox (PYTHONPATH). Files of SparseML's
form (sparse5n_8, ...) are made of the first two with torch.ao. Names whose package is missing are skipped, and IR
without openvino. Largest difference relative to the largest value, boxes and scores apart; the bar is 1e-4.
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
# As SparseML keeps them: weights and a description; "8" behind the name: trained for 8 bits, whose weights stay float.
SPARSEML = {"sparse5n": "yolov5n", "sparse5n_8": "yolov5n", "sparse8n": "yolov8n", "sparse8n_8": "yolov8n"}
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

    net = YOLO(ULTRALYTICS.get(name, SPARSEML.get(name)) + ".yaml")
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

    net = Model("%s/models/%s.yaml" % (package, REPOSITORY.get(name, SPARSEML.get(name))))
    shake(net, 7)
    net.names = {i: str(i) for i in range(80)}
    torch.save({"epoch": -1, "model": None, "ema": net.half()}, name + ".pt")
    net = torch.load(name + ".pt", weights_only=False)["ema"].float().fuse().eval()
    for part in net.modules():
        if isinstance(part, Detect):
            part.export, part.inplace, part.dynamic = True, False, True
    net(torch.zeros(1, 3, 640, 640))
    torch_export(net, 640, name + ".onnx", "output0")


def state_for_8_bits(model):
    """What a state dictionary holds after SparseML's QuantizationModifier: convolutions fused with their
    normalizations, wrapped, with observers and fake quantizers; the head stays float."""
    import copy

    import torch
    from torch.ao import quantization as ao
    from torch.ao.nn.intrinsic import ConvBn2d

    fake = lambda low, high, dtype, scheme: ao.FakeQuantize.with_args(
        observer=ao.MovingAverageMinMaxObserver, quant_min=low, quant_max=high, dtype=dtype, qscheme=scheme,
        reduce_range=False)
    config = ao.QConfig(activation=fake(0, 255, torch.quint8, torch.per_tensor_affine),
                        weight=fake(-128, 127, torch.qint8, torch.per_tensor_symmetric))
    model = copy.deepcopy(model).float().train()
    for part in model.model[:-1].modules():
        if hasattr(part, "conv") and hasattr(part, "bn"):
            ao.fuse_modules_qat(part, ["conv", "bn"], inplace=True)

    def wrap(module):
        for name, child in module.named_children():
            if type(child) in (torch.nn.Conv2d, ConvBn2d):
                child.qconfig = config
                setattr(module, name, ao.QuantWrapper(child))
            else:
                wrap(child)

    wrap(model.model[:-1])
    return ao.prepare_qat(model, inplace=True).state_dict()


def make_sparseml(name):
    import torch

    five, for_8_bits = name.startswith("sparse5"), name.endswith("_8")
    (make_repository if five else make_ultralytics)(name)
    net = torch.load(name + ".pt", weights_only=False)
    net = (net["ema"] or net["model"]).float()
    state = state_for_8_bits(net) if for_8_bits else net.state_dict()
    # Averages end where training for 8 bits begins. They are not to be read: their names here fit nothing.
    outdated = torch.nn.ModuleList([net]).state_dict() if for_8_bits else None
    if five:
        torch.save({"epoch": -1, "model": state, "ema": None, "yaml": net.yaml, "nc": 80,
                    "names": [str(i) for i in range(80)], "checkpoint_recipe": "modifiers: []"}, name + ".pt")
    else:
        torch.save({"epoch": -1, "model": state, "model_yaml": dict(net.yaml), "ema": outdated, "source": "sparseml",
                    "recipe": "modifiers: []", "train_args": {"imgsz": 640}}, name + ".pt")


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
              **dict.fromkeys(SPARSEML, make_sparseml), **dict.fromkeys(YOLOX, make_yolox)}
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
