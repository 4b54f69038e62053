#!/usr/bin/env python3
"""Checkpoints that saker writes, opened by the frameworks whose they are.

    written_checkpoints.py build/release/tests/write_checkpoint build/release/saker [NAME...]

Of each network (random weights, checkpoints.py) saker reads the framework's checkpoint and writes its own; of those whose
names begin with "new-" it makes the network itself. The framework must then open it, compute what it computed before and
what `saker export` of it computes (largest difference relative to the largest value below 1e-3), build it again from its
description, predict, validate, export to ONNX, and train on for an epoch with all weights taken over.
Needs torch, numpy, opencv-python, onnxruntime and the packages ultralytics, yolov5 and yolox (PYTHONPATH); names whose
package is missing are skipped. YOLOX's is a state dictionary: all its weights must be there under their names, and open
without pickled classes.
"""

import argparse
import logging
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import types
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")  # yolov5 7.0.14 is older than torch 2.6, which asks for it
os.environ.setdefault("WANDB_MODE", "disabled")

import checkpoints

BAR = 1e-3
SIDE = 128
NEW = "new-"


def tiny_set(folder):
    """Eight pictures of a bright rectangle each, as YOLO's folders, of 80 classes."""
    import cv2
    import numpy as np

    random = np.random.default_rng(0)
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for i in range(8):
        picture = random.integers(0, 60, (SIDE, SIDE, 3), dtype=np.uint8)
        x, y, w, h = random.integers(20, 60, 4)
        picture[y:y + h, x:x + w] = 200
        cv2.imwrite(str(folder / "images" / ("%d.png" % i)), picture)
        row = "%d %f %f %f %f\n" % (i % 3, (x + w / 2) / SIDE, (y + h / 2) / SIDE, w / SIDE, h / SIDE)
        (folder / "labels" / ("%d.txt" % i)).write_text(row)
    names = "\n".join("  %d: '%d'" % (i, i) for i in range(80))
    (folder / "data.yaml").write_text("path: %s\ntrain: images\nval: images\nnames:\n%s\n" % (folder, names))
    return str(folder / "data.yaml")


def picture():
    import torch

    return torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(3))


def apart(a, b):
    import numpy as np

    a, b = np.asarray(a), np.asarray(b)
    return float(np.abs(a - b).max() / np.abs(b).max()) if a.shape == b.shape else float("inf")


class Log(logging.Handler):
    """Remembers what a framework says."""

    def __init__(self, name):
        super().__init__()
        self.text = ""
        logging.getLogger(name).addHandler(self)

    def emit(self, record):
        self.text += record.getMessage() + "\n"


def all_transferred(text):
    counts = re.findall(r"Transferred (\d+)/(\d+)", text)
    return bool(counts) and all(taken == there for taken, there in counts)


def forward(model):
    import torch

    with torch.no_grad():
        output = model.float().eval()(picture())
    return (output[0] if isinstance(output, (tuple, list)) else output).numpy()


def rebuilt(made, model):
    """As a training goes on: built anew, with the weights of the checkpoint."""
    made.load_state_dict(model.float().state_dict())
    return made


def saker_output(saker, path):
    subprocess.run([saker, "export", path, "--out", "saker.onnx", "--dynamic"], check=True, stdout=subprocess.DEVNULL)
    return checkpoints.onnx_run("saker.onnx")(picture().numpy())


def ultralytics(name, write, saker, data):
    from ultralytics import YOLO
    from ultralytics.nn.tasks import DetectionModel

    log = Log("ultralytics")
    if name.startswith(NEW):
        write(name[len(NEW):], "written.pt")
    else:
        net = YOLO(checkpoints.ULTRALYTICS[name] + ".yaml")
        checkpoints.shake(net.model, 7)
        net.save("made.pt")
        write("made.pt", "written.pt")
        yield "output as before", apart(forward(YOLO("written.pt").model), forward(YOLO("made.pt").model)) == 0
    yield "saker's output", apart(saker_output(saker, "written.pt"), forward(YOLO("written.pt").model)) < BAR
    model = YOLO("written.pt").model
    yield "built from its description", apart(forward(rebuilt(DetectionModel(model.yaml, verbose=False), model)),
                                              forward(model)) == 0
    image = str(pathlib.Path(data).parent / "images" / "0.png")
    yield "names", YOLO("written.pt").names == {i: str(i) for i in range(80)}
    yield "predict", len(YOLO("written.pt").predict(image, imgsz=SIDE, verbose=False)) == 1
    yield "val", YOLO("written.pt").val(data=data, imgsz=SIDE, plots=False, verbose=False, workers=0) is not None
    exported = YOLO("written.pt").export(format="onnx", imgsz=64, simplify=False)
    yield "export", os.path.getsize(exported) > 0
    trained = YOLO("written.pt")
    trained.train(data=data, epochs=1, imgsz=64, batch=4, workers=0, plots=False, verbose=False, project="runs", amp=False,
                  device="cpu")
    yield "train", all_transferred(log.text)
    yield "trained further by saker", subprocess.run([saker, "inspect", str(trained.trainer.last)],
                                                     stdout=subprocess.DEVNULL).returncode == 0


