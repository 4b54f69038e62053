#!/usr/bin/env python3
"""Random sets of true and found boxes, and what the YOLO frameworks say of them: yolo_sets.py > yolo_recorded.json

Needs ultralytics (8.4.190) and yolov5 (7.0). The recorded sets are small; tests/equivalence/yolo_metrics.py imports
this for larger ones. A set is what tests/support/yolo_set.h reads.
"""
import contextlib
import json
import random
import sys

import numpy as np
import torch


def random_set(seed, most_pictures=12, rules='latest'):
    r = random.Random(seed)
    categories, pictures = r.randint(1, 5), r.randint(1, most_pictures)
    # Under the classic rules numpy's unstable sort decides between equal overlaps: no grid there.
    grid = 0 if rules == 'classic' else r.choice((0, 0, 4))
    side, ties = r.choice((60, 200)), r.random() < .3
    used = range(r.randint(1, categories))  # the others have no true boxes

    def box():
        b = [r.uniform(0, side), r.uniform(0, side), r.uniform(2, side / 2), r.uniform(2, side / 2)]
        return [max(grid * round(v / grid), grid) for v in b] if grid else [round(v, 2) for v in b]

    truth, found = [], []
    for p in range(pictures):
        for _ in range(r.choice((0, 1, 3, 8))):
            truth.append([p, r.choice(used), *box(), int(r.random() < .05)])
            if r.random() < .03:
                truth.append(truth[-1])
            if r.random() < .03:
                truth[-1] = truth[-1][:4] + [0, 5, 0]
    for t in truth:
        for _ in range(r.choice((0, 1, 1, 1, 2, 3))):
            spread = r.choice((0, .05, .2, .5))
            moved = [t[2] + r.uniform(-1, 1) * spread * t[4], t[3] + r.uniform(-1, 1) * spread * t[5],
                     t[4] * (1 + r.uniform(-1, 1) * spread), t[5] * (1 + r.uniform(-1, 1) * spread)]
            if grid:
                moved = [grid * round(v / grid) for v in moved]
            found.append([t[0], t[1] if r.random() < .85 else r.randrange(categories), *(round(v, 2) for v in moved)])
    for _ in range(r.choice((0, 5, 30))):
        found.append([r.randrange(pictures), r.randrange(categories), *box()])
    r.shuffle(found)
    scores = [i / 20 for i in range(21)] if ties else None
    found = [f + [r.choice(scores) if ties else r.random()] for f in found]
    found = [f[:6] + [float(np.float32(f[6]))] for f in found]
    return {'rules': rules, 'categories': categories, 'pictures': pictures, 'truth': truth, 'found': found}


def label_lists(data):
    """Per picture: (true boxes, found boxes), as the frameworks' readers leave them: float32 edges and category."""
    pictures = []
    for p in range(data['pictures']):
        rows = []
        for t in data['truth']:
            if t[0] == p and not t[6] and t[4] > 0 and t[5] > 0 and t[1:6] not in rows:
                rows.append(t[1:6])
        truth = np.array([[c, x, y, x + w, y + h] for c, x, y, w, h in rows], np.float64).reshape(-1, 5)
        found = np.array([[x, y, x + w, y + h, s, c] for q, c, x, y, w, h, s in data['found'] if q == p], np.float64)
        found = found.reshape(-1, 6)
        found = found[np.argsort(-found[:, 4], kind='stable')]
        pictures.append((torch.tensor(truth, dtype=torch.float32), torch.tensor(found, dtype=torch.float32)))
    return pictures


class StableSort:
    """numpy.argsort with equal values in their order, so that there is one answer."""

    def __enter__(self):
        self.argsort = np.argsort
        np.argsort = lambda a, *args, **kw: self.argsort(a, *args, **{**kw, 'kind': 'stable'})

    def __exit__(self, *_):
        np.argsort = self.argsort


def by_category(results):
    """(tp, fp, p, r, f1, ap, categories, p_curve, r_curve, f1_curve, x, pr_curve) -> what yolo_numbers says."""
    _, _, p, r, f1, ap, found = results[:7]
    rows = []
    for i, c in enumerate(found):
        rows.append({'category': int(c), 'numbers': [p[i], r[i], f1[i], ap[i, 0], ap[i].mean()]})
        if len(results) > 7:
            rows[-1]['curves'] = [results[k][i] for k in (7, 8, 9, 11)]
    return rows


def means(rows):
    return np.mean([row['numbers'] for row in rows], axis=0) if rows else np.zeros(5)


def latest(data):
    from ultralytics.models.yolo.detect import DetectionValidator
    from ultralytics.utils.metrics import ConfusionMatrix, ap_per_class
    validator = DetectionValidator()
    matrix = ConfusionMatrix(names={i: str(i) for i in range(data['categories'])})
    correct, scores, categories, true_categories = [np.zeros((0, 10), bool)], [[]], [[]], [[]]
    for truth, found in label_lists(data):
        batch = {'cls': truth[:, 0], 'bboxes': truth[:, 1:]}
        boxes = {'bboxes': found[:, :4], 'conf': found[:, 4], 'cls': found[:, 5]}
        correct.append(validator._process_batch(boxes, batch)['tp'])
        scores.append(found[:, 4].numpy())
        categories.append(found[:, 5].numpy())
        true_categories.append(truth[:, 0].numpy())
        matrix.process_batch(boxes, batch, conf=.25)
    with StableSort():
        results = ap_per_class(np.concatenate(correct), *map(np.concatenate, (scores, categories, true_categories)))
    rows = by_category(results)
    return {'all': means(rows), 'categories': rows, 'confusion': matrix.matrix}


def classic(data):
    if not hasattr(np, 'trapz'):
        np.trapz = np.trapezoid
    from yolov5.utils.metrics import ap_per_class
    from yolov5.val import process_batch
    thresholds = torch.linspace(.5, .95, 10)
    correct, scores, categories, true_categories = [np.zeros((0, 10), bool)], [[]], [[]], [[]]
    for truth, found in label_lists(data):
        if len(found) and len(truth):
            correct.append(process_batch(found, truth, thresholds).numpy())
        else:
            correct.append(np.zeros((len(found), 10), bool))
        scores.append(found[:, 4].numpy())
        categories.append(found[:, 5].numpy())
        true_categories.append(truth[:, 0].numpy())
    arrays = list(map(np.concatenate, (scores, categories, true_categories)))
    if not len(arrays[2]):
        return {'all': means([]), 'categories': []}
    with StableSort():
        rows = by_category(ap_per_class(np.concatenate(correct), *arrays, names={}))
    return {'all': means(rows), 'categories': rows}


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def record(seed):
    rules = 'classic' if seed % 3 == 2 else 'latest'
    data = random_set(seed, 5, rules)
    result = latest(data) if rules == 'latest' else classic(data)
    for row in result['categories']:
        row['curves'] = [[float(c[i]) for i in (0, 137, 500, 862, 999)] for c in row.get('curves', [])]
    return {**data, 'expected': plain(result)}


if __name__ == '__main__':
    with contextlib.redirect_stdout(sys.stderr):  # the libraries talk
        recorded = [record(seed) for seed in range(24)]
    print('[' + ',\n'.join(json.dumps(r, separators=(',', ':')) for r in recorded) + ']')
