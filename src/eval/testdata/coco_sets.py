#!/usr/bin/env python3
"""Random sets of true and found boxes, and what pycocotools says of them: coco_sets.py > coco_recorded.json

Needs pycocotools 2.0. The recorded sets are small; tests/equivalence/coco_eval.py imports this for many larger ones.
"""
import contextlib
import io
import json
import random

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def box(r, side, grid):
    w, h = r.uniform(1, side / 2), r.uniform(1, side / 2)
    x, y = r.uniform(-4, side), r.uniform(-4, side)
    if r.random() < .03:
        w = 0
    if r.random() < .03:
        h = 0
    if grid:  # many equal overlaps
        return [max(grid * round(v / grid), 0) for v in (x, y, w, h)]
    return [round(v, r.choice((1, 2, 12))) for v in (x, y, w, h)]


def area(r, b):
    return r.choice((b[2] * b[3], b[2] * b[3], b[2] * b[3] * r.random(), 1024, 9216, 1023.999, 0, 1e10))


def near(r, b, spread):
    return [b[0] + r.uniform(-1, 1) * spread * b[2], b[1] + r.uniform(-1, 1) * spread * b[3],
            b[2] * (1 + r.uniform(-1, 1) * spread), b[3] * (1 + r.uniform(-1, 1) * spread)]


def random_set(seed, most_pictures=30):
    """(annotations as COCO writes them, results): every rule of the metric comes up in some of them."""
    r = random.Random(seed)
    side, grid = r.choice((48, 200, 640)), r.choice((0, 0, 8, 16))
    pictures = r.sample(range(1000), 1 if r.random() < .1 else r.randint(2, most_pictures))
    categories = r.sample(range(1, 91), r.randint(1, 6))
    crowds, most_truths = r.choice((0, .1, .5)), r.choice((1, 4, 12))
    scores = r.choice((1, 4, 20, 10**6, 10**6))  # how many different ones: ties
    spread, invented, many = r.choice((0, .05, .2)), r.choice((0, 2, 8)), r.random() < .15
    truths, found = [], []
    for picture in pictures:
        if r.random() < .15:
            continue  # nothing true in it, perhaps something found
        for category in categories[:r.randint(0, len(categories))]:
            for _ in range(r.randint(0, most_truths)):
                b = box(r, side, grid)
                truths.append({'image_id': picture, 'category_id': category, 'bbox': b, 'area': area(r, b),
                               'iscrowd': int(r.random() < crowds)})
    first = r.choice((0, 1, 1, 1))
    for i, t in zip(r.sample(range(first, first + len(truths)), len(truths)), truths):
        t['id'] = i
    score = lambda: r.randint(0, scores) / scores
    for t in truths:
        for _ in range(r.choice((0, 1, 1, 2))):
            found.append({**t, 'bbox': near(r, t['bbox'], spread)})
    for picture in pictures:
        for category in categories:
            for _ in range(r.randint(0, invented) + (110 if many and r.random() < .1 else 0)):
                found.append({'image_id': picture, 'category_id': category, 'bbox': box(r, side, grid)})
    found = [{'image_id': f['image_id'], 'category_id': f['category_id'], 'bbox': f['bbox'], 'score': score()} for f in found]
    r.shuffle(found)
    r.shuffle(truths)
    if r.random() < .04:
        found = []
    return {'images': [{'id': i, 'file_name': f'{i}.jpg', 'width': side, 'height': side} for i in pictures],
            'categories': [{'id': i, 'name': f'c{i}'} for i in categories], 'annotations': truths}, found


def quiet(function, *args):
    with contextlib.redirect_stdout(io.StringIO()):
        return function(*args)


def load(annotations, results):
    """COCO objects; made from copies, since pycocotools writes into what it is given."""
    truth, found = COCO(), COCO()
    truth.dataset = json.loads(json.dumps(annotations))
    quiet(truth.createIndex)
    if results:
        return truth, quiet(truth.loadRes, json.loads(json.dumps(results)))
    found.dataset = {**truth.dataset, 'annotations': []}  # loadRes cannot
    quiet(found.createIndex)
    return truth, found


def score(truth, found):
    """A COCOeval after evaluate, accumulate and summarize."""
    e = COCOeval(truth, found, 'bbox')
    for step in (e.evaluate, e.accumulate, e.summarize):
        quiet(step)
    return e


def numbers_by_category(e):
    """{category id: the twelve numbers}, from the arrays of accumulate."""
    mean = lambda v: float(np.mean(v[v > -1])) if (v > -1).any() else -1.0
    rows = {}
    for k, category in enumerate(e.params.catIds):
        p = lambda area, t=slice(None): mean(e.eval['precision'][t, :, k, area, 2].copy())
        r = lambda area, m: mean(e.eval['recall'][:, k, area, m].copy())
        rows[int(category)] = [p(0), p(0, slice(0, 1)), p(0, slice(5, 6)), p(1), p(2), p(3),
                               r(0, 0), r(0, 1), r(0, 2), r(1, 2), r(2, 2), r(3, 2)]
    return rows


def record(seed):
    annotations, results = random_set(seed, 5)
    e = score(*load(annotations, results))
    by_category = numbers_by_category(e)
    flag = lambda t: [t['id'], t['image_id'], t['category_id'], *t['bbox'], t['area'], t['iscrowd']]
    return {'seed': seed, 'pictures': [i['id'] for i in annotations['images']],
            'categories': [c['id'] for c in annotations['categories']],
            'truths': [flag(t) for t in annotations['annotations']],
            'found': [[f['image_id'], f['category_id'], *f['bbox'], f['score']] for f in results],
            'numbers': e.stats.tolist(),
            'by_category': [by_category[c['id']] for c in annotations['categories']]}


if __name__ == '__main__':
    print('[' + ',\n'.join(json.dumps(record(seed), separators=(',', ':')) for seed in range(12)) + ']')
