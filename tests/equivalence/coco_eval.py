#!/usr/bin/env python3
"""saker's twelve COCO numbers, overall and for each category, against pycocotools.

  coco_eval.py SCORE_RESULTS [--sets 200] [--seed 1000]            random sets
  coco_eval.py SCORE_RESULTS --saker SAKER --assets ASSETS         boxes of real models on coco/val too
  coco_eval.py SCORE_RESULTS --time [--pictures 5000]              how long both take on a large random set

Passes where no number differs by more than 1e-9; also says how many are equal to the last bit.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../../src/eval/testdata'))
import coco_sets

MODELS = (('yolov5n', '.7'), ('yolov8n', '.7'), ('yolox_nano', '.65'))


def scored(program, annotations_file, results_file, *rest):
    run = subprocess.run([program, annotations_file, results_file, *map(str, rest)], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f'{program}: {run.stderr.strip()}')
    return json.loads(run.stdout)


def flat(numbers, by_category):
    return np.array([v for row in [numbers, *(by_category[c] for c in sorted(by_category))] for v in row])


def compare(program, annotations, results, folder):
    """(largest difference, how many numbers, how many of them equal to the last bit, AP)"""
    for name, content in (('a', annotations), ('r', results)):
        with open(f'{folder}/{name}.json', 'w') as f:
            json.dump(content, f)
    ours = scored(program, folder + '/a.json', folder + '/r.json')
    theirs = coco_sets.score(*coco_sets.load(annotations, results))
    a = flat(ours['numbers'], {int(c): row for c, row in ours['by_category'].items()} if ours['by_category'] else {})
    b = flat(theirs.stats, coco_sets.numbers_by_category(theirs))
    if a.shape != b.shape:
        return float('inf'), b.size, 0, theirs.stats[0]
    return float(np.abs(a - b).max()), b.size, int((a == b).sum()), theirs.stats[0]


def random_sets(program, count, first_seed, folder):
    worst = total = equal = failed = 0
    for seed in range(first_seed, first_seed + count):
        difference, numbers, same, _ = compare(program, *coco_sets.random_set(seed), folder)
        worst, total, equal = max(worst, difference), total + numbers, equal + same
        if difference > 1e-9:
            failed += 1
            print(f'FAIL random set {seed}: a number differs by {difference:.3g}')
    print(f'{"FAIL" if failed else "ok  "} {count} random sets: {total} numbers, {equal} equal to the last bit, largest difference {worst:.3g}')
    return failed


def real_models(program, saker, assets, folder):
    with open(assets + '/coco/val/instances_val.json') as f:
        annotations = json.load(f)
    failed = 0
    for name, iou in MODELS:
        subprocess.run([saker, 'detect', f'{assets}/models/{name}.onnx', assets + '/coco/val/images', '--conf', '.001', '--iou', iou, '--multi-label',
                        '--max-det', '300', '--format', 'coco', '--out', folder + '/d.json', '--quiet'], check=True, stdout=subprocess.DEVNULL)
        with open(folder + '/d.json') as f:
            results = json.load(f)
        difference, numbers, same, ap = compare(program, annotations, results, folder)
        failed += difference > 1e-9
        print(f'{"FAIL" if difference > 1e-9 else "ok  "} {name} on coco/val: {len(results)} boxes, AP {ap:.6f}, {numbers} numbers, '
              f'{same} equal to the last bit, largest difference {difference:.3g}')
    return failed


def large_set(pictures, seed=1):
    """Numbers of COCO val2017 and a detector at confidence .001: 7 true and 100 found boxes a picture, 80 categories."""
    r = np.random.default_rng(seed)
    often = 1 / np.arange(1, 81)
    often /= often.sum()
    def boxes(count):
        w, h = np.exp(r.uniform(np.log(8), np.log(300), (2, count)))
        b = np.stack([r.uniform(0, 640, count) - w / 2, r.uniform(0, 480, count) - h / 2, w, h], 1)
        return r.integers(1, pictures + 1, count), r.choice(80, count, p=often) + 1, b.round(2)
    image, category, box = boxes(int(7.2 * pictures))
    truths = [{'id': i + 1, 'image_id': int(p), 'category_id': int(c), 'bbox': b.tolist(), 'area': b[2] * b[3] * .7, 'iscrowd': int(i % 80 == 0)}
              for i, (p, c, b) in enumerate(zip(image, category, box))]
    near = np.repeat(np.arange(len(truths)), 5)  # five boxes around each true one, the rest anywhere
    shifted = box[near] * r.normal(1, .08, (len(near), 4))
    image2, category2, box2 = boxes(100 * pictures - len(near))
    rows = zip(np.concatenate([image[near], image2]), np.concatenate([category[near], category2]),
               np.concatenate([shifted, box2]).round(3), r.uniform(.001, 1, 100 * pictures)**3)
    results = [{'image_id': int(p), 'category_id': int(c), 'bbox': b.tolist(), 'score': round(float(s), 5)} for p, c, b, s in rows]
    return {'images': [{'id': i + 1, 'file_name': f'{i + 1}.jpg', 'width': 640, 'height': 480} for i in range(pictures)],
            'categories': [{'id': i + 1, 'name': f'c{i + 1}'} for i in range(80)], 'annotations': truths}, results


def compare_times(program, pictures, folder):
    annotations, results = large_set(pictures)
    difference, _, _, _ = compare(program, annotations, results, folder)
    print(f'{pictures} pictures, {len(annotations["annotations"])} true boxes, {len(results)} found; largest difference {difference:.3g}')
    truth, found = coco_sets.load(annotations, results)
    evaluator = coco_sets.COCOeval(truth, found, 'bbox')
    start = time.perf_counter()
    for step in (evaluator.evaluate, evaluator.accumulate, evaluator.summarize):
        coco_sets.quiet(step)
    theirs = (time.perf_counter() - start) * 1e3
    print(f'pycocotools          {theirs:9.1f} ms')
    slow = False
    for threads in (1, 2):
        ours = scored(program, folder + '/a.json', folder + '/r.json', threads, 5)['ms']
        slow = slow or theirs / ours < 10
        print(f'saker, {threads} thread{"s" if threads > 1 else " "}     {ours:9.1f} ms, {theirs / ours:.0f} times faster')
    return (difference > 1e-9) + slow


def main():
    p = argparse.ArgumentParser()
    p.add_argument('program')
    p.add_argument('--sets', type=int, default=200)
    p.add_argument('--seed', type=int, default=1000)
    p.add_argument('--saker')
    p.add_argument('--assets')
    p.add_argument('--time', action='store_true')
    p.add_argument('--pictures', type=int, default=5000)
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.time:
            failed = compare_times(args.program, args.pictures, folder)
        else:
            failed = random_sets(args.program, args.sets, args.seed, folder)
            if args.saker:
                failed += real_models(args.program, args.saker, args.assets, folder)
    sys.exit(1 if failed else 0)


main()
