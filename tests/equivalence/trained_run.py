#!/usr/bin/env python3
"""A run of `saker train` in the framework of its family: best.pt opens there, computes what saker computes, and its mAP
there is that of `saker eval`, to 0.3 points.

    trained_run.py build/release/saker RUN_FOLDER DATA.yaml IMGSZ

Needs torch, onnxruntime, and ultralytics or yolov5 (whichever the checkpoint is of).
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import written_checkpoints as written

MAP_BAR = 0.3  # points


def saker_map(saker, weights, data, side):
    report = "eval.json"
    subprocess.run([saker, "eval", weights, "--data", data, "--imgsz", side, "--json", report, "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    numbers = json.load(open(report))["yolo"]
    return 100 * numbers["map50"], 100 * numbers["map50_95"]


def ultralytics_map(weights, data, side):
    from ultralytics import YOLO

    box = YOLO(weights).val(data=data, imgsz=int(side), plots=False, verbose=False, workers=0, rect=False, batch=16,
                            device="cpu").box
    return 100 * box.map50, 100 * box.map


def yolov5_map(weights, data, side):
    written.stand_in()
    from yolov5 import val
    from yolov5.utils import general

    general.check_font = lambda *_, **__: None
    results = val.run(data=data, weights=weights, imgsz=int(side), workers=0, plots=False, device="cpu", iou_thres=0.7,
                      batch_size=1)[0]
    return 100 * results[2], 100 * results[3]


def main():
    saker, run, data, side = sys.argv[1:5]
    saker, data = os.path.abspath(saker), os.path.abspath(data)
    weights = os.path.abspath(pathlib.Path(run) / "weights" / "best.pt")
    os.chdir(tempfile.mkdtemp(prefix="trained_run_"))
    import torch

    written.stand_in()
    try:
        import yolov5  # makes models.yolo known to pickle
    except ImportError:
        pass
    model = torch.load(weights, weights_only=False)["model"]
    mine = type(model).__module__.startswith("ultralytics")
    off = written.apart(written.saker_output(saker, weights), written.forward(model))
    theirs = (ultralytics_map if mine else yolov5_map)(weights, data, side)
    ours = saker_map(saker, weights, data, side)
    print("outputs apart by %.2g of the largest; mAP50 %.2f and mAP50-95 %.2f in %s, %.2f and %.2f in saker" %
          (off, *theirs, "Ultralytics" if mine else "yolov5", *ours))
    apart = max(abs(a - b) for a, b in zip(theirs, ours))
    sys.exit(0 if off < written.BAR and apart <= MAP_BAR else "too far apart")


if __name__ == "__main__":
    main()
