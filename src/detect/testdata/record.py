#!/usr/bin/env python3
"""Records what the reference implementations say, for the tests of this folder: record.py > recorded.inc

Needs opencv-python 5.0, numpy, torch, torchvision, ultralytics 8.4, yolov5 7.0 (PyPI) and YOLOX 0.3.0
on the import path. The inputs are made by formula, here and in test_util.h, so only results are stored.
"""
import importlib.util
import os

import cv2
import numpy as np
import torch
import torchvision


class Random:
    """The generator of test_util.h: 32-bit LCG."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return self.state

    def byte(self):
        return self.next() >> 24

    def unit(self):
        return (self.next() >> 8) / 2**24

    def between(self, low, high):
        return low + self.unit() * (high - low)


def picture(width, height, seed=1):
    r = Random(seed)
    return np.array([r.byte() for _ in range(width * height * 3)], np.uint8).reshape(height, width, 3)


def fnv(data):
    value = 0xCBF29CE484222325
    for b in data:
        value = (value ^ b) * 0x100000001B3 % 2**64
    return value


def number(v):
    text = "%.8g" % float(v)
    return text + ("F" if "." in text or "e" in text else ".0F")


def rows(name, values):
    print(f"inline const std::vector<Candidate> {name} = {{")
    items = [f"{{{', '.join(number(v) for v in r[:5])}, {int(r[5])}}}," for r in values]
    for i in range(0, len(items), 2):
        print("    " + " ".join(items[i:i + 2]))
    print("};")


def resizing():
    print("// cv2.resize(INTER_LINEAR): source width and height, target width and height, FNV-1a of the bytes.")
    print("inline constexpr ResizeCase kResizeCases[] = {")
    sizes = [(13, 9, 13, 9), (13, 9, 26, 18), (13, 9, 7, 5), (13, 9, 6, 4), (13, 9, 1, 1), (13, 9, 40, 3),
             (13, 9, 5, 31), (13, 9, 12, 9), (13, 9, 13, 8), (12, 8, 6, 4), (12, 8, 6, 8), (12, 8, 12, 4),
             (12, 8, 4, 2), (12, 8, 3, 2), (12, 8, 24, 16), (1, 1, 5, 3), (1, 9, 4, 4), (13, 1, 6, 6), (2, 2, 1, 1),
             (3, 2, 2, 2), (97, 61, 64, 40), (61, 97, 100, 160), (200, 150, 64, 48), (7, 300, 2, 64)]
    for w, h, tw, th in sizes:
        out = cv2.resize(picture(w, h), (tw, th), interpolation=cv2.INTER_LINEAR)
        print(f"    {{{w}, {h}, {tw}, {th}, 0x{fnv(out.tobytes()):016X}}},")
    print("};")
    out = cv2.resize(picture(13, 9), (5, 4), interpolation=cv2.INTER_LINEAR).reshape(-1)
    print("// 13x9 to 5x4, all bytes.")
    print(f"inline constexpr std::uint8_t kResized5x4[] = {{{', '.join(map(str, out))}}};")


def load_file(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def placing():
    import yolox
    from ultralytics.data.augment import LetterBox
    augment = load_file("yolox_augment", os.path.join(os.path.dirname(yolox.__file__), "data", "data_augment.py"))
    print("// Where ultralytics LetterBox and YOLOX preproc put a picture: its size, the input's size (width,")
    print("// height), whether top left, then left, top, width, height.")
    print("inline constexpr PlaceCase kPlaceCases[] = {")
    sizes = [(810, 1080, 640, 640), (1280, 720, 640, 640), (500, 375, 640, 640), (640, 427, 640, 640),
             (333, 500, 416, 416), (641, 480, 640, 640), (100, 33, 640, 480), (33, 100, 640, 480), (427, 640, 416, 416),
             (1919, 1079, 640, 384), (17, 3, 320, 320), (640, 640, 640, 640), (5, 1000, 640, 640), (999, 1001, 640, 640)]
    for w, h, iw, ih in sizes:
        for top_left in (False, True):
            white = np.full((h, w, 3), 255, np.uint8)
            if top_left:
                out = augment.preproc(white, (ih, iw))[0][0]
            else:
                out = LetterBox((ih, iw), auto=False, scaleup=True)(image=white)[..., 0]
            y, x = np.where(out == 255)
            print(f"    {{{w}, {h}, {iw}, {ih}, {str(top_left).lower()}, {x.min()}, {y.min()}, "
                  f"{x.max() - x.min() + 1}, {y.max() - y.min() + 1}}},")
    print("};")


def suppression():
    r = Random(7)
    boxes, scores, classes = [], [], []
    for _ in range(200):
        x, y, w, h = r.between(0, 100), r.between(0, 100), r.between(5, 50), r.between(5, 50)
        boxes.append([np.float32(x), np.float32(y), np.float32(x + w), np.float32(y + h)])
        scores.append(np.float32(np.floor(r.unit() * 64) / 64))  # with ties
        classes.append(int(r.unit() * 3))
    b, s, c = torch.tensor(np.array(boxes)), torch.tensor(np.array(scores)), torch.tensor(classes)
    print("// torchvision.ops.nms and batched_nms at iou 0.45: indexes kept.")
    for name, kept in (("kNmsAgnostic", torchvision.ops.nms(b, s, 0.45)),
                       ("kNmsByClass", torchvision.ops.nms(b + c[:, None] * 7680.0, s, 0.45))):
        print(f"inline const std::vector<int> {name} = {{{', '.join(str(int(i)) for i in kept)}}};")


SIZE, CELLS, CLASSES = 64, 84, 3  # 64x64 pixels: 8*8 + 4*4 + 2*2 cells


def decoded(seed, count, objectness):
    """[count, 4 or 5 + CLASSES]: boxes in pixels, scores that are mostly low."""
    r = Random(seed)
    table = []
    for _ in range(count):
        row = [r.between(0, SIZE), r.between(0, SIZE), r.between(4, 30), r.between(4, 30)]
        if objectness:
            u = r.unit()
            row.append(u * u)
        for _ in range(CLASSES):
            u = r.unit()
            row.append(u * u)
        table.append(row)
    return np.array(table).astype(np.float32)


def logits(seed, count, channels):
    r = Random(seed)
    return np.array([[r.between(-3, 2) for _ in range(channels)] for _ in range(count)]).astype(np.float32)


def yolo8():
    from ultralytics.utils.nms import non_max_suppression
    p = torch.tensor(decoded(11, CELLS, False).T[None].copy())
    print("// ultralytics non_max_suppression, conf 0.5, iou 0.45: the best class, and multi_label.")
    rows("kYolov8Best", non_max_suppression(p.clone(), 0.5, 0.45)[0].numpy())
    rows("kYolov8Multi", non_max_suppression(p.clone(), 0.5, 0.45, multi_label=True)[0].numpy())


def yolo5():
    from yolov5.models.yolo import Detect
    from yolov5.utils.general import non_max_suppression
    p = torch.tensor(decoded(12, 3 * CELLS, True)[None])
    print("// yolov5 non_max_suppression, conf 0.3, iou 0.45: the best class, multi_label, agnostic.")
    rows("kYolov5Best", non_max_suppression(p.clone(), 0.3, 0.45)[0].numpy())
    rows("kYolov5Multi", non_max_suppression(p.clone(), 0.3, 0.45, multi_label=True)[0].numpy())
    rows("kYolov5Agnostic", non_max_suppression(p.clone(), 0.3, 0.45, agnostic=True)[0].numpy())

    # The decoding of Detect alone: its convolutions are identities.
    anchors = [[10, 13, 16, 30, 33, 23], [30, 61, 62, 45, 59, 119], [116, 90, 156, 198, 373, 326]]
    channels = 3 * (5 + CLASSES)
    head = Detect(CLASSES, anchors, [channels] * 3)
    head.stride = torch.tensor([8.0, 16.0, 32.0])
    head.anchors /= head.stride.view(-1, 1, 1)
    for conv in head.m:
        conv.weight.data = torch.eye(channels).view(channels, channels, 1, 1)
        conv.bias.data.zero_()
    head.eval()
    maps = []
    for level, side in enumerate((8, 4, 2)):  # rows of the table: y, x; columns: channels
        table = logits(20 + level, side * side, channels).reshape(side, side, channels)
        maps.append(torch.tensor(table.transpose(2, 0, 1)[None].copy()))
    with torch.no_grad():
        p = head(maps)[0]
    print("// yolov5 Detect and non_max_suppression, conf 0.4, iou 0.45.")
    rows("kYolov5Raw", non_max_suppression(p, 0.4, 0.45)[0].numpy())


def yolo_x():
    from yolox.models.yolo_head import YOLOXHead
    from yolox.utils.boxes import postprocess
    table = logits(31, CELLS, 5 + CLASSES)
    table[:, :4] *= 0.5
    table[:, 4:] = 1 / (1 + np.exp(-table[:, 4:].astype(np.float64)))
    p = torch.tensor(table[None])
    head = YOLOXHead(CLASSES)
    head.hw = [(8, 8), (4, 4), (2, 2)]
    found = postprocess(head.decode_outputs(p.clone(), p.type()), CLASSES, 0.3, 0.45)[0].numpy()
    found = found[np.argsort(-(found[:, 4] * found[:, 5]), kind="stable")]
    print("// YOLOX decode_outputs and postprocess, conf 0.3, iou 0.45.")
    rows("kYolox", [[*r[:4], r[4] * r[5], r[6]] for r in found])


def nanodet():
    """The formulas of NanoDet v0: centre (cell + 0.5) * stride, softmax expectation over 8 bins, class-wise NMS."""
    from ultralytics.utils.nms import non_max_suppression
    boxes, scores = [], []
    for level, (side, stride) in enumerate(((8, 8), (4, 16), (2, 32))):
        score = 1 / (1 + np.exp(-logits(40 + level, side * side, CLASSES).astype(np.float64)))
        sides = logits(50 + level, side * side, 32).astype(np.float64).reshape(-1, 4, 8)
        e = np.exp(sides)
        d = (e / e.sum(2, keepdims=True) * np.arange(8)).sum(2) * stride
        y, x = np.divmod(np.arange(side * side), side)
        cx, cy = (x + 0.5) * stride, (y + 0.5) * stride
        boxes.append(np.stack([cx - d[:, 0], cy - d[:, 1], cx + d[:, 2], cy + d[:, 3]], 1))
        scores.append(score)
    b, s = np.concatenate(boxes), np.concatenate(scores)
    xywh = np.concatenate([(b[:, :2] + b[:, 2:]) / 2, b[:, 2:] - b[:, :2], s], 1).astype(np.float32)
    print("// NanoDet formulas and ultralytics non_max_suppression, conf 0.6, iou 0.6.")
    rows("kNanodet", non_max_suppression(torch.tensor(xywh.T[None].copy()), 0.6, 0.6)[0].numpy())


if __name__ == "__main__":
    import contextlib
    import io
    import sys
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        print("// Results of reference implementations, recorded by record.py.")
        resizing()
        placing()
        suppression()
        yolo8()
        yolo5()
        yolo_x()
        nanodet()
    lines = text.getvalue().splitlines()
    known = ("//", "inline", "    ", "}")
    sys.stdout.write("\n".join(line for line in lines if line.startswith(known)) + "\n")