def stand_in():
    """For modules that yolov5 7.0.14 imports and does not use here: newer packages have moved or dropped them."""
    import huggingface_hub.errors

    sys.modules.setdefault("huggingface_hub.utils._errors", huggingface_hub.errors)
    for path, content in (("roboflow", "Roboflow"), ("roboflow.core", None), ("roboflow.core.version", "Version")):
        made = types.ModuleType(path)
        if content:
            setattr(made, content, type(content, (), {}))
        sys.modules.setdefault(path, made)


def repository(name, write, saker, data):
    import torch

    stand_in()
    import yolov5
    from yolov5 import train, val
    from yolov5.models.yolo import Model
    from yolov5.utils import general

    general.check_font = lambda *_, **__: None  # of plots, which are not drawn: it would be fetched

    log = Log("yolov5")
    plain = lambda path: torch.load(path, weights_only=False)["model"]
    # With a folder: names alone are looked up on the network.
    load = lambda path, **options: yolov5.load(os.path.abspath(path), device="cpu", **options)
    if name.startswith(NEW):
        write(name[len(NEW):], "written.pt")
    else:
        net = Model("%s/models/%s.yaml" % (os.path.dirname(yolov5.__file__), checkpoints.REPOSITORY[name]))
        checkpoints.shake(net, 7)
        net.names = {i: str(i) for i in range(80)}
        torch.save({"epoch": -1, "model": net.half(), "ema": None}, "made.pt")
        write("made.pt", "written.pt")
        yield "output as before", apart(forward(load("written.pt", autoshape=False).model),
                                        forward(load("made.pt", autoshape=False).model)) == 0
    yield "the repository's classes", type(plain("written.pt")).__module__ == "models.yolo"
    yield "saker's output", apart(saker_output(saker, "written.pt"), forward(plain("written.pt"))) < BAR
    model = plain("written.pt").float()
    yield "built from its description", apart(forward(rebuilt(Model(model.yaml), model)), forward(model)) == 0
    image = str(pathlib.Path(data).parent / "images" / "0.png")
    yield "names", load("written.pt").names == {i: str(i) for i in range(80)}
    yield "predict", len(load("written.pt")(image).xyxy) == 1
    yield "val", val.run(data=data, weights=os.path.abspath("written.pt"), imgsz=SIDE, workers=0, plots=False, device="cpu") is not None
    train.run(data=data, weights=os.path.abspath("written.pt"), epochs=1, imgsz=64, batch_size=4, workers=0, noplots=True, device="cpu",
              project="runs", noautoanchor=True)
    yield "train", all_transferred(log.text)


def yolox(name, write, saker, data):
    import torch
    from yolox.exp.build import get_exp_by_name

    net = get_exp_by_name(name.removeprefix(NEW).replace("_", "-")).get_model()
    if name.startswith(NEW):
        write(name[len(NEW):], "written.pt")
    else:
        checkpoints.shake(net, 7)
        torch.save({"start_epoch": 1, "model": net.state_dict()}, "made.pt")
        write("made.pt", "written.pt")
    before = {key: tensor.clone() for key, tensor in net.state_dict().items()}
    written = torch.load("written.pt", weights_only=True)["model"]
    yield "state dictionary", net.load_state_dict(written, strict=True) is not None
    if not name.startswith(NEW):
        yield "weights as before", all(torch.equal(written[key], tensor) for key, tensor in before.items())
    net.head.decode_in_inference = False  # as YOLOX exports it
    yield "saker's output", apart(saker_output(saker, "written.pt"), forward(net)) < BAR


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("writer", type=pathlib.Path)
    parser.add_argument("saker", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    writer, saker, failed = str(arguments.writer.resolve()), str(arguments.saker.resolve()), 0
    try:
        import torch
    except ImportError:
        print("skipped: torch is missing")
        return 0
    write = lambda source, to: subprocess.run([writer, source, to], check=True)
    names = "yolov8n yolo11n repo5n yolox_nano new-yolov8n new-yolo11n new-yolov5n new-yolox-nano".split()
    for name in arguments.names or names:
        check = (repository if name.startswith(("repo", NEW + "yolov5")) else
                 yolox if name.startswith(("yolox", NEW + "yolox")) else ultralytics)
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            torch.manual_seed(len(name))
            try:
                for what, good in check(name, write, saker, tiny_set(pathlib.Path(folder) / "set")):
                    print("%-12s %-28s %s" % (name, what, "ok" if good else "WRONG"), flush=True)
                    failed += not good
            except ImportError as missing:
                print("%-12s skipped: %s" % (name, missing))
            os.chdir("/")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
