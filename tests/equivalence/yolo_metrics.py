#!/usr/bin/env python3
"""The YOLO frameworks' numbers by saker, against the frameworks themselves.

  yolo_metrics.py YOLO_NUMBERS [--sets 300] [--seed 5000]       random sets
  yolo_metrics.py YOLO_NUMBERS --saker SAKER --assets ASSETS    a real model's boxes on coco/val too
  yolo_metrics.py YOLO_NUMBERS --results R.json --annotations A.json   somebody's boxes too

Needs ultralytics, whose matching must be that of 8.4.190 (else its part is skipped), and yolov5 7.0 for the classic
rules (else skipped). Passes where no number and no point of a curve differs by more than 1e-6 and all counts are equal.
"""
import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

if not importlib.util.find_spec('torch'):
    print('skipped: the YOLO frameworks are not installed (torch, ultralytics, yolov5)')
    sys.exit(0)
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../../src/eval/testdata'))
import yolo_sets


def latest_is_installed():
    """A box whose best true box is taken must take the other one."""
    if not importlib.util.find_spec('ultralytics'):
        return False
    contested = {'rules': 'latest', 'categories': 1, 'pictures': 1, 'truth': [[0, 0, 0, 0, 10, 10, 0], [0, 0, 2, 0, 10, 10, 0]],
                 'found': [[0, 0, 0, 0, 10, 10, .75], [0, 0, .5, 0, 10, 10, .5]]}
    return yolo_sets.latest(contested)['all'][3] > .9


def ours(program, sets):
    lines = '\n'.join(json.dumps(s) for s in sets)
    out = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def difference(got, expected):
    """The largest, of all numbers; infinite where counts differ."""
    rows, wanted = got.get('categories') or [], expected['categories']
    if [r['category'] for r in rows] != [w['category'] for w in wanted]:
        return float('inf')
    if 'confusion' in expected and not np.array_equal(got['confusion'], expected['confusion']):
        return float('inf')
    worst = np.abs(np.array(got['all']) - expected['all']).max()
    for row, want in zip(rows, wanted):
        worst = max(worst, np.abs(np.array(row['numbers']) - want['numbers']).max())
        for curve, other in zip(row['curves'], want.get('curves', [])):
            worst = max(worst, np.abs(np.array(curve) - other).max())
    return float(worst)


def random_sets(program, count, seed, rules, reference):
    sets = [yolo_sets.random_set(seed + i, 12, rules) for i in range(count)]
    worst, failed = 0, 0
    for i, (data, got) in enumerate(zip(sets, ours(program, sets))):
        d = difference(got, reference(data))
        worst = max(worst, d)
        if d > 1e-6:
            failed += 1
            print(f'FAIL random set {seed + i} ({rules}): differs by {d:.3g}')
    print(f'{"FAIL" if failed else "ok  "} {count} random sets, {rules} rules: largest difference {worst:.3g}')
    return failed == 0


def real_set(annotations, results):
    truth, found = json.load(open(annotations)), json.load(open(results))
    pictures = {p['id']: i for i, p in enumerate(truth['images'])}
    categories = {c['id']: i for i, c in enumerate(truth['categories'])}
    place = lambda b: [pictures[b['image_id']], categories[b['category_id']], *b['bbox']]
    return {'categories': len(categories), 'pictures': len(pictures),
            'truth': [place(a) + [a.get('iscrowd', 0)] for a in truth['annotations']],
            'found': [place(f) + [float(np.float32(f['score']))] for f in found]}  # as a model gives it


def compare_real(program, name, data, references):
    good = True
    for rules, reference in references:
        got, expected = ours(program, [{**data, 'rules': rules}])[0], reference(data)
        d = difference(got, expected)
        good &= d <= 1e-6
        p, r, f1, map50, map50_95 = got['all']
        print(f'{"ok  " if d <= 1e-6 else "FAIL"} {name}, {rules} rules: {len(data["found"])} boxes in {got["ms"]:.0f} ms; P {p:.4f} R {r:.4f} '
              f'F1 {f1:.4f} mAP50 {map50:.5f} mAP50-95 {map50_95:.5f}; largest difference {d:.3g}')
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('--sets', type=int, default=300)
    parser.add_argument('--seed', type=int, default=5000)
    parser.add_argument('--saker')
    parser.add_argument('--assets')
    parser.add_argument('--results')
    parser.add_argument('--annotations')
    args = parser.parse_args()
    references = []
    if latest_is_installed():
        references.append(('latest', yolo_sets.latest))
    else:
        print('skipped: ultralytics is not installed, or matches by other rules than 8.4.190')
    if importlib.util.find_spec('yolov5'):
        references.append(('classic', yolo_sets.classic))
    else:
        print('skipped: yolov5 is not installed')
    good = True
    for rules, reference in references:
        good &= random_sets(args.program, args.sets, args.seed, rules, reference)
    if args.results:
        good &= compare_real(args.program, args.results, real_set(args.annotations, args.results), references)
    if args.saker and references:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([args.saker, 'detect', args.assets + '/models/yolov8n.onnx', args.assets + '/coco/val/images', '--conf', '.001', '--iou',
                            '.7', '--multi-label', '--max-det', '300', '--format', 'coco', '--out', folder + '/r.json', '--quiet'],
                           check=True, stdout=subprocess.DEVNULL)
            data = real_set(args.assets + '/coco/val/instances_val.json', folder + '/r.json')
        good &= compare_real(args.program, 'yolov8n on coco/val', data, references)
    sys.exit(0 if good else 1)


if __name__ == '__main__':
    main()
