#!/usr/bin/env python3
"""A run of `saker train` in the framework of its family: best.pt opens there, computes what saker computes, and its mAP
there is that of `saker eval`, to 0.3 points, once both see the same pixels (square, made smaller by interpolation) and
boxes end at the picture's edge; the data's pictures must be square.

    trained_run.py build/release/saker RUN_FOLDER DATA.yaml IMGSZ

Needs torch, onnxruntime, and ultralytics or yolov5 (whichever the checkpoint is of).
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import cv2
import numpy

import written_checkpoints as written

numpy.trapz = getattr(numpy, "trapezoid", None)  # yolov5 7.0.14 knows the old name
MAP_BAR = 0.3  # points


def saker_map(saker, weights, data, side):
    report = "eval.json"
    subprocess.run([saker, "eval", weights, "--data", data, "--imgsz", side, "--json", report, "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    numbers = json.load(open(report))["yolo"]
    return 100 * numbers["mAP50"], 100 * numbers["mAP50-95"]


def ultralytics_map(weights, data, side):
    from ultralytics import YOLO
    from ultralytics.models.yolo.detect.val import DetectionValidator

    # Its val (8.4) counts boxes that reach beyond the picture as they are; its predict, its COCO results and saker cut
    # them off there.
    whole = DetectionValidator.postprocess

    def cut(self, predictions):
        found = whole(self, predictions)
        for one in found:
            one["bboxes"] = one["bboxes"].clamp(0, int(side))
        return found

    DetectionValidator.postprocess = cut
    box = YOLO(weights).val(data=data, imgsz=int(side), plots=False, verbose=False, workers=0, rect=False, batch=16,
                            device="cpu").box
    return 100 * box.map50, 100 * box.map


def yolov5_map(weights, data, side):
    written.stand_in()
    from yolov5 import val
    from yolov5.utils import general

    general.check_font = lambda *_, **__: None
    # As its detect.py sees pictures, and saker: square, and made smaller by interpolation.
    cv2.INTER_AREA = cv2.INTER_LINEAR
    square = val.create_dataloader
    val.create_dataloader = lambda *words, **named: square(*words, **{**named, "rect": False})
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
