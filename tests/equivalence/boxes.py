#!/usr/bin/env python3
"""Boxes of `saker detect` against ONNX Runtime with reference post-processing, and mAP on coco/val.

  boxes.py SAKER ASSETS

1. images/bus.jpg with yolov8n: the same boxes within 1 pixel and 0.005 score.
2. coco/val scored by pycocotools (conf .001, multi-label, 300 boxes): within 0.10 of the figures
   that the models' own pipelines give.
"""
import contextlib, io, json, os, subprocess, sys, tempfile
import cv2, numpy as np, onnxruntime
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

saker, assets = sys.argv[1], sys.argv[2]
failed = 0


def iou(a, b):
    w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    return w * h / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h + 1e-9)


def reference_boxes(model, picture, conf, threshold):
    im = cv2.imread(picture)
    h, w = im.shape[:2]
    r = min(640 / h, 640 / w)
    nw, nh = round(w * r), round(h * r)
    canvas = np.full((640, 640, 3), 114, np.uint8)
    left, top = round((640 - nw) / 2 - .1), round((640 - nh) / 2 - .1)
    canvas[top:top + nh, left:left + nw] = cv2.resize(im, (nw, nh), interpolation=cv2.INTER_LINEAR)
    x = np.ascontiguousarray(canvas[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255)
    p = onnxruntime.InferenceSession(model).run(None, {'images': x})[0][0].T
    found = []
    for row in p[p[:, 4:].max(1) > conf]:
        c, s = int(row[4:].argmax()), float(row[4:].max())
        cx, cy, bw, bh = row[:4]
        found.append((s, c, [(cx - bw / 2 - left) / r, (cy - bh / 2 - top) / r, (cx + bw / 2 - left) / r, (cy + bh / 2 - top) / r]))
    found.sort(key=lambda d: -d[0])
    keep = []
    for d in found:
        if all(k[1] != d[1] or iou(k[2], d[2]) <= threshold for k in keep):
            keep.append(d)
    return [(s, c, [min(max(v, 0), lim) for v, lim in zip(b, (w, h, w, h))]) for s, c, b in keep]


def check_bus():
    model, picture = assets + '/models/yolov8n.onnx', assets + '/images/bus.jpg'
    out = subprocess.run([saker, 'detect', model, picture, '--conf', '.25', '--iou', '.45', '--format', 'json'], capture_output=True, text=True, check=True)
    ours = json.loads(out.stdout)[0]['detections']
    theirs = reference_boxes(model, picture, .25, .45)
    good = len(ours) == len(theirs)
    pixels = score = 0.0
    for s, c, b in theirs:
        same = [d for d in ours if d['class_id'] == c]
        nearest = min(same, key=lambda d: max(abs(u - v) for u, v in zip(d['box'], b)), default=None)
        if nearest is None:
            good = False
            continue
        pixels = max(pixels, max(abs(u - v) for u, v in zip(nearest['box'], b)))
        score = max(score, abs(nearest['score'] - s))
    good = good and pixels <= 1 and score <= .005
    print(f'{"ok  " if good else "FAIL"} bus.jpg, yolov8n: {len(ours)} boxes, {len(theirs)} in the reference; at most {pixels:.4f} pixels and {score:.6f} score apart')
    return good


def coco_map(model, iou_threshold):
    annotations, images = assets + '/coco/val/instances_val.json', assets + '/coco/val/images'
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([saker, 'detect', model, images, '--conf', '.001', '--iou', str(iou_threshold), '--multi-label', '--max-det', '300',
                        '--format', 'coco', '--out', folder + '/d.json', '--quiet'], check=True, stdout=subprocess.DEVNULL)
        results = json.load(open(folder + '/d.json'))
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(annotations)
        scorer = COCOeval(truth, truth.loadRes(results), 'bbox')
        scorer.evaluate()
        scorer.accumulate()
        scorer.summarize()
    return scorer.stats[0] * 100


failed += not check_bus()
for name, threshold, expected in (('yolov5n', .7, 33.37), ('yolov8n', .7, 41.57), ('yolox_nano', .65, 32.13), ('yolo11n', .7, 42.92), ('yolov10n', .7, 42.40)):
    got = coco_map(f'{assets}/models/{name}.onnx', threshold)
    good = abs(got - expected) <= .1
    failed += not good
    print(f'{"ok  " if good else "FAIL"} {name}: mAP {got:.2f}, reference {expected:.2f}')
sys.exit(1 if failed else 0)
